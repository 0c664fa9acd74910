using System.Diagnostics;
using System.Globalization;

namespace TravelPerkScim.Simulation;

/// <summary>Runs scenarios: <c>--seeds N</c> of them from <c>--from S</c>, or one with <c>--seed S</c>, which then tells its story.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] words)
    {
        if (Number(words, "seed") is { } only)
            return await Runner.RunOneAsync(only, Console.Out).ConfigureAwait(false) ? 0 : 1;
        int seeds = Number(words, "seeds") ?? 2000, from = Number(words, "from") ?? 1;
        long began = Stopwatch.GetTimestamp();
        RunSummary summary = await Runner.RunManyAsync(from, seeds, Console.Out).ConfigureAwait(false);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{seeds:N0} seeds, {summary.Failed} failed: {summary.Cycles:N0} cycles, {summary.Requests:N0} requests, {summary.Kills:N0} kills, {Stopwatch.GetElapsedTime(began).TotalSeconds:N0} s"));
        return summary.Failed == 0 ? 0 : 1;
    }

    private static int? Number(string[] words, string name)
    {
        int at = Array.IndexOf(words, "--" + name);
        return at >= 0 && at + 1 < words.Length && int.TryParse(words[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
    }
}

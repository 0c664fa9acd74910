using System.Diagnostics;
using System.Globalization;
using TravelPerkScim.Provisioning.Tests.State;

namespace TravelPerkScim.Simulation;

/// <summary>
/// Runs scenarios: <c>--seeds N</c> of them from <c>--from S</c>, or one with <c>--seed S</c>, which then tells its story.
/// <c>--pairs</c> runs each pair of hostile behaviours instead, <c>--pair N</c> one of them.
/// <c>--postgres</c> starts a PostgreSQL that keeps the states, and lets it fail too.
/// <c>--every P</c> runs each P-th of them in this process, on the database of <c>--store</c> where one is given: what a worker does.
/// </summary>
internal static class Program
{
    private static async Task<int> Main(string[] words)
    {
        bool pairs = words.Contains("--pairs", StringComparer.Ordinal);
        int? seeds = Number(words, "seeds"),
            from = Number(words, "from");
        // Only the one worker thread is to run anything, so nothing may start on the main thread.
        if (Number(words, "every") is { } every)
        {
            return await Task.Run(() => Runner.RunSomeAsync(from ?? 1, seeds ?? 1, every, pairs, Word(words, "store"), Console.Out))
                .ConfigureAwait(false)
                ? 0
                : 1;
        }
        bool onPostgres = words.Contains("--postgres", StringComparer.Ordinal);
        if (onPostgres && PostgresCluster.Missing is { } reason)
        {
            await Console.Error.WriteLineAsync(reason).ConfigureAwait(false);
            return 1;
        }
        using var postgres = new PostgresCluster();
        Func<string>? newDatabase = onPostgres ? postgres.NewDatabase : null;
        if (Number(words, "seed") is { } only)
            return (await Runner.RunManyAsync(only, 1, Console.Out, newDatabase: newDatabase).ConfigureAwait(false)).Failed == 0 ? 0 : 1;
        if (Number(words, "pair") is { } pair)
            return (await Runner.RunManyAsync(pair, 1, Console.Out, pairs: true, newDatabase).ConfigureAwait(false)).Failed == 0 ? 0 : 1;
        long began = Stopwatch.GetTimestamp();
        RunSummary summary = await (
            pairs
                ? Runner.RunPairsAsync(Console.Out, newDatabase)
                : Runner.RunManyAsync(from ?? 1, seeds ?? 2000, Console.Out, newDatabase: newDatabase)
        ).ConfigureAwait(false);
        string faults = onPostgres ? string.Create(CultureInfo.InvariantCulture, $"{summary.StoreFaults:N0} store faults, ") : "";
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{summary.Seeds:N0} seeds, {summary.Failed} failed: {summary.Cycles:N0} cycles, {summary.Requests:N0} "
                    + $"requests, {summary.Kills:N0} kills, {faults}{Stopwatch.GetElapsedTime(began).TotalSeconds:N0} s"
            )
        );
        return summary.Failed == 0 ? 0 : 1;
    }

    private static int? Number(string[] words, string name) =>
        int.TryParse(Word(words, name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;

    private static string? Word(string[] words, string name)
    {
        int at = Array.IndexOf(words, "--" + name);
        return at >= 0 && at + 1 < words.Length ? words[at + 1] : null;
    }
}

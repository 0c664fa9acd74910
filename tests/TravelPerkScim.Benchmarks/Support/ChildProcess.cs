using System.Diagnostics;
using System.Globalization;

namespace TravelPerkScim.Benchmarks;

/// <summary>This program once more, as a process of its own: for memory and start-up, which what ran before would blur. A child prints
/// <c>name value</c> lines.</summary>
internal static class ChildProcess
{
    public const string Verb = "child";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(15);

    /// <summary>Runs a part and waits for it.</summary>
    /// <exception cref="InvalidOperationException">It failed; its errors are the message.</exception>
    public static Dictionary<string, double> Run(params string[] words)
    {
        using Process process = Start(words);
        Task<string> output = process.StandardOutput.ReadToEndAsync(),
            errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_patience))
            process.Kill(entireProcessTree: true);
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"The part '{string.Join(' ', words)}' failed: {errors.Result}");
        return output
            .Result.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .ToDictionary(line => line[0], line => double.Parse(line[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);
    }

    /// <summary>Starts a part, which ends when its input ends or its work is done.</summary>
    public static Process Start(params string[] words)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        foreach (string word in words.Prepend(Verb))
            start.ArgumentList.Add(word);
        return Process.Start(start)!;
    }

    /// <summary>In the child: does the part that was asked for.</summary>
    public static void Do(string[] words)
    {
        switch (words)
        {
            case ["cycle", string folder, string users, string source]:
                UnchangedCycle.Run(folder, int.Parse(users, CultureInfo.InvariantCulture), fromFile: source == "file");
                break;
            case ["engine", string manifest]:
                BareEngine.Run(manifest);
                break;
            case ["sandbox"]:
                SandboxProcess.Serve();
                break;
            default:
                throw new ArgumentException($"No part is called '{string.Join(' ', words)}'.");
        }
    }

    public static void Tell(string name, double value) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {value:R}"));
}

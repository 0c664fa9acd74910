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
    public static Dictionary<string, double> Run(params string[] words) => Run(words, new Dictionary<string, string>());

    /// <inheritdoc cref="Run(string[])"/>
    public static Dictionary<string, double> Run(string[] words, IReadOnlyDictionary<string, string> environment) =>
        Run(Own(words), environment);

    /// <summary>Runs a program that prints <c>name value</c> lines, and waits for it.</summary>
    /// <exception cref="InvalidOperationException">It failed; its errors are the message.</exception>
    public static Dictionary<string, double> Run(ProcessStartInfo start, IReadOnlyDictionary<string, string> environment)
    {
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(),
            errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_patience))
            process.Kill(entireProcessTree: true);
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"'{string.Join(' ', start.ArgumentList)}' failed: {errors.Result}");
        return output
            .Result.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .ToDictionary(line => line[0], line => double.Parse(line[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);
    }

    /// <summary>Starts a part, which ends when its input ends or its work is done.</summary>
    public static Process Start(params string[] words)
    {
        ProcessStartInfo start = Own(words);
        (start.RedirectStandardInput, start.RedirectStandardOutput) = (true, true);
        return Process.Start(start)!;
    }

    private static ProcessStartInfo Own(string[] words)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!);
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        foreach (string word in words.Prepend(Verb))
            start.ArgumentList.Add(word);
        return start;
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
            case ["session"]:
                OnDemandMeasurement.RunSession();
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

using System.Diagnostics;

namespace TravelPerkScim.PowerShell.Tests.Support;

/// <summary>The project's host, run as its own process.</summary>
internal static class ChildHost
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    public static Task<Result> RunAsync(params string[] arguments) => RunAsync(_ => { }, arguments);

    public static async Task<Result> RunAsync(Action<ProcessStartInfo> configure, params string[] arguments)
    {
        using Process process = Start(configure, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        using CancellationTokenSource patience = new(s_patience);
        await process.WaitForExitAsync(patience.Token);
        return new Result(process.ExitCode, (await output).ReplaceLineEndings("\n"), (await error).ReplaceLineEndings("\n"));
    }

    public static Process Start(Action<ProcessStartInfo> configure, params string[] arguments)
    {
        ProcessStartInfo start = new(
            Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet"
        )
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // As in the tests themselves: the process is over before profiles of its code pay.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.ArgumentList.Add(Repository.Host);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        configure(start);
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    internal sealed record Result(int ExitCode, string Output, string Error);
}

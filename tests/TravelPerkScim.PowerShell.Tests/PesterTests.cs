using System.Text.Json;
using Xunit.Abstractions;

namespace TravelPerkScim.PowerShell.Tests;

/// <summary>The Pester suites, each in a PowerShell process of its own, as an administrator's suite would run.</summary>
[Collection(ProcessCollection.Name)]
public sealed class PesterTests(ITestOutputHelper log)
{
    // Pester writes its report to the host; the numbers come in a line of their own at the end.
    private const string Run = """
        Import-Module $env:PESTER
        $settings = New-PesterConfiguration
        $settings.Run.Path = $env:SUITE
        $settings.Run.PassThru = $true
        $settings.Output.Verbosity = 'Detailed'
        $settings.Output.RenderMode = 'Plaintext'
        $result = Invoke-Pester -Configuration $settings
        [pscustomobject]@{ Passed = $result.PassedCount; Failed = $result.FailedCount; Skipped = $result.SkippedCount + $result.NotRunCount } | ConvertTo-Json -Compress
        """;

    public static TheoryData<string> Suites =>
        new(
            Directory
                .EnumerateFiles(Repository.PesterSuites, "*.Tests.ps1")
                .Select(path => Path.GetFileName(path))
                .Order(StringComparer.Ordinal)
        );

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task A_suite_passes(string suite)
    {
        ChildHost.Result result = await ChildHost.RunAsync(
            start =>
            {
                start.Environment["PESTER"] = Repository.Pester;
                start.Environment["SUITE"] = Path.Combine(Repository.PesterSuites, suite);
            },
            "-Command",
            Run
        );

        log.WriteLine(result.Output);
        string last = result.Output.TrimEnd('\n').Split('\n')[^1];
        Assert.True(last.StartsWith('{'), $"{suite} did not reach its end.\n{result.Output}{result.Error}");
        Counts counts = JsonSerializer.Deserialize<Counts>(last)!;
        Assert.True(counts is { Failed: 0, Skipped: 0, Passed: > 0 }, $"{suite}: {last}\n{result.Output}{result.Error}");
    }

    private sealed record Counts(int Passed, int Failed, int Skipped);
}

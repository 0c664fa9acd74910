using System.Text.Json;
using Xunit.Abstractions;

namespace TravelPerkScim.PowerShell.Tests;

/// <summary>The Pester suites, in a PowerShell process of their own, as an administrator's suites would run.</summary>
[Collection(WaitingCollection.Name)]
public sealed class PesterTests(PesterTests.SuiteRun run, ITestOutputHelper log) : IClassFixture<PesterTests.SuiteRun>
{
    public static TheoryData<string> Suites =>
        new(
            Directory
                .EnumerateFiles(Repository.PesterSuites, "*.Tests.ps1")
                .Select(path => Path.GetFileName(path))
                .Order(StringComparer.Ordinal)
        );

    [Theory]
    [MemberData(nameof(Suites))]
    public void A_suite_passes(string suite)
    {
        log.WriteLine(run.Output);
        Assert.True(run.Suites.TryGetValue(suite, out Counts? counts), $"{suite} did not reach its end.\n{run.Output}");
        Assert.True(counts is { Failed: 0, Skipped: 0, Passed: > 0 }, $"{suite}: {counts}\n{run.Output}");
    }

    public sealed record Counts(int Passed, int Failed, int Skipped);

    /// <summary>One run of all suites: a process and Pester take longer to start than most suites to run.</summary>
    public sealed class SuiteRun : IAsyncLifetime
    {
        // Pester writes its report to the host; the numbers come in a line of their own at the end.
        private const string Run = """
            Import-Module $env:PESTER
            $settings = New-PesterConfiguration
            $settings.Run.Path = $env:SUITES
            $settings.Run.PassThru = $true
            $settings.Output.Verbosity = 'Detailed'
            $settings.Output.RenderMode = 'Plaintext'
            $suites = @{}
            foreach ($suite in (Invoke-Pester -Configuration $settings).Containers) {
                $suites[$suite.Item.Name] = @{ Passed = $suite.PassedCount; Failed = $suite.FailedCount; Skipped = $suite.SkippedCount + $suite.NotRunCount }
            }
            ConvertTo-Json $suites -Compress
            """;

        public string Output { get; private set; } = "";

        /// <summary>The suites that reached their end, by the name of the file.</summary>
        public IReadOnlyDictionary<string, Counts> Suites { get; private set; } = new Dictionary<string, Counts>();

        public async Task InitializeAsync()
        {
            ChildHost.Result result = await ChildHost.RunAsync(
                start =>
                {
                    start.Environment["PESTER"] = Repository.Pester;
                    start.Environment["SUITES"] = Repository.PesterSuites;
                },
                "-Command",
                Run
            );
            Output = result.Output + result.Error;
            string last = result.Output.TrimEnd('\n').Split('\n')[^1];
            if (last.StartsWith('{'))
                Suites = JsonSerializer.Deserialize<Dictionary<string, Counts>>(last)!;
        }

        public Task DisposeAsync() => Task.CompletedTask;
    }
}

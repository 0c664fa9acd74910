using System.Text.RegularExpressions;
using TravelPerkScim.Provisioning.Tests.State;
using Xunit.Abstractions;

namespace TravelPerkScim.Worker.Tests;

/// <summary>What an idle cycle costs the database that keeps the states.</summary>
public sealed partial class IdleCycleTests(PostgresCluster cluster, ITestOutputHelper output) : IClassFixture<PostgresCluster>
{
    private const int Done = 6;

    [PostgresFact]
    public async Task An_idle_cycle_sends_few_statements()
    {
        string database = cluster.NewDatabase();
        PostgresCluster.LogStatements(database);
        string store = Path.GetTempFileName();
        await File.WriteAllTextAsync(store, database);
        await using var folder = new JobFolder();
        folder.Add("idle", settings: s => s with { StateKey = "idle" });
        await using JobFolder copy = folder.Copy();
        await using WorkerProcess worker = folder.Start(more: ["--store", store]);
        await worker.LoggedAsync(Done, "idle");
        await using WorkerProcess other = copy.Start(more: ["--store", store]);
        await other.LoggedAsync(2, "idle");
        await LooksAsync(database, 6);
        int before = cluster.StatementsOf(database).Count;

        SharedStateTests.MakeDue(database, "idle");
        await Eventually.Async(() => worker.Count(Done, "idle") + other.Count(Done, "idle") == 2);
        await LooksAsync(database, 6);

        string[] sent = [.. cluster.StatementsOf(database).Skip(before).Where(text => !IsLook(text))];
        foreach (IGrouping<string, string> kind in sent.GroupBy(text => Value().Replace(text, "?")).OrderByDescending(kind => kind.Count()))
            output.WriteLine($"{kind.Count(), 4}  {kind.Key}");
        output.WriteLine($"{sent.Length} statements, {sent.Count(text => text == "COMMIT")} transactions");
        // Of two workers: the one that ran the cycle, and the one that reads how the job stands afterwards.
        Assert.InRange(sent.Length, 1, 170);
        // Each worker may look once more for what a former notification channel left.
        Assert.InRange(sent.Count(text => text == "COMMIT"), 1, 7);
        File.Delete(store);
    }

    // Each worker looks every two seconds.
    private async Task LooksAsync(string database, int count)
    {
        int before = Looks();
        await Eventually.Async(() => Looks() >= before + count);

        int Looks() => cluster.StatementsOf(database).Count(IsLook);
    }

    private static bool IsLook(string text) =>
        text.Contains("clock_timestamp() AND job.owner", StringComparison.Ordinal) || text == "SELECT clock_timestamp()";

    [GeneratedRegex("'[^']*'|\\d{3,}")]
    private static partial Regex Value();
}

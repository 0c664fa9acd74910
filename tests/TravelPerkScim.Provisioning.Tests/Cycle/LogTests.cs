using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleBench;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>The log tells of every write, and how it came about; the status tells who waits.</summary>
public sealed class LogTests
{
    [Fact]
    public async Task A_write_that_a_killed_cycle_did_not_live_to_log_is_logged_by_the_cycle_that_finds_it()
    {
        using var network = new KillSwitch();
        await using var bench = new CycleBench(
            settings: s => s with { Concurrency = 1 },
            client: c => c with { Handler = network, MaxRetries = 0 }
        );
        bench.Add(1);
        await KillAsync(bench, network);

        await bench.RunAsync();
        ProvisioningOutcome created = Assert.Single(Log(bench));
        Assert.Equal(
            (ProvisioningAction.Create, OutcomeStatus.Success, "user1@example.com", Id(1)),
            (created.Action, created.Status, created.Identity, created.SourceId)
        );
        Assert.Equal((string?)bench.Target["user1@example.com"]["id"], created.TargetId);
        Assert.Contains("cut off", created.Reason, StringComparison.Ordinal);

        bench.People[0]["jobTitle"] = "Boss";
        await KillAsync(bench, network);
        await bench.RunAsync();
        ProvisioningOutcome updated = Log(bench)[^1];
        Assert.Equal(
            (ProvisioningAction.Update, "user1@example.com", bench.LastCycle.Id),
            (updated.Action, updated.Identity, updated.CycleId)
        );
        Assert.Contains("cut off", updated.Reason, StringComparison.Ordinal);
        await bench.RunAsync();
        Assert.Equal(2, Log(bench).Count);
    }

    [Fact]
    public async Task The_time_that_a_plan_waits_for_its_confirmation_is_no_duration_of_the_cycle()
    {
        await using var bench = new CycleBench();
        bench.Add(1);
        ProvisioningPlan plan = await bench.PlanAsync();
        bench.Time.Advance(TimeSpan.FromHours(1));

        await bench.ApplyAsync(plan);

        Assert.Equal((TimeSpan.FromHours(1), TimeSpan.Zero), (bench.LastCycle.Held, bench.LastCycle.Duration));
        Assert.Equal(TimeSpan.FromHours(1), bench.LastCycle.Ended - bench.LastCycle.Began);
    }

    [Fact]
    public async Task A_log_entry_has_its_steps_and_no_value_that_is_redacted()
    {
        SynchronizationSchema mapping = SynchronizationSchema.Parse(
            SynchronizationSchema.Default.ToJson().Replace("[jobTitle]", "Redact([jobTitle])", StringComparison.Ordinal)
        );
        await using var bench = new CycleBench(mapping: mapping, settings: s => s with { DeleteThresholdShare = 1 });
        bench.Add(1);
        bench.Add(2)["businessPhones"]![0] = "call me";
        await bench.RunAsync();
        bench.People[0]["jobTitle"] = "Secret title";
        await bench.RunAsync();
        bench.People[0]["accountEnabled"] = false;
        await bench.RunAsync();
        string id = (string)bench.Target["user1@example.com"]["id"]!;

        ProvisioningOutcome[] log = [.. Log(bench).Where(o => o.Identity == "user1@example.com")];
        Assert.Equal(["Import", "Scoping", "Matching", "Export"], log[0].Steps.Select(s => s.Type));
        Assert.StartsWith("POST Users with ", log[0].Steps[^1].Description, StringComparison.Ordinal);
        Assert.Contains("userName: user1@example.com", log[0].Steps[^1].Description, StringComparison.Ordinal);
        Assert.Equal("Found nobody in TravelPerk with the matching attributes.", log[0].Steps[2].Description);
        Assert.Equal($"PATCH Users/{id} with title: [Redact]", log[1].Steps[^1].Description);
        Assert.Equal($"Linked by an earlier cycle. It is TravelPerk user {id}.", log[1].Steps[2].Description);
        Assert.Equal("The source account is disabled.", log[2].Steps.Single(s => s.Type == "Scoping").Description);
        Assert.DoesNotContain("Secret title", string.Join(' ', log.SelectMany(o => o.Steps)), StringComparison.Ordinal);
        ProvisioningOutcome failed = Assert.Single(Log(bench), o => o.Status == OutcomeStatus.Failure);
        Assert.Equal(("Failure", failed.Reason), (failed.Steps[^1].Status, failed.Steps[^1].Description));
    }

    [Fact]
    public async Task Who_waits_in_escrow_is_listed_with_the_next_attempt_and_the_last_error()
    {
        await using var bench = new CycleBench();
        bench.Add(1);
        bench.Add(2)["businessPhones"]![0] = "call me";
        await bench.RunAsync();
        bench.Time.Advance(TimeSpan.FromMinutes(6));
        await bench.RunAsync();

        EscrowedEntry waits = Assert.Single(ProvisioningStatus.Read(bench.Job).Escrows);

        Assert.Equal(("user2@example.com", Id(2), 2, "InvalidValue"), (waits.Identity, waits.SourceId, waits.Attempts, waits.ErrorCode));
        Assert.Equal(bench.Time.GetUtcNow().AddMinutes(10), waits.NextAttempt);
        Assert.Contains("phoneNumbers", waits.LastError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_is_skipped_is_in_a_plan_that_asks_for_it_with_the_reason(bool incremental)
    {
        await using var bench = new CycleBench();
        if (incremental)
        {
            bench.Live().Set(1);
            bench.Live().Set(2);
        }
        bench.Add(1);
        bench.Add(2)["businessPhones"]![0] = "call me";
        bench.Add(3)["accountEnabled"] = false;
        await bench.RunAsync();
        if (incremental)
            bench.Live().Set(3, enabled: false);
        Assert.Empty((await bench.PlanAsync()).Operations);

        ProvisioningPlan plan = await bench.PlanAsync(new CycleOptions { Time = bench.Time, IncludeSkipped = true });

        string[] skipped = [.. plan.Skipped.Select(o => $"{o.Identity}: {o.Reason}").Order()];
        string[] expected = incremental ? ["user3"] : ["user2", "user3"];
        Assert.Equal(expected, skipped.Select(text => text[..5]));
        Assert.StartsWith(
            "user3@example.com: Never provisioned, and not now: The source account is disabled.",
            skipped[^1],
            StringComparison.Ordinal
        );
        if (!incremental)
            Assert.Contains(
                $"Waits in escrow; failed attempts: 1. The next attempt is due at {ShownTime.Text(bench.Time.GetUtcNow().AddMinutes(5))}",
                skipped[0],
                StringComparison.Ordinal
            );
        Assert.Empty(plan.Operations);
        Assert.All(plan.Skipped, o => Assert.Null(o.Request));
    }

    [Fact]
    public async Task A_failed_user_whom_a_list_of_changes_does_not_name_is_listed_as_waiting_until_the_attempt_is_due()
    {
        await using var bench = new CycleBench();
        bench.Live().Set(1);
        bench.Live().Set(2, userPrincipalName: "user2\u200b@example.com");
        await bench.RunAsync();
        var skipped = new CycleOptions { Time = bench.Time, IncludeSkipped = true };

        ProvisioningOperation waiting = Assert.Single((await bench.PlanAsync(skipped)).Skipped);

        Assert.Equal((ProvisioningAction.None, CycleBench.Id(2)), (waiting.Action, waiting.SourceId));
        Assert.StartsWith("Waits in escrow; failed attempts: 1.", waiting.Reason, StringComparison.Ordinal);
        bench.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.NotNull(Assert.Single((await bench.PlanAsync(skipped)).Operations).Problem);
    }

    private static List<ProvisioningOutcome> Log(CycleBench bench) => [.. ProvisioningLog.Read(bench.Job, DateTimeOffset.MinValue)];

    // The server carries the next write out, and the process ends before it hears of it.
    private static async Task KillAsync(CycleBench bench, KillSwitch network)
    {
        ProvisioningPlan plan = await bench.PlanAsync();
        network.Arm(1, carriedOut: true, bench.Job.Path);
        await Xunit.Record.ExceptionAsync(() => bench.ApplyAsync(plan));
        Assert.True(network.Killed);
        network.Restart();
    }
}

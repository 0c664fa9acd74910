using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleFixture;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>The log tells of every write, and how it came about; the status tells who waits.</summary>
public sealed class LogTests
{
    [Fact]
    public async Task A_write_that_a_killed_cycle_did_not_live_to_log_is_logged_by_the_cycle_that_finds_it()
    {
        using var network = new KillSwitch();
        await using var fixture = new CycleFixture(
            settings: s => s with { Concurrency = 1 },
            client: c => c with { Handler = network, MaxRetries = 0 }
        );
        fixture.Add(1);
        await KillAsync(fixture, network);

        await fixture.RunAsync();
        fixture.AssertOutcomes(
            """
            Success Create user1@example.com (source 1, target user1@example.com)
                An earlier cycle that was cut off created the user without learning of it; this cycle found the user in TravelPerk.
            """,
            Log(fixture)
        );

        fixture.People[0]["jobTitle"] = "Boss";
        await KillAsync(fixture, network);
        await fixture.RunAsync();
        ProvisioningOutcome updated = Log(fixture)[^1];
        fixture.AssertOutcomes(
            """
            Success Update user1@example.com (source 1, target user1@example.com)
                An earlier cycle that was cut off sent this without learning of it; this cycle found the user in TravelPerk as it
                  should be.
            """,
            [updated]
        );
        Assert.Equal(fixture.LastCycle.Id, updated.CycleId);
        await fixture.RunAsync();
        Assert.Equal(2, Log(fixture).Count);
    }

    [Fact]
    public async Task The_time_that_a_plan_waits_for_its_confirmation_is_no_duration_of_the_cycle()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        ProvisioningPlan plan = await fixture.PlanAsync();
        fixture.Time.Advance(TimeSpan.FromHours(1));

        await fixture.ApplyAsync(plan);

        Assert.Equal((TimeSpan.FromHours(1), TimeSpan.Zero), (fixture.LastCycle.Held, fixture.LastCycle.Duration));
        Assert.Equal(TimeSpan.FromHours(1), fixture.LastCycle.Ended - fixture.LastCycle.Began);
    }

    [Fact]
    public async Task A_log_entry_has_its_steps_and_no_value_that_is_redacted()
    {
        var mapping = SynchronizationSchema.Parse(
            SynchronizationSchema.Default.ToJson().Replace("[jobTitle]", "Redact([jobTitle])", StringComparison.Ordinal)
        );
        await using var fixture = new CycleFixture(mapping: mapping, settings: s => s with { DeleteThresholdShare = 1 });
        fixture.Add(1);
        fixture.Add(2)["businessPhones"]![0] = "call me";
        await fixture.RunAsync();
        fixture.People[0]["jobTitle"] = "Secret title";
        await fixture.RunAsync();
        fixture.People[0]["accountEnabled"] = false;
        await fixture.RunAsync();
        string id = (string)fixture.Target["user1@example.com"]["id"]!;

        ProvisioningOutcome[] log = [.. Log(fixture).Where(o => o.Identity == "user1@example.com")];
        Assert.Equal(["Import", "Scoping", "Matching", "Export"], log[0].Steps.Select(s => s.Type));
        Assert.StartsWith("POST Users with ", log[0].Steps[^1].Description, StringComparison.Ordinal);
        Assert.Contains("userName: user1@example.com", log[0].Steps[^1].Description, StringComparison.Ordinal);
        Assert.Equal("No TravelPerk user has the matching attributes.", log[0].Steps[2].Description);
        Assert.Equal($"PATCH Users/{id} with title: [Redact]", log[1].Steps[^1].Description);
        Assert.Equal($"Linked by an earlier cycle. It is TravelPerk user {id}.", log[1].Steps[2].Description);
        Assert.Equal("The source account is disabled.", log[2].Steps.Single(s => s.Type == "Scoping").Description);
        Assert.DoesNotContain("Secret title", string.Join(' ', log.SelectMany(o => o.Steps)), StringComparison.Ordinal);
        ProvisioningOutcome failed = Assert.Single(Log(fixture), o => o.Status == OutcomeStatus.Failure);
        Assert.Equal(("Failure", failed.Reason), (failed.Steps[^1].Status, failed.Steps[^1].Description));
    }

    [Fact]
    public async Task Entries_in_escrow_are_listed_with_the_next_attempt_and_the_last_error()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        fixture.Add(2)["businessPhones"]![0] = "call me";
        await fixture.RunAsync();
        fixture.Time.Advance(TimeSpan.FromMinutes(6));
        await fixture.RunAsync();

        EscrowedEntry waits = Assert.Single(ProvisioningStatus.Read(fixture.Job).Escrows);

        Assert.Equal(("user2@example.com", Id(2), 2, "InvalidValue"), (waits.Identity, waits.SourceId, waits.Attempts, waits.ErrorCode));
        Assert.Equal(fixture.Time.GetUtcNow().AddMinutes(10), waits.NextAttempt);
        Assert.Contains("phoneNumbers", waits.LastError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_plan_that_asks_for_skipped_users_lists_them_with_the_reason(bool incremental)
    {
        await using var fixture = new CycleFixture();
        if (incremental)
        {
            fixture.Live().Set(1);
            fixture.Live().Set(2);
        }
        fixture.Add(1);
        fixture.Add(2)["businessPhones"]![0] = "call me";
        fixture.Add(3)["accountEnabled"] = false;
        await fixture.RunAsync();
        if (incremental)
            fixture.Live().Set(3, enabled: false);
        Assert.Empty((await fixture.PlanAsync()).Operations);

        ProvisioningPlan plan = await fixture.PlanAsync(new CycleOptions { Time = fixture.Time, IncludeSkipped = true });

        fixture.AssertPlan(
            incremental
                ? """
                Skipped:
                    None user3@example.com (source 3, target -)
                        Never provisioned, and not now: The source account is disabled.
                """
                : """
                Skipped:
                    None user2@example.com (source 2, target -)
                        Waits in escrow; failed attempts: 1. The next attempt is due at 2026-03-02 08:05:00 +00:00, or as soon as the
                          source entry changes.
                    None user3@example.com (source 3, target -)
                        Never provisioned, and not now: The source account is disabled.
                """,
            plan
        );
        Assert.All(plan.Skipped, o => Assert.Null(o.Request));
    }

    [Fact]
    public async Task A_failed_user_whom_a_list_of_changes_does_not_name_is_listed_as_waiting_until_the_attempt_is_due()
    {
        await using var fixture = new CycleFixture();
        fixture.Live().Set(1);
        fixture.Live().Set(2, userPrincipalName: "user2\u200b@example.com");
        await fixture.RunAsync();
        var skipped = new CycleOptions { Time = fixture.Time, IncludeSkipped = true };

        fixture.AssertPlan(
            """
            Skipped:
                None user2\u200b@example.com (source 2, target -)
                    Waits in escrow; failed attempts: 1. The next attempt is due at 2026-03-02 08:05:00 +00:00, or as soon as the
                      source entry changes.
            """,
            await fixture.PlanAsync(skipped)
        );

        fixture.Time.Advance(TimeSpan.FromMinutes(10));
        fixture.AssertPlan(
            """
            Create user2\u200b@example.com (source 2, target -)
                The desired state cannot be sent.
                InvalidValue: user2\u200b@example.com: 'userName': must have no control, zero-width or direction characters, which
                  make it look like another userName; correct it at the source.
            """,
            await fixture.PlanAsync(skipped)
        );
    }

    private static List<ProvisioningOutcome> Log(CycleFixture fixture) => [.. ProvisioningLog.Read(fixture.Job, DateTimeOffset.MinValue)];

    // The server carries the next write out, and the process ends before it hears of it.
    private static async Task KillAsync(CycleFixture fixture, KillSwitch network)
    {
        ProvisioningPlan plan = await fixture.PlanAsync();
        network.Arm(1, carriedOut: true, fixture.Job.Path);
        await Xunit.Record.ExceptionAsync(() => fixture.ApplyAsync(plan));
        Assert.True(network.Killed);
        network.Restart();
    }
}

using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>When a job stops running by itself, and when it goes on (Entra: application provisioning in quarantine status; prevent
/// accidental deletions).</summary>
public sealed class QuarantineTests
{
    private static readonly ScimException s_refused = new(ScimFailure.Credential, "Unauthorized", "The API key is refused.");

    [Theory]
    [InlineData(501, 10_000, DeleteLimit.Number)]
    [InlineData(500, 10_000, DeleteLimit.None)]
    [InlineData(7, 24, DeleteLimit.Share)]
    [InlineData(6, 24, DeleteLimit.None)]
    [InlineData(5, 4, DeleteLimit.None)]
    public void The_limit_that_a_cycle_exceeds_is_the_number_first_and_the_share_from_six_departures_on(
        int departures,
        int linked,
        DeleteLimit exceeded
    )
    {
        var settings = new JobSettings
        {
            Source = new JobSource(JobSourceType.File, "users.json"),
            Target = new Uri("https://localhost/scim"),
        };

        Assert.Equal(exceeded, settings.LimitExceeded(departures, linked));
    }

    [Fact]
    public async Task Attempts_come_after_6_12_and_24_hours_then_daily_and_end_after_28_days()
    {
        await using var fixture = new CycleFixture();
        fixture.Live().Set(1);
        fixture.Sandbox.SetBehavior(SandboxBehavior.JsonMediaTypeRejected, on: true);
        fixture.Sandbox.SetBehavior(SandboxBehavior.ScimMediaTypeRejected, on: true);
        await fixture.RunAsync();
        DateTimeOffset began = fixture.Time.GetUtcNow();
        var engine = new ProvisioningEngine(fixture.Job, fixture.Client, fixture.Live());

        int[] schedule = [6, 12, 24, .. Enumerable.Range(2, 27).Select(day => day * 24)];
        foreach (int hours in schedule)
        {
            engine.RecordFailure(new CycleOptions { Time = fixture.Time }, s_refused);
            Quarantine quarantine = StatusOf(fixture)!;
            Assert.Equal(
                (QuarantineReason.EncounteredQuarantineException, began, began.AddHours(hours), false),
                (quarantine.Reason, quarantine.Began, quarantine.NextAttempt, quarantine.Disabled)
            );
            fixture.Time.SetUtcNow(quarantine.NextAttempt);
        }
        Assert.Equal(1, ProvisioningStatus.Read(fixture.Job).Escrowed);
        engine.RecordFailure(new CycleOptions { Time = fixture.Time }, s_refused);

        Assert.True(StatusOf(fixture)!.Disabled);
        Assert.Equal(0, ProvisioningStatus.Read(fixture.Job).Escrowed);
        Assert.Equal("JobDisabled", (await Assert.ThrowsAsync<ProvisioningException>(() => fixture.PlanAsync())).ErrorId);
        fixture.Job.Reset(JobReset.Quarantine);
        Assert.Null(StatusOf(fixture));
        fixture.Sandbox.SetBehavior(SandboxBehavior.JsonMediaTypeRejected, on: false);
        await fixture.RunAsync();
        Assert.Equal(["user1@example.com"], fixture.Target.Keys);
    }

    [Fact]
    public async Task A_passing_failure_counts_from_the_second_cycle_in_a_row_until_a_good_cycle()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        await fixture.RunAsync();
        var engine = new ProvisioningEngine(fixture.Job, fixture.Client);

        foreach (
            Exception error in new Exception[]
            {
                new ScimException(ScimFailure.Unavailable, "ServiceUnavailable", "503"),
                new SourceException("EntraUnreachable", "No network."),
            }
        )
        {
            Assert.Null(StatusOf(fixture));
            fixture.Time.Advance(TimeSpan.FromMinutes(40));
            engine.RecordFailure(new CycleOptions { Time = fixture.Time }, error);
        }
        Assert.Equal(QuarantineReason.EncounteredQuarantineException, StatusOf(fixture)!.Reason);
        fixture.Time.Advance(TimeSpan.FromMinutes(40));
        await fixture.RunAsync();
        Assert.Null(StatusOf(fixture));
        engine.RecordFailure(new CycleOptions { Time = fixture.Time, Identities = ["user1@example.com"] }, s_refused);
        Assert.Null(StatusOf(fixture));
    }

    [Fact]
    public async Task A_reset_of_the_quarantine_does_not_approve_what_is_staged()
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= 20; i++)
            fixture.Add(i);
        await fixture.RunAsync();
        var leavers = fixture.People.Take(6).ToList();
        fixture.People.RemoveRange(0, 6);
        await fixture.RunAsync();
        fixture.People.AddRange(leavers.Take(2));
        await fixture.RunAsync();

        fixture.Job.Reset(JobReset.Quarantine);

        Assert.Null(StatusOf(fixture));
        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();
        Assert.Equal(4, outcomes.Count);
        Assert.All(outcomes, o => Assert.Equal(OutcomeStatus.Staged, o.Status));
        Assert.Equal(QuarantineReason.TooManyDeletes, StatusOf(fixture)!.Reason);
        Assert.All(
            await fixture.RunAsync(new CycleOptions { Time = fixture.Time, ApproveCycle = StatusOf(fixture)!.CycleId }),
            o => Assert.Equal(OutcomeStatus.Success, o.Status)
        );
    }

    [Theory]
    [InlineData(4_999, 0, null)]
    [InlineData(5_000, 7_500, null)]
    [InlineData(5_000, 7_499, QuarantineReason.EncounteredEscrowProportionThreshold)]
    [InlineData(40_000, 60_000, null)]
    [InlineData(40_001, 1_000_000, QuarantineReason.EncounteredEscrowProportionThreshold)]
    [InlineData(60_001, 1_000_000, QuarantineReason.EncounteredTotalEscrowThreshold)]
    public async Task Too_many_failing_entries_are_more_than_40_percent_or_40000_from_5000_on_and_60000_in_all(
        int failing,
        long succeeded,
        QuarantineReason? reason
    )
    {
        await using var fixture = new CycleFixture();
        ProvisioningPlan plan = await fixture.PlanAsync();
        var memory = StateSnapshot.Load(fixture.Job.Store, plan.FollowUps.MappingFingerprint);
        using (var state = JobState.Open(fixture.Job.Store, "test"))
        {
            state.InTransaction(() =>
            {
                for (int i = 0; i < failing; i++)
                    state.SetEscrow(CycleFixture.Id(i), new Escrow(1, fixture.Time.GetUtcNow().AddDays(1), default));
                // No entry failed in this cycle. The entries that failed before are not due yet, and still count as failed.
                QuarantineRules.Apply(
                    state,
                    memory,
                    plan,
                    Task.CompletedTask,
                    new CycleCounts { Created = succeeded },
                    fixture.Time.GetUtcNow(),
                    null
                );
            });
        }

        Assert.Equal(reason, StatusOf(fixture)?.Reason);
    }

    [Fact]
    public async Task A_service_that_fails_every_entry_ends_the_cycle_early_and_the_next_one_goes_on()
    {
        await using var fixture = new CycleFixture(settings: s => s with { Concurrency = 1 }, client: c => c with { MaxRetries = 0 });
        for (int i = 1; i <= 40; i++)
            fixture.Add(i);
        ProvisioningPlan plan = await fixture.PlanAsync();
        fixture.Sandbox.SetBehavior(SandboxBehavior.TooManyRequests, on: true, number: 100_000);
        fixture.Sandbox.SetBehavior(SandboxBehavior.RetryAfterMissing, on: true);

        Assert.Equal("TargetFailing", (await Assert.ThrowsAsync<ProvisioningException>(() => fixture.ApplyAsync(plan))).ErrorId);

        Assert.InRange(fixture.Requests("POST"), 20, 25);
        Assert.Equal(QuarantineReason.EncounteredQuarantineException, StatusOf(fixture)!.Reason);
        foreach (SandboxBehavior behavior in fixture.Sandbox.Behaviors.ToArray())
            fixture.Sandbox.SetBehavior(behavior, on: false);
        fixture.Time.Advance(TimeSpan.FromDays(1));
        await fixture.RunAsync();
        Assert.Equal(40, fixture.Target.Count);
        Assert.Null(StatusOf(fixture));
    }

    [Fact]
    public async Task A_cycle_that_was_stopped_asks_for_no_approval_of_what_it_did_not_come_to_stage()
    {
        await using var fixture = new CycleFixture(settings: s => s with { Concurrency = 1 });
        for (int i = 1; i <= 20; i++)
            fixture.Add(i);
        await fixture.RunAsync();
        for (int i = 0; i < 8; i++)
            fixture.People[i]["accountEnabled"] = false;
        for (int i = 21; i <= 60; i++)
            fixture.Add(i);
        ProvisioningPlan plan = await fixture.PlanAsync();
        using var stop = new CancellationTokenSource();
        IAsyncEnumerable<ProvisioningOutcome> outcomes = new ProvisioningEngine(fixture.Job, fixture.Client).ApplyAsync(
            plan,
            new CycleOptions { Time = fixture.Time },
            stop.Token
        );
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ProvisioningOutcome _ in outcomes)
                await stop.CancelAsync();
        });

        Assert.Null(StatusOf(fixture));
        await fixture.RunAsync();
        List<ProvisioningOutcome> approved = await fixture.RunAsync(
            new CycleOptions { Time = fixture.Time, ApproveCycle = StatusOf(fixture)!.CycleId }
        );
        Assert.Equal(8, approved.Count(o => o is { Action: ProvisioningAction.Disable, Status: OutcomeStatus.Success }));
    }

    [Theory]
    [InlineData(5, 5, false)]
    [InlineData(6, 24, false)]
    [InlineData(6, 23, true)]
    [InlineData(500, 10_000, false)]
    [InlineData(501, 10_000, true)]
    public void The_threshold_is_500_departures_or_a_quarter_from_six_on(int departures, int linked, bool over) =>
        Assert.Equal(
            over,
            new JobSettings { Source = new JobSource(JobSourceType.File, "x"), Target = new Uri("https://example.com") }.IsOverThreshold(
                departures,
                linked
            )
        );

    [Fact]
    public async Task Disables_and_deletes_count_together()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(20);
        int writes = fixture.Writes;
        for (int i = 1; i <= 4; i++)
        {
            directory.Set(i, notEntitled: "is not assigned");
            directory.Delete(4 + i);
        }

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal(8, outcomes.Count(o => o.Status == OutcomeStatus.Staged));
        Assert.Equal(writes, fixture.Writes);
    }

    [Fact]
    public async Task An_approval_of_one_cycle_is_none_of_what_another_cycle_staged()
    {
        await using var fixture = new CycleFixture();
        for (int i = 1; i <= 12; i++)
            fixture.Add(i);
        await fixture.RunAsync();
        for (int i = 0; i < 6; i++)
            fixture.People[i]["accountEnabled"] = false;
        await fixture.RunAsync();
        Guid first = StatusOf(fixture)!.CycleId;
        for (int i = 6; i < 8; i++)
            fixture.People[i]["accountEnabled"] = false;
        await fixture.RunAsync();

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync(new CycleOptions { Time = fixture.Time, ApproveCycle = first });

        Assert.Equal(
            (6, 2),
            (outcomes.Count(o => o.Status == OutcomeStatus.Success), outcomes.Count(o => o.Status == OutcomeStatus.Staged))
        );
        Assert.Equal(6, fixture.Target.Values.Count(u => (bool)u["active"]!));
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 10)]
    [InlineData(9, 1280)]
    [InlineData(10, 1440)]
    [InlineData(1000, 1440)]
    public void An_entry_that_fails_again_waits_twice_as_long_up_to_a_day(int attempts, int minutes) =>
        Assert.Equal(TimeSpan.FromMinutes(minutes), Escrow.PauseAfter(attempts));

    private static Quarantine? StatusOf(CycleFixture fixture) => ProvisioningStatus.Read(fixture.Job).Quarantine;
}

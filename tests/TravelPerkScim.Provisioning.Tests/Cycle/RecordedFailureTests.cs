using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleFixture;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>What nothing in the module foresaw, and text that no reader takes: one entry fails and not the cycle, and what ends a cycle is
/// written down.</summary>
public sealed class RecordedFailureTests
{
    [Fact]
    public async Task Half_an_emoji_in_travelperk_stops_no_user_and_is_repaired()
    {
        using var wire = new Wire { Answer = text => text.Replace("CUT", "\\ud83d", StringComparison.Ordinal) };
        await using var fixture = new CycleFixture(client: c => c with { Handler = wire });
        for (int i = 1; i <= 8; i++)
            fixture.Add(i);
        await fixture.RunAsync();
        await fixture.PatchAsync("user1@example.com", "title", "CUT");

        fixture.People[0]["surname"] = "Married";
        fixture.People[6]["accountEnabled"] = false;
        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.All(outcomes, o => Assert.Equal(OutcomeStatus.Success, o.Status));
        Assert.Equal("Title 1", (string?)fixture.Target["user1@example.com"]["title"]);
        Assert.False((bool)fixture.Target["user7@example.com"]["active"]!);
        Assert.Equal(CycleState.Succeeded, fixture.LastCycle.State);
        Assert.All(
            await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Reconcile = true }),
            o => Assert.Equal(OutcomeStatus.Success, o.Status)
        );
    }

    [Fact]
    public async Task A_fault_that_one_entry_brings_out_is_a_failure_of_that_entry()
    {
        using var wire = new Wire { Fails = body => body.Contains("user2@", StringComparison.Ordinal) };
        await using var fixture = new CycleFixture(client: c => c with { Handler = wire });
        for (int i = 1; i <= 4; i++)
            fixture.Add(i);

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        fixture.AssertOutcomes(
            """
            Failure Create user2@example.com (source 2, target -)
                UnexpectedError: InvalidOperationException: broken inside This is a fault of the module and not of the job's
                  settings. Report it with the steps that led to it.
                userName: user2@example.com; externalId: 00000000-0000-4000-8000-000000000002; active: True; name.givenName: Given2;
                  name.familyName: Family2; phoneNumbers[type eq "work"].value: +34 930000002; title: Title 2
            """,
            outcomes.Where(o => o.Status == OutcomeStatus.Failure)
        );
        Assert.Equal((3, CycleState.EntryLevelErrors), (fixture.Sandbox.UserCount, fixture.LastCycle.State));
        wire.Fails = _ => false;
        fixture.Time.Advance(TimeSpan.FromHours(1));
        await fixture.RunAsync();
        Assert.Equal(4, fixture.Sandbox.UserCount);
    }

    [Fact]
    public async Task A_fault_in_the_middle_of_a_cycle_is_written_down_and_said_to_be_the_modules()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        fixture.Add(2);
        ProvisioningPlan plan = await fixture.PlanAsync();
        var options = new CycleOptions { Time = fixture.Time, Progress = _ => throw new InvalidOperationException("broken inside") };

        ProvisioningException error = await Assert.ThrowsAsync<ProvisioningException>(async () =>
        {
            await foreach (ProvisioningOutcome _ in new ProvisioningEngine(fixture.Job, fixture.Client).ApplyAsync(plan, options, default))
            { }
        });

        Assert.Equal("UnexpectedError", error.ErrorId);
        Assert.Equal((CycleState.Failed, error.Message), (fixture.LastCycle.State, fixture.LastCycle.Message));
        Assert.Contains("InvalidOperationException: broken inside This is a fault of the module", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "UnexpectedError")]
    [InlineData(false, "FunctionFailed")]
    public async Task Whatever_ends_the_planning_is_written_down_and_never_hides_behind_the_note_about_it(bool fault, string errorId)
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        await fixture.RunAsync();
        fixture.Time.Advance(TimeSpan.FromMinutes(40));
        Exception cause = fault
            ? new InvalidOperationException("broken inside")
            : new MappingException("FunctionFailed", "The mapping is wrong.");
        var engine = new ProvisioningEngine(fixture.Job, fixture.Client, new BrokenDirectory(cause));
        var options = new CycleOptions { Time = fixture.Time };

        Exception error = await Assert.ThrowsAnyAsync<Exception>(() => engine.PlanAsync(options, default));
        Assert.Equal(errorId, error is ProvisioningException own ? own.ErrorId : ((MappingException)error).ErrorId);
        using (IDisposable? other = fixture.Job.AcquireLock())
            Assert.Contains("could not be written into the status", engine.RecordFailure(options, error), StringComparison.Ordinal);
        Assert.Equal(CycleState.Succeeded, fixture.LastCycle.State);
        Assert.Null(engine.RecordFailure(options, error));

        Assert.Equal((CycleState.Failed, error.Message), (fixture.LastCycle.State, fixture.LastCycle.Message));
        Assert.Null(ProvisioningStatus.Read(fixture.Job).Quarantine);
    }

    [Fact]
    public async Task A_cycle_that_fails_in_planning_reports_the_requests_that_it_took()
    {
        await using var fixture = new CycleFixture(new() { PageCap = 5 }, client: c => c with { MaxRetries = 0 });
        for (int i = 1; i <= 20; i++)
            fixture.Add(i);
        await fixture.RunAsync();
        fixture.Time.Advance(TimeSpan.FromMinutes(40));
        long before = fixture.Sandbox.RequestCount;
        fixture.Sandbox.SetBehavior(SandboxBehavior.TokenExpires, on: true, number: 2);
        var options = new CycleOptions { Time = fixture.Time, Reconcile = true };
        var engine = new ProvisioningEngine(fixture.Job, fixture.Client);

        ScimException error = await Assert.ThrowsAsync<ScimException>(() => engine.PlanAsync(options, default));
        engine.RecordFailure(options, error);

        Assert.Equal(
            (CycleState.Failed, fixture.Sandbox.RequestCount - before),
            (fixture.LastCycle.State, fixture.LastCycle.Counts.Requests)
        );
        Assert.InRange(fixture.LastCycle.Counts.Requests, 3, 4);
    }

    private sealed class BrokenDirectory(Exception cause) : IDirectorySource
    {
        public string DisplayName => "directory";

        public IAsyncEnumerable<SourceItem> ReadAsync(SourceLayout layout, string? watermark, CancellationToken cancellationToken) =>
            throw cause;

        public IAsyncEnumerable<SourceItem> FindAsync(
            SourceLayout layout,
            IReadOnlyList<string> identities,
            CancellationToken cancellationToken
        ) => throw cause;
    }
}

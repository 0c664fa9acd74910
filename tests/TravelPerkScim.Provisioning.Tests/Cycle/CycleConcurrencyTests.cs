using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>How many requests of a cycle are under way at once.</summary>
public sealed class CycleConcurrencyTests
{
    private static readonly SandboxOptions s_distant = new() { Latency = TimeSpan.FromMilliseconds(50) };

    [Fact]
    public async Task A_service_that_answers_as_fast_gets_more_at_once_and_the_next_connection_begins_with_the_number()
    {
        await using var fixture = new CycleFixture(s_distant);
        for (int i = 1; i <= 250; i++)
            fixture.Add(i);

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal(250, outcomes.Count(o => o.Status == OutcomeStatus.Success));
        Assert.Equal(250, fixture.Requests("POST"));
        int found = fixture.Client.Dialect.Concurrency!.Value;
        Assert.InRange(found, 9, 64);

        fixture.Reconnect();
        Assert.Equal(8, fixture.Client.Concurrency);
        await fixture.PlanAsync();
        Assert.Equal(found, fixture.Client.Concurrency);
    }

    [Fact]
    public async Task The_jobs_own_number_is_never_exceeded()
    {
        // The sandbox refuses the fifth request at once.
        await using var fixture = new CycleFixture(s_distant with { ConcurrencyLimit = 4 }, settings: s => s with { Concurrency = 4 });
        for (int i = 1; i <= 60; i++)
            fixture.Add(i);

        await fixture.RunAsync();

        Assert.Equal(60, fixture.Target.Count);
        Assert.Null(fixture.Client.Rate.ConcurrencyLimit);
    }
}

using System.Text.Json.Nodes;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>A target whose list ends with the first page: a part of the users is not taken for all of them.</summary>
public sealed class UnwalkableTargetTests
{
    [Theory]
    [InlineData(false, SandboxBehavior.StartIndexIgnored)]
    [InlineData(false, SandboxBehavior.StartIndexIgnored, SandboxBehavior.TotalResultsEqualsPageSize)]
    [InlineData(
        false,
        SandboxBehavior.StartIndexIgnored,
        SandboxBehavior.TotalResultsEqualsPageSize,
        SandboxBehavior.PageCapBelowRequested
    )]
    [InlineData(false, SandboxBehavior.StartIndexIgnored, SandboxBehavior.TotalResultsEqualsPageSize, SandboxBehavior.FilterCaseSensitive)]
    [InlineData(true, SandboxBehavior.StartIndexIgnored, SandboxBehavior.TotalResultsEqualsPageSize)]
    public async Task Users_behind_the_first_page_are_linked_and_not_created(bool noRanges, params SandboxBehavior[] behaviors)
    {
        await using CycleFixture fixture = await CompanyAsync(60, noRanges);
        File.Delete(fixture.StateFile);
        int posts = fixture.Requests("POST");
        foreach (SandboxBehavior behavior in behaviors)
            fixture.Sandbox.SetBehavior(behavior, on: true);

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.All(outcomes, o => Assert.Equal((ProvisioningAction.Link, OutcomeStatus.Success), (o.Action, o.Status)));
        Assert.Equal((60, 60, posts), (outcomes.Count, fixture.Sandbox.UserCount, fixture.Requests("POST")));
        long requests = fixture.Sandbox.RequestCount;
        Assert.Empty(await fixture.RunAsync());
        Assert.Equal(requests, fixture.Sandbox.RequestCount);
    }

    [Fact]
    public async Task A_server_that_cannot_list_is_asked_for_each_user_from_then_on()
    {
        await using CycleFixture fixture = await CompanyAsync(60, noRanges: true);
        Cut(fixture);
        for (int number = 61; number <= 66; number++)
            fixture.Add(number);
        await fixture.RunAsync();
        for (int number = 67; number <= 72; number++)
            fixture.Add(number);
        int gets = fixture.Requests("GET");

        Assert.All(await fixture.RunAsync(), o => Assert.Equal((ProvisioningAction.Create, OutcomeStatus.Success), (o.Action, o.Status)));

        // One query each, and a look at a linked user who vouches for the company.
        Assert.Equal(gets + 7, fixture.Requests("GET"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reconcile_repairs_what_it_can_see_and_says_that_the_list_is_not_whole(bool noRanges)
    {
        await using CycleFixture fixture = await CompanyAsync(30, noRanges, existing: "stranger@example.com");
        await fixture.PatchAsync("user29@example.com", "title", "By hand");
        Cut(fixture);

        ProvisioningPlan plan = await fixture.PlanAsync(new CycleOptions { Time = fixture.Time, Reconcile = true });

        fixture.AssertPlan(
            noRanges
                ? """
                Update user29@example.com (source 29, target user29@example.com), EditedByHand
                    The user was changed in TravelPerk since the job last wrote it; the source user did not change.
                    title: By hand -> Title 1
                Warnings:
                    Which TravelPerk users have no counterpart in the source is not known, and none is named. The list of Users is not
                      known to be complete: the service counts 20, 20 came, but it ignores startIndex and counts no more than it shows,
                      so whether these are all is not known. Nothing can be concluded from who is missing.
                """
                : """
                Update user29@example.com (source 29, target user29@example.com), EditedByHand
                    The user was changed in TravelPerk since the job last wrote it; the source user did not change.
                    title: By hand -> Title 1
                None stranger@example.com (source -, target stranger@example.com), Orphan
                    No source user in scope matches this active TravelPerk user. It is left as it is.
                """,
            plan
        );
        await fixture.ApplyAsync(plan);
        Assert.Equal("Title 1", (string)fixture.Target["user29@example.com"]["title"]!);
    }

    /// <summary>Provisioned over a service that lists 20 users on a page.</summary>
    private static async Task<CycleFixture> CompanyAsync(int users, bool noRanges, string? existing = null)
    {
        var fixture = new CycleFixture(new() { PageCap = 20 }, client: c => noRanges ? c with { Handler = new NoRangeFilters() } : c);
        if (existing is not null)
        {
            fixture.AddStranger(existing);
        }
        for (int number = 1; number <= users; number++)
            fixture.Add(number);
        await fixture.RunAsync();
        return fixture;
    }

    private static void Cut(CycleFixture fixture)
    {
        fixture.Sandbox.SetBehavior(SandboxBehavior.StartIndexIgnored, on: true);
        fixture.Sandbox.SetBehavior(SandboxBehavior.TotalResultsEqualsPageSize, on: true);
    }
}

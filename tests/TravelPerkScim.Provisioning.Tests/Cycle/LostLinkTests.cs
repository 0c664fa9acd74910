using System.Text.Json.Nodes;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleFixture;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>The links are lost or were forgotten, and a user was renamed since: its externalId still says whose it is.</summary>
public sealed class LostLinkTests
{
    [Theory]
    [InlineData(6, null)]
    [InlineData(3, null)]
    [InlineData(3, SandboxBehavior.FilterIgnored)]
    public async Task A_renamed_user_is_found_by_the_externalId_and_not_made_twice(int people, SandboxBehavior? behavior)
    {
        await using CycleFixture fixture = await CompanyAsync(people, behavior);
        string id = (string)fixture.Target["user3@example.com"]["id"]!;
        fixture.Job.Reset(JobReset.Links);
        Rename(fixture);

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        ProvisioningOutcome renamed = Assert.Single(outcomes, o => o.SourceId == Id(3));
        Assert.Equal((ProvisioningAction.Update, OutcomeStatus.Success, id), (renamed.Action, renamed.Status, renamed.TargetId));
        Assert.Contains("externalId", renamed.Steps[^2].Description, StringComparison.Ordinal);
        Assert.Equal((people, id), (fixture.Sandbox.UserCount, (string?)fixture.Target["married@example.com"]["id"]));
        Assert.Empty(await fixture.RunAsync());
        Assert.Empty(await ReconcileAsync(fixture));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(3)]
    public async Task Two_users_with_the_externalId_are_an_error(int people)
    {
        await using CycleFixture fixture = await CompanyAsync(people, null);
        fixture.AddStranger("second@example.com", externalId: Id(3), givenName: "Given3", familyName: "Family3");
        fixture.Job.Reset(JobReset.Links);
        Rename(fixture);

        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync(), o => o.SourceId == Id(3));

        Assert.Equal((OutcomeStatus.Failure, "DuplicateTargetEntries"), (outcome.Status, outcome.ErrorCode));
        Assert.Contains("externalId", outcome.Reason, StringComparison.Ordinal);
        Assert.Equal(people + 1, fixture.Sandbox.UserCount);
    }

    [Fact]
    public async Task A_second_user_with_a_source_users_externalId_is_not_reported_as_unmatched()
    {
        await using CycleFixture fixture = await CompanyAsync(6, null);
        string linked = (string)fixture.Target["user3@example.com"]["id"]!;
        fixture.AddStranger("second@example.com", externalId: Id(3), givenName: "Given3", familyName: "Family3");
        fixture.AddStranger("left@example.com", externalId: Id(9), givenName: "Given3", familyName: "Family3");
        fixture.AddStranger("stranger@example.com", externalId: "stranger", givenName: "Given3", familyName: "Family3");
        fixture.Add(9)["accountEnabled"] = false;

        fixture.AssertOutcomes(
            $"""
            Skipped None left@example.com (source -, target left@example.com), Orphan
                This active TravelPerk user has the externalId of the source user 00000000-0000-4000-8000-000000000009, who is not
                  in scope or has an error, and to whom the job has no link. It is left as it is; disable it in TravelPerk if the
                  person must leave.
            Skipped None second@example.com (source -, target second@example.com), Duplicate
                This active TravelPerk user has the externalId of the source user user3@example.com
                  (00000000-0000-4000-8000-000000000003), whose TravelPerk user is {linked}. Remove or correct one of them in TravelPerk.
            Skipped None stranger@example.com (source -, target stranger@example.com), Orphan
                No source user in scope matches this active TravelPerk user. It is left as it is.
            """,
            await ReconcileAsync(fixture)
        );
    }

    [Fact]
    public async Task While_there_are_links_a_new_user_costs_one_question()
    {
        await using CycleFixture fixture = await CompanyAsync(3, null);
        fixture.Add(4);
        int gets = fixture.Requests("GET");

        ProvisioningPlan plan = await fixture.PlanAsync();
        await fixture.ApplyAsync(plan);

        Assert.Equal(2, fixture.Requests("GET") - gets);
    }

    [Fact]
    public async Task A_takeover_by_a_user_whose_own_TravelPerk_user_is_gone_waits_until_it_is_approved()
    {
        await using CycleFixture fixture = await CompanyAsync(6, null);
        string kept = (string)fixture.Target["user1@example.com"]["id"]!;
        await fixture.RemoveAsync("user2@example.com");
        await fixture.PatchAsync("user1@example.com", "userName", "user2@example.com");
        fixture.People.RemoveAt(0);
        ProvisioningOutcome staged = Assert.Single(await ReconcileAsync(fixture), o => o.SourceId == Id(2));
        Assert.Equal((OutcomeStatus.Staged, ProvisioningDrift.Takeover), (staged.Status, staged.Drift));
        Guid cycle = fixture.LastCycle.Id;

        // What the source says of the user is what was last written; yet it has no user.
        await fixture.RunAsync();
        List<ProvisioningOutcome> approved = await fixture.RunAsync(new CycleOptions { Time = fixture.Time, ApproveCycle = cycle });

        ProvisioningOutcome taken = Assert.Single(approved, o => o.SourceId == Id(2));
        Assert.Equal((OutcomeStatus.Success, kept), (taken.Status, taken.TargetId));
        Assert.Equal(
            ("Given2", Id(2)),
            ((string?)fixture.Target["user2@example.com"]["name"]!["givenName"], (string?)fixture.Target["user2@example.com"]["externalId"])
        );
    }

    private static async Task<CycleFixture> CompanyAsync(int people, SandboxBehavior? behavior)
    {
        var fixture = new CycleFixture(new SandboxOptions { Behaviors = behavior is { } one ? [one] : [] });
        for (int i = 1; i <= people; i++)
            fixture.Add(i);
        await fixture.RunAsync();
        return fixture;
    }

    private static void Rename(CycleFixture fixture) =>
        (fixture.People[2]["userPrincipalName"], fixture.People[2]["surname"]) = ("married@example.com", "Married");

    private static Task<List<ProvisioningOutcome>> ReconcileAsync(CycleFixture fixture) =>
        fixture.RunAsync(new CycleOptions { Time = fixture.Time, Reconcile = true });
}

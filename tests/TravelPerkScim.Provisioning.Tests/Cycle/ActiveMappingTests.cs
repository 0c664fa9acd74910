using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleFixture;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>The mapping of active takes access away from users in scope: that is a disable like any other.</summary>
public sealed class ActiveMappingTests
{
    [Fact]
    public async Task Disables_through_the_mapping_are_counted_with_the_departures_and_staged_over_the_threshold()
    {
        await using CycleFixture fixture = await CompanyAsync(12);
        for (int i = 0; i < 5; i++)
            fixture.People[i]["jobTitle"] = "Contractor";
        fixture.People[10]["accountEnabled"] = false;

        ProvisioningPlan plan = await fixture.PlanAsync();
        fixture.AssertPlan(
            """
            Disable user1@example.com (source 1, target user1@example.com), staged
                The source user is in scope, and the mapping of 'active' gives False.
                active: True -> False
                title: Employee -> Contractor
            Disable user2@example.com (source 2, target user2@example.com), staged
                The source user is in scope, and the mapping of 'active' gives False.
                active: True -> False
                title: Employee -> Contractor
            Disable user3@example.com (source 3, target user3@example.com), staged
                The source user is in scope, and the mapping of 'active' gives False.
                active: True -> False
                title: Employee -> Contractor
            Disable user4@example.com (source 4, target user4@example.com), staged
                The source user is in scope, and the mapping of 'active' gives False.
                active: True -> False
                title: Employee -> Contractor
            Disable user5@example.com (source 5, target user5@example.com), staged
                The source user is in scope, and the mapping of 'active' gives False.
                active: True -> False
                title: Employee -> Contractor
            Disable user11@example.com (source 11, target user11@example.com), staged
                The source account is disabled.
                active: True -> False
            """,
            plan
        );
        int writes = fixture.Writes;
        Assert.All(
            await fixture.ApplyAsync(plan),
            o => Assert.Equal((ProvisioningAction.Disable, OutcomeStatus.Staged), (o.Action, o.Status))
        );

        Assert.Equal(writes, fixture.Writes);
        Assert.Equal(12, Active(fixture));
        Assert.All(await fixture.RunAsync(), o => Assert.Equal(OutcomeStatus.Staged, o.Status));
        List<ProvisioningOutcome> approved = await fixture.RunAsync(new CycleOptions { Time = fixture.Time, ApproveCycle = plan.CycleId });
        Assert.Equal(6, approved.Count(o => o is { Action: ProvisioningAction.Disable, Status: OutcomeStatus.Success }));
        Assert.Equal((6, 6L), (Active(fixture), fixture.LastCycle.Counts.Disabled));
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_user_whom_the_mapping_disables_stays_managed_and_is_enabled_again()
    {
        await using CycleFixture fixture = await CompanyAsync(3);
        (fixture.People[0]["jobTitle"], fixture.People[0]["surname"]) = ("Contractor", "Renamed");

        fixture.AssertOutcomes(
            """
            Success Disable user1@example.com (source 1, target user1@example.com)
                The source user is in scope, and the mapping of 'active' gives False.
                active: True -> False
                name.familyName: Family1 -> Renamed
                title: Employee -> Contractor
            """,
            await fixture.RunAsync()
        );

        Assert.Equal(
            (false, "Renamed"),
            ((bool)fixture.Target["user1@example.com"]["active"]!, (string?)fixture.Target["user1@example.com"]["name"]!["familyName"])
        );
        Assert.Empty(await fixture.RunAsync());
        Assert.Empty(await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Reconcile = true }));
        await fixture.PatchAsync("user1@example.com", "active", true);
        fixture.AssertOutcomes(
            """
            Success Disable user1@example.com (source 1, target user1@example.com), Reactivated
                The source user is in scope, and the mapping of 'active' gives False. The job had made the user inactive, and
                  TravelPerk shows the user as active.
                active: True -> False
            """,
            await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Reconcile = true })
        );
        fixture.People[0]["surname"] = "Again";
        Assert.Equal(ProvisioningAction.Update, Assert.Single(await fixture.RunAsync()).Action);

        fixture.People[0]["jobTitle"] = "Employee";

        Assert.Equal(
            (ProvisioningAction.Enable, OutcomeStatus.Success),
            Assert.Single((await fixture.RunAsync()).Select(o => (o.Action, o.Status)))
        );
        Assert.Equal(3, Active(fixture));
    }

    [Fact]
    public async Task A_user_who_is_created_inactive_is_no_disable()
    {
        await using CycleFixture fixture = await CompanyAsync(3);
        for (int i = 4; i <= 20; i++)
            fixture.Add(i)["jobTitle"] = "Contractor";

        Assert.All(await fixture.RunAsync(), o => Assert.Equal((ProvisioningAction.Create, OutcomeStatus.Success), (o.Action, o.Status)));

        Assert.Equal((20, 3), (fixture.Sandbox.UserCount, Active(fixture)));
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_value_that_a_staged_user_would_give_up_is_not_given_to_another()
    {
        await using CycleFixture fixture = await CompanyAsync(12);
        for (int i = 0; i < 6; i++)
            (fixture.People[i]["jobTitle"], fixture.People[i]["userPrincipalName"]) = ("Contractor", $"user{(i + 1) % 6 + 1}@example.com");
        fixture.Add(30)["userPrincipalName"] = "new30@example.com";
        fixture.People[6]["userPrincipalName"] = "other7@example.com";

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal(6, outcomes.Count(o => o is { Action: ProvisioningAction.Disable, Status: OutcomeStatus.Staged }));
        Assert.Equal(2, outcomes.Count(o => o.Status == OutcomeStatus.Success));
        Assert.Equal(8, outcomes.Count);
        Assert.Equal(13, Active(fixture));
        Assert.All(Enumerable.Range(1, 6), i => Assert.Equal(Id(i), (string?)fixture.Target[$"user{i}@example.com"]["externalId"]));

        await fixture.RunAsync(new CycleOptions { Time = fixture.Time, ApproveCycle = fixture.LastCycle.Id });
        Assert.Equal(7, Active(fixture));
        Assert.Equal(Id(1), (string?)fixture.Target["user2@example.com"]["externalId"]);
    }

    [Fact]
    public async Task A_disable_through_the_mapping_that_is_not_kept_is_a_failure_and_is_tried_again()
    {
        await using CycleFixture fixture = await CompanyAsync(3);
        fixture.Sandbox.SetNotKept("active");
        fixture.People[0]["jobTitle"] = "Contractor";

        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal((ProvisioningAction.Disable, OutcomeStatus.Failure, "NotKept"), (outcome.Action, outcome.Status, outcome.ErrorCode));
        fixture.Sandbox.SetBehavior(SandboxBehavior.ValuesNotKept, on: false);
        fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(OutcomeStatus.Success, Assert.Single(await fixture.RunAsync()).Status);
        Assert.Equal(2, Active(fixture));
    }

    [Fact]
    public async Task A_user_whom_the_filter_misses_is_not_disabled_by_the_way_of_a_create()
    {
        await using CycleFixture fixture = await CompanyAsync(1);
        fixture.Sandbox.SetBehavior(SandboxBehavior.FilterMisses, on: true);
        fixture.AddStranger("user9@example.com", givenName: "Given9", familyName: "Family9");
        fixture.Add(9)["jobTitle"] = "Contractor";

        Assert.Equal("EntryConflict", Assert.Single(await fixture.RunAsync()).ErrorCode);

        Assert.Equal(2, Active(fixture));
        fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(
            (ProvisioningAction.Disable, OutcomeStatus.Success),
            Assert.Single((await fixture.RunAsync()).Select(o => (o.Action, o.Status)))
        );
    }

    private static int Active(CycleFixture fixture) => fixture.Sandbox.Users.Count(u => (bool)u["active"]!);

    private static async Task<CycleFixture> CompanyAsync(int people)
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Find("active")!.Source = AttributeMappingSource.FromExpression(
            "Switch([IsSoftDeleted], Switch([jobTitle], \"True\", \"Contractor\", \"False\"), \"True\", \"False\")"
        );
        var fixture = new CycleFixture(mapping: mapping);
        for (int i = 1; i <= people; i++)
            fixture.Add(i)["jobTitle"] = "Employee";
        await fixture.RunAsync();
        return fixture;
    }
}

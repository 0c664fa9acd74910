using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleBench;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>The mapping of active takes access away from users in scope: that is a disable like any other.</summary>
public sealed class ActiveMappingTests
{
    [Fact]
    public async Task Disables_through_the_mapping_are_counted_with_the_departures_and_staged_over_the_threshold()
    {
        await using CycleBench bench = await CompanyAsync(12);
        for (int i = 0; i < 5; i++)
            bench.People[i]["jobTitle"] = "Contractor";
        bench.People[10]["accountEnabled"] = false;

        ProvisioningPlan plan = await bench.PlanAsync();
        Assert.Equal(6, plan.Operations.Count);
        Assert.All(plan.Operations, o => Assert.Equal((ProvisioningAction.Disable, true), (o.Action, o.Staged)));
        Assert.Contains("the mapping of 'active' gives False", plan.Operations[0].Reason, StringComparison.Ordinal);
        int writes = bench.Writes;
        Assert.All(
            await bench.ApplyAsync(plan),
            o => Assert.Equal((ProvisioningAction.Disable, OutcomeStatus.Staged), (o.Action, o.Status))
        );

        Assert.Equal(writes, bench.Writes);
        Assert.Equal(12, Active(bench));
        Assert.All(await bench.RunAsync(), o => Assert.Equal(OutcomeStatus.Staged, o.Status));
        List<ProvisioningOutcome> approved = await bench.RunAsync(new CycleOptions { Time = bench.Time, ApproveCycle = plan.CycleId });
        Assert.Equal(6, approved.Count(o => o is { Action: ProvisioningAction.Disable, Status: OutcomeStatus.Success }));
        Assert.Equal((6, 6L), (Active(bench), bench.LastCycle.Counts.Disabled));
        Assert.Empty(await bench.RunAsync());
    }

    [Fact]
    public async Task A_user_whom_the_mapping_disables_stays_managed_and_is_enabled_again()
    {
        await using CycleBench bench = await CompanyAsync(3);
        (bench.People[0]["jobTitle"], bench.People[0]["surname"]) = ("Contractor", "Renamed");

        ProvisioningOutcome outcome = Assert.Single(await bench.RunAsync());

        Assert.Equal((ProvisioningAction.Disable, OutcomeStatus.Success), (outcome.Action, outcome.Status));
        Assert.Equal(
            (false, "Renamed"),
            ((bool)bench.Target["user1@example.com"]["active"]!, (string?)bench.Target["user1@example.com"]["name"]!["familyName"])
        );
        Assert.Empty(await bench.RunAsync());
        Assert.Empty(await bench.RunAsync(new CycleOptions { Time = bench.Time, Reconcile = true }));
        await bench.PatchAsync("user1@example.com", "active", true);
        ProvisioningOutcome again = Assert.Single(await bench.RunAsync(new CycleOptions { Time = bench.Time, Reconcile = true }));
        Assert.Equal((ProvisioningAction.Disable, ProvisioningDrift.Reactivated), (again.Action, again.Drift));
        bench.People[0]["surname"] = "Again";
        Assert.Equal(ProvisioningAction.Update, Assert.Single(await bench.RunAsync()).Action);

        bench.People[0]["jobTitle"] = "Employee";

        Assert.Equal(
            (ProvisioningAction.Enable, OutcomeStatus.Success),
            Assert.Single((await bench.RunAsync()).Select(o => (o.Action, o.Status)))
        );
        Assert.Equal(3, Active(bench));
    }

    [Fact]
    public async Task A_user_who_is_created_inactive_is_no_disable()
    {
        await using CycleBench bench = await CompanyAsync(3);
        for (int i = 4; i <= 20; i++)
            bench.Add(i)["jobTitle"] = "Contractor";

        Assert.All(await bench.RunAsync(), o => Assert.Equal((ProvisioningAction.Create, OutcomeStatus.Success), (o.Action, o.Status)));

        Assert.Equal((20, 3), (bench.Sandbox.UserCount, Active(bench)));
        Assert.Empty(await bench.RunAsync());
    }

    [Fact]
    public async Task A_value_that_a_staged_user_would_give_up_is_not_given_to_another()
    {
        await using CycleBench bench = await CompanyAsync(12);
        for (int i = 0; i < 6; i++)
            (bench.People[i]["jobTitle"], bench.People[i]["userPrincipalName"]) = ("Contractor", $"user{(i + 1) % 6 + 1}@example.com");
        bench.Add(30)["userPrincipalName"] = "new30@example.com";
        bench.People[6]["userPrincipalName"] = "other7@example.com";

        List<ProvisioningOutcome> outcomes = await bench.RunAsync();

        Assert.Equal(6, outcomes.Count(o => o is { Action: ProvisioningAction.Disable, Status: OutcomeStatus.Staged }));
        Assert.Equal(2, outcomes.Count(o => o.Status == OutcomeStatus.Success));
        Assert.Equal(8, outcomes.Count);
        Assert.Equal(13, Active(bench));
        Assert.All(Enumerable.Range(1, 6), i => Assert.Equal(Id(i), (string?)bench.Target[$"user{i}@example.com"]["externalId"]));

        await bench.RunAsync(new CycleOptions { Time = bench.Time, ApproveCycle = bench.LastCycle.Id });
        Assert.Equal(7, Active(bench));
        Assert.Equal(Id(1), (string?)bench.Target["user2@example.com"]["externalId"]);
    }

    [Fact]
    public async Task A_disable_through_the_mapping_that_is_not_kept_is_a_failure_and_is_tried_again()
    {
        await using CycleBench bench = await CompanyAsync(3);
        bench.Sandbox.SetNotKept("active");
        bench.People[0]["jobTitle"] = "Contractor";

        ProvisioningOutcome outcome = Assert.Single(await bench.RunAsync());

        Assert.Equal((ProvisioningAction.Disable, OutcomeStatus.Failure, "NotKept"), (outcome.Action, outcome.Status, outcome.ErrorCode));
        bench.Sandbox.SetBehavior(SandboxBehavior.ValuesNotKept, on: false);
        bench.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(OutcomeStatus.Success, Assert.Single(await bench.RunAsync()).Status);
        Assert.Equal(2, Active(bench));
    }

    [Fact]
    public async Task A_user_whom_the_filter_misses_is_not_disabled_by_the_way_of_a_create()
    {
        await using CycleBench bench = await CompanyAsync(1);
        bench.Sandbox.SetBehavior(SandboxBehavior.FilterMisses, on: true);
        bench.Sandbox.AddUser(
            new()
            {
                ["userName"] = "user9@example.com",
                ["active"] = true,
                ["name"] = new System.Text.Json.Nodes.JsonObject { ["givenName"] = "Given9", ["familyName"] = "Family9" },
            }
        );
        bench.Add(9)["jobTitle"] = "Contractor";

        Assert.Equal("EntryConflict", Assert.Single(await bench.RunAsync()).ErrorCode);

        Assert.Equal(2, Active(bench));
        bench.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(
            (ProvisioningAction.Disable, OutcomeStatus.Success),
            Assert.Single((await bench.RunAsync()).Select(o => (o.Action, o.Status)))
        );
    }

    private static int Active(CycleBench bench) => bench.Sandbox.Users.Count(u => (bool)u["active"]!);

    private static async Task<CycleBench> CompanyAsync(int people)
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Find("active")!.Source = AttributeMappingSource.FromExpression(
            "Switch([IsSoftDeleted], Switch([jobTitle], \"True\", \"Contractor\", \"False\"), \"True\", \"False\")"
        );
        var bench = new CycleBench(mapping: mapping);
        for (int i = 1; i <= people; i++)
            bench.Add(i)["jobTitle"] = "Employee";
        await bench.RunAsync();
        return bench;
    }
}

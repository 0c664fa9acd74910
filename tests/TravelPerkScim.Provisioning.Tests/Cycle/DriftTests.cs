using System.Text.Json.Nodes;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>Somebody worked in TravelPerk by hand; the job finds out, says so, and repairs what is its own.</summary>
public sealed class DriftTests
{
    [Fact]
    public async Task Nothing_drifted_costs_one_request_a_page_and_no_write()
    {
        await using CycleBench bench = await CompanyAsync(30, new SandboxOptions { PageCap = 10 });
        int gets = bench.Requests("GET"),
            writes = bench.Writes;

        Assert.Empty(await ReconcileAsync(bench));

        Assert.Equal((gets + 3, writes), (bench.Requests("GET"), bench.Writes));
        Assert.Equal((CycleKind.Reconcile, CycleState.Succeeded), (bench.LastCycle.Kind, bench.LastCycle.State));
    }

    [Fact]
    public async Task Who_was_edited_by_hand_is_named_with_old_and_new_and_repaired()
    {
        await using CycleBench bench = await CompanyAsync(6);
        await bench.PatchAsync("user3@example.com", "title", "By hand");
        await bench.PatchAsync("user4@example.com", "active", false);
        Assert.Empty(await bench.RunAsync());

        ProvisioningOperation[] found = [.. (await PlanAsync(bench)).Operations];

        Assert.Equal(
            [(ProvisioningDrift.EditedByHand, "user3@example.com"), (ProvisioningDrift.DisabledByHand, "user4@example.com")],
            found.Select(o => (o.Drift, o.Identity))
        );
        Assert.Equal(new AttributeChange("title", "By hand", "Title 3"), Assert.Single(found[0].Changes));
        Assert.Contains("changed in TravelPerk", found[0].Reason, StringComparison.Ordinal);
        Assert.All(await ReconcileAsync(bench), o => Assert.Equal(OutcomeStatus.Success, o.Status));
        Assert.Equal("Title 3", (string)bench.Target["user3@example.com"]["title"]!);
        Assert.True((bool)bench.Target["user4@example.com"]["active"]!);
        Assert.Empty(await ReconcileAsync(bench));
    }

    [Fact]
    public async Task A_change_of_the_source_is_no_drift()
    {
        await using CycleBench bench = await CompanyAsync(6);
        bench.People[2]["jobTitle"] = "Promoted";

        ProvisioningOperation update = Assert.Single((await PlanAsync(bench)).Operations);

        Assert.Equal((ProvisioningDrift.None, "The source user changed."), (update.Drift, update.Reason));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_was_disabled_by_the_job_and_let_in_by_hand_is_disabled_again(bool listed)
    {
        await using CycleBench bench = await CompanyAsync(8);
        JsonObject leaver = bench.People[4];
        leaver["accountEnabled"] = false;
        await bench.RunAsync();
        if (!listed)
            bench.People.Remove(leaver);
        Assert.Empty((await PlanAsync(bench)).Operations);
        await bench.PatchAsync("user5@example.com", "active", true);
        Assert.Empty(await bench.RunAsync());

        ProvisioningOutcome outcome = Assert.Single(await ReconcileAsync(bench));

        Assert.Equal(
            (ProvisioningAction.Disable, ProvisioningDrift.Reactivated, OutcomeStatus.Success, "user5@example.com"),
            (outcome.Action, outcome.Drift, outcome.Status, outcome.Identity)
        );
        Assert.False((bool)bench.Target["user5@example.com"]["active"]!);
        Assert.Empty(await ReconcileAsync(bench));
    }

    [Fact]
    public async Task More_reactivations_than_the_threshold_are_staged()
    {
        await using CycleBench bench = await CompanyAsync(20);
        foreach (JsonObject person in bench.People.Take(8))
            person["accountEnabled"] = false;
        await bench.RunAsync();
        await bench.RunAsync(new CycleOptions { Time = bench.Time, ApproveCycle = bench.LastCycle.Id });
        for (int n = 1; n <= 8; n++)
            await bench.PatchAsync($"user{n}@example.com", "active", true);

        List<ProvisioningOutcome> outcomes = await ReconcileAsync(bench);

        Assert.Equal(8, outcomes.Count(o => o.Status == OutcomeStatus.Staged));
        Assert.All(bench.Target.Values, u => Assert.True((bool)u["active"]!));
    }

    [Fact]
    public async Task Who_vanished_is_created_and_who_was_made_again_is_linked_anew()
    {
        await using CycleBench bench = await CompanyAsync(6);
        await bench.RemoveAsync("user2@example.com");
        await bench.RemoveAsync("user3@example.com");
        string again = bench.Sandbox.AddUser(User("user3@example.com"));

        List<ProvisioningOutcome> outcomes = await ReconcileAsync(bench);

        Assert.Equal(
            [
                (ProvisioningAction.Create, ProvisioningDrift.Vanished, "user2@example.com"),
                (ProvisioningAction.Update, ProvisioningDrift.Recreated, "user3@example.com"),
            ],
            outcomes.Select(o => (o.Action, o.Drift, o.Identity)).Order()
        );
        Assert.Equal(again, (string)bench.Target["user3@example.com"]["id"]!);
        Assert.Equal("Title 3", (string)bench.Target["user3@example.com"]["title"]!);
        Assert.Empty(await ReconcileAsync(bench));
    }

    [Fact]
    public async Task A_vanished_manager_is_made_again_and_the_reports_name_the_new_one()
    {
        await using CycleBench bench = await CompanyAsync(6, manager: 1);
        await bench.RemoveAsync("user1@example.com");

        ProvisioningPlan plan = await PlanAsync(bench);
        Assert.Equal(ProvisioningDrift.Vanished, Assert.Single(plan.Operations, o => o.Action == ProvisioningAction.Create).Drift);
        Assert.All(
            plan.Operations.Where(o => o.Action == ProvisioningAction.Update),
            o => Assert.Equal(ProvisioningDrift.ManagerLost, o.Drift)
        );
        Assert.All(await ReconcileAsync(bench), o => Assert.Equal(OutcomeStatus.Success, o.Status));

        string manager = (string)bench.Target["user1@example.com"]["id"]!;
        Assert.All(Enumerable.Range(2, 5), n => Assert.Equal(manager, bench.ManagerOf(n)));
        Assert.Empty(await ReconcileAsync(bench));
    }

    [Fact]
    public async Task Orphans_and_duplicates_are_named_and_never_written()
    {
        await using CycleBench bench = await CompanyAsync(6);
        bench.Sandbox.AddUser(User("stranger@example.com"));
        bench.Add(50)["accountEnabled"] = false;
        bench.Sandbox.AddUser(User("user50@example.com"));
        string before = new JsonArray([.. bench.Sandbox.Users.Select(u => u.DeepClone())]).ToJsonString();
        int writes = bench.Writes;

        List<ProvisioningOutcome> outcomes = await ReconcileAsync(bench);

        Assert.Equal(["stranger@example.com", "user50@example.com"], outcomes.Select(o => o.Identity).Order());
        Assert.All(
            outcomes,
            o => Assert.Equal((ProvisioningAction.None, ProvisioningDrift.Orphan, OutcomeStatus.Skipped), (o.Action, o.Drift, o.Status))
        );
        Assert.Equal(writes, bench.Writes);
        Assert.Equal(before, new JsonArray([.. bench.Sandbox.Users.Select(u => u.DeepClone())]).ToJsonString());
    }

    [Fact]
    public async Task A_source_that_was_not_read_whole_names_no_orphans()
    {
        await using CycleBench bench = await CompanyAsync(6);
        bench.Sandbox.AddUser(User("stranger@example.com"));
        await bench.PlanAsync();
        string whole = File.ReadAllText(bench.SourceFile);
        File.WriteAllText(bench.SourceFile, whole[..(whole.Length / 2)]);

        ProvisioningPlan plan = await bench.PlanFileAsync(new CycleOptions { Time = bench.Time, Reconcile = true });

        Assert.Empty(plan.Operations);
        Assert.Contains(plan.Warnings, w => w.Contains("no counterpart", StringComparison.Ordinal));
    }

    [Fact]
    public async Task New_reports_of_a_manager_who_was_deleted_by_hand_are_created_and_a_later_cycle_heals_the_manager()
    {
        await using var bench = new CycleBench();
        LiveDirectory directory = bench.Live();
        directory.Set(1);
        directory.Set(2, manager: 1);
        await bench.RunAsync();
        await bench.RemoveAsync("user1@example.com");
        directory.Set(3, manager: 1);

        ProvisioningOutcome created = Assert.Single(await bench.RunAsync());
        Assert.Equal(
            (ProvisioningAction.Create, OutcomeStatus.Success, "user3@example.com"),
            (created.Action, created.Status, created.Identity)
        );
        bench.Time.Advance(TimeSpan.FromMinutes(6));
        await bench.RunAsync();

        Assert.Equal((string)bench.Target["user1@example.com"]["id"]!, bench.ManagerOf(3));
    }

    [Fact]
    public async Task Whoever_took_an_account_over_is_not_kept_out_in_the_former_owners_name()
    {
        await using var bench = new CycleBench();
        LiveDirectory directory = await bench.LiveAsync(2);
        directory.Delete(1);
        directory.Expired = true;
        await bench.RunAsync();
        await bench.PatchAsync("user1@example.com", "active", true);
        directory.Set(3, userPrincipalName: "user1@example.com", person: 1);

        await bench.RunAsync(new CycleOptions { Time = bench.Time, Reconcile = true });

        Assert.Equal(CycleBench.Id(3), (string?)bench.Target["user1@example.com"]["externalId"]);
        Assert.True((bool)bench.Target["user1@example.com"]["active"]!);
        directory.Set(3, userPrincipalName: "user1@example.com", enabled: false);
        ProvisioningOutcome left = Assert.Single(await bench.RunAsync());
        Assert.Equal((ProvisioningAction.Disable, CycleBench.Id(3)), (left.Action, left.SourceId));
    }

    [Fact]
    public async Task A_report_is_created_although_its_manager_is_deleted_in_the_same_cycle()
    {
        await using var bench = new CycleBench(settings: s => s with { Concurrency = 1 });
        LiveDirectory directory = await bench.LiveAsync(6);
        directory.Delete(1);
        directory.Set(7, manager: 1);
        await bench.RemoveAsync("user1@example.com");

        List<ProvisioningOutcome> outcomes = await bench.RunAsync();

        Assert.All(outcomes, o => Assert.Equal(OutcomeStatus.Success, o.Status));
        Assert.Contains("user7@example.com", bench.Target.Keys);
    }

    [Fact]
    public async Task A_reviewed_repair_is_applied_from_the_plan()
    {
        await using CycleBench bench = await CompanyAsync(6);
        await bench.PatchAsync("user3@example.com", "title", "By hand");
        await bench.PatchAsync("user4@example.com", "title", "By hand");
        bench.Sandbox.AddUser(User("stranger@example.com"));
        ProvisioningPlan plan = await PlanAsync(bench);

        List<ProvisioningOutcome> outcomes = await bench.RunAsync(
            new CycleOptions { Time = bench.Time, Reviewed = [.. plan.Operations.Where(o => o.Identity != "user4@example.com")] }
        );

        Assert.Equal("user3@example.com", Assert.Single(outcomes, o => o.Status == OutcomeStatus.Success).Identity);
        Assert.Equal(
            (ProvisioningAction.None, OutcomeStatus.Skipped),
            outcomes.Where(o => o.Identity == "stranger@example.com").Select(o => (o.Action, o.Status)).Single()
        );
        Assert.Equal("By hand", (string)bench.Target["user4@example.com"]["title"]!);
    }

    private static async Task<CycleBench> CompanyAsync(int users, SandboxOptions? options = null, int? manager = null)
    {
        var bench = new CycleBench(options);
        for (int n = 1; n <= users; n++)
            bench.Add(n, n == manager ? null : manager);
        await bench.RunAsync();
        return bench;
    }

    private static Task<ProvisioningPlan> PlanAsync(CycleBench bench) =>
        bench.PlanAsync(new CycleOptions { Time = bench.Time, Reconcile = true });

    private static Task<List<ProvisioningOutcome>> ReconcileAsync(CycleBench bench) =>
        bench.RunAsync(new CycleOptions { Time = bench.Time, Reconcile = true });

    private static JsonObject User(string userName) =>
        new()
        {
            ["userName"] = userName,
            ["name"] = new JsonObject { ["givenName"] = "A", ["familyName"] = "B" },
            ["active"] = true,
        };
}

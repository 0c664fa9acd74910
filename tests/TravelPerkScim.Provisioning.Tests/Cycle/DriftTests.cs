using System.Text.Json.Nodes;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>TravelPerk was edited by hand. The job finds the edits, reports them, and repairs its own values.</summary>
public sealed class DriftTests
{
    [Fact]
    public async Task Nothing_drifted_costs_one_request_a_page_and_no_write()
    {
        await using CycleFixture fixture = await CompanyAsync(30, new SandboxOptions { PageCap = 10 });
        int gets = fixture.Requests("GET"),
            writes = fixture.Writes;

        Assert.Empty(await ReconcileAsync(fixture));

        Assert.Equal((gets + 3, writes), (fixture.Requests("GET"), fixture.Writes));
        Assert.Equal((CycleKind.Reconcile, CycleState.Succeeded), (fixture.LastCycle.Kind, fixture.LastCycle.State));
    }

    [Fact]
    public async Task An_edit_by_hand_is_shown_with_old_and_new_value_and_repaired()
    {
        await using CycleFixture fixture = await CompanyAsync(6);
        await fixture.PatchAsync("user3@example.com", "title", "By hand");
        await fixture.PatchAsync("user4@example.com", "active", false);
        Assert.Empty(await fixture.RunAsync());

        fixture.AssertPlan(
            """
            Update user3@example.com (source 3, target user3@example.com), EditedByHand
                The user was changed in TravelPerk since the job last wrote it; the source user did not change.
                title: By hand -> Title 3
            Enable user4@example.com (source 4, target user4@example.com), DisabledByHand
                The user was disabled in TravelPerk; the source user is active and in scope.
                active: False -> True
            """,
            await PlanAsync(fixture)
        );
        Assert.All(await ReconcileAsync(fixture), o => Assert.Equal(OutcomeStatus.Success, o.Status));
        Assert.Equal("Title 3", (string)fixture.Target["user3@example.com"]["title"]!);
        Assert.True((bool)fixture.Target["user4@example.com"]["active"]!);
        Assert.Empty(await ReconcileAsync(fixture));
    }

    [Fact]
    public async Task A_change_of_the_source_is_no_drift()
    {
        await using CycleFixture fixture = await CompanyAsync(6);
        fixture.People[2]["jobTitle"] = "Promoted";

        fixture.AssertPlan(
            """
            Update user3@example.com (source 3, target user3@example.com)
                The source user changed.
                title: Title 3 -> Promoted
            """,
            await PlanAsync(fixture)
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_disabled_user_who_was_reactivated_by_hand_is_disabled_again(bool listed)
    {
        await using CycleFixture fixture = await CompanyAsync(8);
        JsonObject leaver = fixture.People[4];
        leaver["accountEnabled"] = false;
        await fixture.RunAsync();
        if (!listed)
            fixture.People.Remove(leaver);
        Assert.Empty((await PlanAsync(fixture)).Operations);
        await fixture.PatchAsync("user5@example.com", "active", true);
        Assert.Empty(await fixture.RunAsync());

        string why = listed ? "The source account is disabled." : "The source no longer lists the user.";
        fixture.AssertOutcomes(
            $"""
            Success Disable user5@example.com (source 5, target user5@example.com), Reactivated
                The job disabled the user, and the user was enabled in TravelPerk since. {why}
                active: True -> False
            """,
            await ReconcileAsync(fixture)
        );

        Assert.False((bool)fixture.Target["user5@example.com"]["active"]!);
        Assert.Empty(await ReconcileAsync(fixture));
    }

    [Fact]
    public async Task More_reactivations_than_the_threshold_are_staged()
    {
        await using CycleFixture fixture = await CompanyAsync(20);
        foreach (JsonObject person in fixture.People.Take(8))
            person["accountEnabled"] = false;
        await fixture.RunAsync();
        await fixture.RunAsync(new CycleOptions { Time = fixture.Time, ApproveCycle = fixture.LastCycle.Id });
        for (int n = 1; n <= 8; n++)
            await fixture.PatchAsync($"user{n}@example.com", "active", true);

        List<ProvisioningOutcome> outcomes = await ReconcileAsync(fixture);

        Assert.Equal(8, outcomes.Count(o => o.Status == OutcomeStatus.Staged));
        Assert.All(fixture.Target.Values, u => Assert.True((bool)u["active"]!));
    }

    [Fact]
    public async Task A_deleted_user_is_created_and_a_user_made_again_by_hand_is_linked()
    {
        await using CycleFixture fixture = await CompanyAsync(6);
        await fixture.RemoveAsync("user2@example.com");
        await fixture.RemoveAsync("user3@example.com");
        string again = fixture.AddStranger("user3@example.com");

        List<ProvisioningOutcome> outcomes = await ReconcileAsync(fixture);

        Assert.Equal(
            [
                (ProvisioningAction.Create, ProvisioningDrift.Vanished, "user2@example.com"),
                (ProvisioningAction.Update, ProvisioningDrift.Recreated, "user3@example.com"),
            ],
            outcomes.Select(o => (o.Action, o.Drift, o.Identity)).Order()
        );
        Assert.Equal(again, (string)fixture.Target["user3@example.com"]["id"]!);
        Assert.Equal("Title 3", (string)fixture.Target["user3@example.com"]["title"]!);
        Assert.Empty(await ReconcileAsync(fixture));
    }

    [Fact]
    public async Task A_vanished_manager_is_made_again_and_the_reports_name_the_new_one()
    {
        await using CycleFixture fixture = await CompanyAsync(6, manager: 1);
        await fixture.RemoveAsync("user1@example.com");

        fixture.AssertPlan(
            """
            Create user1@example.com (source 1, target -), Vanished
                TravelPerk user 1 no longer exists, and no other has the matching attributes.
                userName: user1@example.com; externalId: 00000000-0000-4000-8000-000000000001; active: True; name.givenName: Given1;
                  name.familyName: Family1; phoneNumbers[type eq "work"].value: +34 930000001; title: Title 1
            Update user2@example.com (source 2, target user2@example.com), ManagerLost
                The manager's TravelPerk user was deleted there; the reference follows the new one.
                urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager: - -> 00000000-0000-4000-8000-000000000001
            Update user3@example.com (source 3, target user3@example.com), ManagerLost
                The manager's TravelPerk user was deleted there; the reference follows the new one.
                urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager: - -> 00000000-0000-4000-8000-000000000001
            Update user4@example.com (source 4, target user4@example.com), ManagerLost
                The manager's TravelPerk user was deleted there; the reference follows the new one.
                urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager: - -> 00000000-0000-4000-8000-000000000001
            Update user5@example.com (source 5, target user5@example.com), ManagerLost
                The manager's TravelPerk user was deleted there; the reference follows the new one.
                urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager: - -> 00000000-0000-4000-8000-000000000001
            Update user6@example.com (source 6, target user6@example.com), ManagerLost
                The manager's TravelPerk user was deleted there; the reference follows the new one.
                urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager: - -> 00000000-0000-4000-8000-000000000001
            """,
            await PlanAsync(fixture)
        );
        Assert.All(await ReconcileAsync(fixture), o => Assert.Equal(OutcomeStatus.Success, o.Status));

        string manager = (string)fixture.Target["user1@example.com"]["id"]!;
        Assert.All(Enumerable.Range(2, 5), n => Assert.Equal(manager, fixture.ManagerOf(n)));
        Assert.Empty(await ReconcileAsync(fixture));
    }

    [Fact]
    public async Task Orphans_and_duplicates_are_named_and_never_written()
    {
        await using CycleFixture fixture = await CompanyAsync(6);
        fixture.AddStranger("stranger@example.com");
        fixture.Add(50)["accountEnabled"] = false;
        fixture.AddStranger("user50@example.com");
        string before = new JsonArray([.. fixture.Sandbox.Users.Select(u => u.DeepClone())]).ToJsonString();
        int writes = fixture.Writes;

        List<ProvisioningOutcome> outcomes = await ReconcileAsync(fixture);

        Assert.Equal(["stranger@example.com", "user50@example.com"], outcomes.Select(o => o.Identity).Order());
        Assert.All(
            outcomes,
            o => Assert.Equal((ProvisioningAction.None, ProvisioningDrift.Orphan, OutcomeStatus.Skipped), (o.Action, o.Drift, o.Status))
        );
        Assert.Equal(writes, fixture.Writes);
        Assert.Equal(before, new JsonArray([.. fixture.Sandbox.Users.Select(u => u.DeepClone())]).ToJsonString());
    }

    [Fact]
    public async Task A_source_that_was_not_read_whole_names_no_orphans()
    {
        await using CycleFixture fixture = await CompanyAsync(6);
        fixture.AddStranger("stranger@example.com");
        await fixture.PlanAsync();
        string whole = File.ReadAllText(fixture.SourceFile);
        File.WriteAllText(fixture.SourceFile, whole[..(whole.Length / 2)]);

        ProvisioningPlan plan = await fixture.PlanFileAsync(new CycleOptions { Time = fixture.Time, Reconcile = true });

        fixture.AssertPlan(
            """
            Warnings:
                The source was not read whole, so which TravelPerk users have no counterpart is not known, and none is named.
                line 1, object 4: The file ends before its JSON does, so who is absent is not known. Export all users again.
                The read of users.json did not reach its end. What was read is applied; no user is disabled for being absent.
            """,
            plan
        );
    }

    [Fact]
    public async Task New_reports_of_a_manager_who_was_deleted_by_hand_are_created_and_a_later_cycle_heals_the_manager()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = fixture.Live();
        directory.Set(1);
        directory.Set(2, manager: 1);
        await fixture.RunAsync();
        await fixture.RemoveAsync("user1@example.com");
        directory.Set(3, manager: 1);

        ProvisioningOutcome created = Assert.Single(await fixture.RunAsync());
        Assert.Equal(
            (ProvisioningAction.Create, OutcomeStatus.Success, "user3@example.com"),
            (created.Action, created.Status, created.Identity)
        );
        fixture.Time.Advance(TimeSpan.FromMinutes(6));
        await fixture.RunAsync();

        Assert.Equal((string)fixture.Target["user1@example.com"]["id"]!, fixture.ManagerOf(3));
    }

    [Fact]
    public async Task A_user_that_was_taken_over_is_not_disabled_for_its_former_owner()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(2);
        directory.Delete(1);
        directory.Expired = true;
        await fixture.RunAsync();
        await fixture.PatchAsync("user1@example.com", "active", true);
        directory.Set(3, userPrincipalName: "user1@example.com", person: 1);

        await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Reconcile = true });

        Assert.Equal(CycleFixture.Id(3), (string?)fixture.Target["user1@example.com"]["externalId"]);
        Assert.True((bool)fixture.Target["user1@example.com"]["active"]!);
        directory.Set(3, userPrincipalName: "user1@example.com", enabled: false);
        ProvisioningOutcome left = Assert.Single(await fixture.RunAsync());
        Assert.Equal((ProvisioningAction.Disable, CycleFixture.Id(3)), (left.Action, left.SourceId));
    }

    [Fact]
    public async Task A_report_is_created_although_its_manager_is_deleted_in_the_same_cycle()
    {
        await using var fixture = new CycleFixture(settings: s => s with { Concurrency = 1 });
        LiveDirectory directory = await fixture.LiveAsync(6);
        directory.Delete(1);
        directory.Set(7, manager: 1);
        await fixture.RemoveAsync("user1@example.com");

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.All(outcomes, o => Assert.Equal(OutcomeStatus.Success, o.Status));
        Assert.Contains("user7@example.com", fixture.Target.Keys);
    }

    [Fact]
    public async Task A_reviewed_repair_is_applied_from_the_plan()
    {
        await using CycleFixture fixture = await CompanyAsync(6);
        await fixture.PatchAsync("user3@example.com", "title", "By hand");
        await fixture.PatchAsync("user4@example.com", "title", "By hand");
        fixture.AddStranger("stranger@example.com");
        ProvisioningPlan plan = await PlanAsync(fixture);

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync(
            new CycleOptions { Time = fixture.Time, Reviewed = [.. plan.Operations.Where(o => o.Identity != "user4@example.com")] }
        );

        fixture.AssertOutcomes(
            """
            Skipped None stranger@example.com (source -, target stranger@example.com), Orphan
                No source user in scope matches this active TravelPerk user. It is left as it is.
            Success Update user3@example.com (source 3, target user3@example.com), EditedByHand
                The user was changed in TravelPerk since the job last wrote it; the source user did not change.
                title: By hand -> Title 3
            """,
            outcomes
        );
        Assert.Equal("By hand", (string)fixture.Target["user4@example.com"]["title"]!);
    }

    private static async Task<CycleFixture> CompanyAsync(int users, SandboxOptions? options = null, int? manager = null)
    {
        var fixture = new CycleFixture(options);
        for (int n = 1; n <= users; n++)
            fixture.Add(n, n == manager ? null : manager);
        await fixture.RunAsync();
        return fixture;
    }

    private static Task<ProvisioningPlan> PlanAsync(CycleFixture fixture) =>
        fixture.PlanAsync(new CycleOptions { Time = fixture.Time, Reconcile = true });

    private static Task<List<ProvisioningOutcome>> ReconcileAsync(CycleFixture fixture) =>
        fixture.RunAsync(new CycleOptions { Time = fixture.Time, Reconcile = true });
}

using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>Cycles over a source that lists changes only.</summary>
public sealed class IncrementalTests
{
    [Fact]
    public async Task Only_changes_are_looked_at_and_no_change_sends_nothing()
    {
        await using var bench = new CycleBench();
        LiveDirectory directory = bench.Live();
        directory.Set(1);
        directory.Set(2, manager: 1);
        await bench.RunAsync();
        long before = bench.Client.RequestCount;

        Assert.Empty(await bench.RunAsync());
        Assert.Equal(before, bench.Client.RequestCount);
        directory.Set(2, "Changed", manager: 1);
        ProvisioningOutcome changed = Assert.Single(await bench.RunAsync());

        Assert.Equal((ProvisioningAction.Update, "user2@example.com"), (changed.Action, changed.Identity));
        Assert.Equal(1, bench.LastCycle.Counts.Read);
    }

    [Fact]
    public async Task A_manager_who_comes_later_reaches_the_reports_that_did_not_change()
    {
        await using var bench = new CycleBench();
        LiveDirectory directory = bench.Live();
        directory.Set(9, notEntitled: "is not assigned");
        directory.Set(1, manager: 9);
        directory.Set(2, manager: 9);
        await bench.RunAsync();
        Assert.Equal(2, bench.Target.Count);

        directory.Set(9);
        List<ProvisioningOutcome> outcomes = await bench.RunAsync();

        Assert.Equal(3, outcomes.Count);
        string manager = (string)bench.Target["user9@example.com"]["id"]!;
        Assert.All(new[] { 1, 2 }, n => Assert.Equal(manager, bench.ManagerOf(n)));
        Assert.Empty(await bench.RunAsync());
        Assert.Equal([CycleBench.Id(1), CycleBench.Id(2)], directory.AskedFor.Order());
    }

    [Fact]
    public async Task An_entry_that_could_not_be_read_is_asked_for_again_when_it_is_due()
    {
        await using var bench = new CycleBench();
        LiveDirectory directory = await bench.LiveAsync(2);
        directory.Set(1, "Changed");
        directory.Set(2, "Changed");
        directory.Broken.Add(CycleBench.Id(1));

        Assert.Equal("user2@example.com", Assert.Single(await bench.RunAsync()).Identity);
        directory.Broken.Clear();
        Assert.Empty(await bench.RunAsync());
        bench.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal("user1@example.com", Assert.Single(await bench.RunAsync()).Identity);

        bench.Time.Advance(TimeSpan.FromHours(6));
        Assert.Empty(await bench.RunAsync());
        Assert.Equal([CycleBench.Id(1)], directory.AskedFor);
    }

    [Fact]
    public async Task A_refused_entry_is_retried_from_the_source_and_settles_when_its_user_is_gone()
    {
        await using var bench = new CycleBench();
        LiveDirectory directory = bench.Live();
        bench.Sandbox.AddUser(
            new System.Text.Json.Nodes.JsonObject
            {
                ["userName"] = "user1@example.com",
                ["externalId"] = "x",
                ["active"] = false,
                ["name"] = Named("A"),
            }
        );
        bench.Sandbox.SetBehavior(SandboxBehavior.FilterMisses, on: true);
        bench.Sandbox.SetBehavior(SandboxBehavior.InactiveHidden, on: true);
        directory.Set(1);
        Assert.Equal(OutcomeStatus.Failure, Assert.Single(await bench.RunAsync()).Status);

        bench.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(OutcomeStatus.Failure, Assert.Single(await bench.RunAsync()).Status);
        directory.Delete(1);
        Assert.Empty(await bench.RunAsync());

        Assert.Equal(0, ProvisioningStatus.Read(bench.Job).Escrowed);
    }

    [Fact]
    public async Task Unassigned_is_disabled_soft_and_deleted_for_good_is_deleted()
    {
        await using var bench = new CycleBench();
        LiveDirectory directory = await bench.LiveAsync(12);

        directory.Set(1, notEntitled: "is not assigned to 'TravelPerk'");
        directory.Delete(2);
        List<ProvisioningOutcome> outcomes = await bench.RunAsync();

        Assert.Equal([ProvisioningAction.Disable, ProvisioningAction.Delete], outcomes.Select(o => o.Action).Order());
        Assert.Contains(
            "not assigned to 'TravelPerk'",
            outcomes.Single(o => o.Action == ProvisioningAction.Disable).Reason,
            StringComparison.Ordinal
        );
        Assert.False((bool)bench.Target["user1@example.com"]["active"]!);
        Assert.DoesNotContain("user2@example.com", bench.Target.Keys);
        directory.Set(1);
        Assert.Equal(ProvisioningAction.Enable, Assert.Single(await bench.RunAsync()).Action);
    }

    [Fact]
    public async Task After_an_expired_watermark_nobody_is_absent_who_was_not_asked_for()
    {
        await using var bench = new CycleBench();
        LiveDirectory directory = await bench.LiveAsync(12);
        directory.Hidden.Add(CycleBench.Id(3));
        directory.Hidden.Add(CycleBench.Id(4));
        directory.Delete(4);
        directory.Set(5, "Changed");
        directory.Expired = true;

        List<ProvisioningOutcome> outcomes = await bench.RunAsync();

        Assert.Equal(
            [(ProvisioningAction.Update, "user5@example.com"), (ProvisioningAction.Disable, "user4@example.com")],
            outcomes.Select(o => (o.Action, o.Identity)).Order()
        );
        Assert.Equal([CycleBench.Id(3), CycleBench.Id(4)], directory.AskedFor.Order());
        Assert.True((bool)bench.Target["user3@example.com"]["active"]!);
    }

    [Fact]
    public async Task Whose_absence_could_not_be_proved_is_asked_for_again_when_it_is_due()
    {
        await using var bench = new CycleBench();
        LiveDirectory directory = await bench.LiveAsync(3);
        directory.Delete(3);
        directory.Hidden.Add(CycleBench.Id(3));
        directory.Broken.Add(CycleBench.Id(3));
        directory.Expired = true;

        Assert.Empty(await bench.RunAsync());
        Assert.True((bool)bench.Target["user3@example.com"]["active"]!);
        directory.Broken.Clear();
        bench.Time.Advance(TimeSpan.FromMinutes(6));
        ProvisioningOutcome outcome = Assert.Single(await bench.RunAsync());
        Assert.Equal((ProvisioningAction.Delete, CycleBench.Id(3)), (outcome.Action, outcome.SourceId));

        bench.Time.Advance(TimeSpan.FromHours(6));
        Assert.Empty(await bench.RunAsync());
        Assert.Equal(2, directory.AskedFor.Count);
    }

    [Fact]
    public async Task Whoever_is_staged_is_asked_for_again_although_no_list_of_changes_names_them_any_more()
    {
        await using var bench = new CycleBench(settings: s => s with { DeleteThreshold = 0 });
        LiveDirectory directory = await bench.LiveAsync(3);
        directory.Broken.Add(CycleBench.Id(3));
        directory.Delete(3);
        Assert.Empty(await bench.RunAsync());
        directory.Broken.Clear();
        directory.Expired = true;
        Assert.Equal(OutcomeStatus.Staged, Assert.Single(await bench.RunAsync()).Status);

        bench.Job.Save(bench.Job.Settings with { DeleteThreshold = 500 });

        Assert.Equal((CycleBench.Id(3), OutcomeStatus.Success), (await bench.RunAsync()).Select(o => (o.SourceId, o.Status)).Single());
    }

    [Fact]
    public async Task A_read_with_an_entry_of_nobody_knows_whom_moves_no_watermark_and_proves_no_absence()
    {
        await using var bench = new CycleBench();
        LiveDirectory directory = await bench.LiveAsync(3);
        directory.Delete(3);
        directory.Garbled = directory.Expired = true;

        Assert.Empty(await bench.RunAsync());
        directory.Garbled = false;

        Assert.Equal(CycleBench.Id(3), Assert.Single(await bench.RunAsync()).SourceId);
    }

    [Fact]
    public async Task A_reference_whose_manager_could_not_be_created_follows_when_the_manager_has_come()
    {
        await using var bench = new CycleBench();
        LiveDirectory directory = await bench.LiveAsync(1);
        bench.Sandbox.SetBehavior(SandboxBehavior.JsonMediaTypeRejected, on: true);
        bench.Sandbox.SetBehavior(SandboxBehavior.ScimMediaTypeRejected, on: true);
        directory.Set(1, manager: 2);
        directory.Set(2);

        Assert.Equal([OutcomeStatus.Failure, OutcomeStatus.Skipped], (await bench.RunAsync()).Select(o => o.Status).Order());
        bench.Sandbox.SetBehavior(SandboxBehavior.JsonMediaTypeRejected, on: false);
        bench.Sandbox.SetBehavior(SandboxBehavior.ScimMediaTypeRejected, on: false);
        bench.Time.Advance(TimeSpan.FromMinutes(6));

        Assert.Equal([ProvisioningAction.Create, ProvisioningAction.Update], (await bench.RunAsync()).Select(o => o.Action));
        Assert.Equal((string)bench.Target["user2@example.com"]["id"]!, bench.ManagerOf(1));
        Assert.Empty(await bench.RunAsync());
    }

    [Fact]
    public async Task Links_that_were_forgotten_are_found_again_by_a_read_of_everybody()
    {
        await using var bench = new CycleBench();
        LiveDirectory directory = await bench.LiveAsync(2);
        bench.Job.Reset(JobReset.Links);

        Assert.Equal([ProvisioningAction.Link, ProvisioningAction.Link], (await bench.RunAsync()).Select(o => o.Action));
        directory.Set(1, enabled: false);
        Assert.Equal(ProvisioningAction.Disable, Assert.Single(await bench.RunAsync()).Action);
    }

    [Fact]
    public async Task Escrows_that_were_reset_are_retried_at_once()
    {
        await using var bench = new CycleBench();
        LiveDirectory directory = bench.Live();
        bench.Sandbox.SetBehavior(SandboxBehavior.JsonMediaTypeRejected, on: true);
        bench.Sandbox.SetBehavior(SandboxBehavior.ScimMediaTypeRejected, on: true);
        directory.Set(1);
        await bench.RunAsync();
        bench.Sandbox.SetBehavior(SandboxBehavior.JsonMediaTypeRejected, on: false);
        Assert.Empty(await bench.RunAsync());

        bench.Job.Reset(JobReset.Escrows);

        Assert.Equal(
            (ProvisioningAction.Create, OutcomeStatus.Success),
            (await bench.RunAsync()).Select(o => (o.Action, o.Status)).Single()
        );
    }

    [Fact]
    public async Task Whoever_waits_for_another_manager_than_before_gets_that_one()
    {
        await using var bench = new CycleBench();
        LiveDirectory directory = bench.Live();
        directory.Set(2, notEntitled: "is not assigned");
        directory.Set(3, notEntitled: "is not assigned");
        directory.Set(1, manager: 2);
        await bench.RunAsync();
        directory.Set(1, manager: 3);
        Assert.Empty(await bench.RunAsync());

        directory.Set(3);
        await bench.RunAsync();

        Assert.Equal((string)bench.Target["user3@example.com"]["id"]!, bench.ManagerOf(1));
    }

    [Fact]
    public async Task A_manager_whose_first_update_failed_is_still_the_one_the_reports_refer_to()
    {
        await using var bench = new CycleBench();
        LiveDirectory directory = bench.Live();
        string id = bench.Sandbox.AddUser(
            new System.Text.Json.Nodes.JsonObject
            {
                ["userName"] = "user1@example.com",
                ["active"] = true,
                ["name"] = Named("A"),
            }
        );
        bench.Sandbox.SetBehavior(SandboxBehavior.PathlessPatchRejected, on: true);
        bench.Sandbox.SetBehavior(SandboxBehavior.PatchPathRejected, on: true);
        directory.Set(1);
        directory.Set(2, manager: 1);
        Assert.Equal([OutcomeStatus.Success, OutcomeStatus.Failure], (await bench.RunAsync()).Select(o => o.Status).Order());

        bench.Sandbox.SetBehavior(SandboxBehavior.PathlessPatchRejected, on: false);
        bench.Sandbox.SetBehavior(SandboxBehavior.PatchPathRejected, on: false);
        directory.Set(1, userPrincipalName: "renamed1@example.com");
        bench.Time.Advance(TimeSpan.FromMinutes(6));
        await bench.RunAsync();

        Assert.Equal(id, (string)bench.Target["renamed1@example.com"]["id"]!);
        Assert.Equal(id, bench.ManagerOf(2));
    }

    [Fact]
    public async Task The_last_word_about_a_user_counts()
    {
        await using var bench = new CycleBench();
        LiveDirectory directory = await bench.LiveAsync(2);
        directory.Set(1, "First");
        directory.Set(2, "First", enabled: false);
        directory.Set(1, "Second");
        directory.Set(2, "Second");

        List<ProvisioningOutcome> outcomes = await bench.RunAsync();

        Assert.Equal(2, outcomes.Count);
        Assert.All(bench.Target.Values, user => Assert.Equal("Second", (string)user["title"]!));
        Assert.All(bench.Target.Values, user => Assert.True((bool)user["active"]!));
    }

    private static System.Text.Json.Nodes.JsonObject Named(string name) => new() { ["givenName"] = name, ["familyName"] = name };
}

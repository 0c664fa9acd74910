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
        await using var fixture = new CycleFixture();
        LiveDirectory directory = fixture.Live();
        directory.Set(1);
        directory.Set(2, manager: 1);
        await fixture.RunAsync();
        long before = fixture.Client.RequestCount;

        Assert.Empty(await fixture.RunAsync());
        Assert.Equal(before, fixture.Client.RequestCount);
        directory.Set(2, "Changed", manager: 1);
        ProvisioningOutcome changed = Assert.Single(await fixture.RunAsync());

        Assert.Equal((ProvisioningAction.Update, "user2@example.com"), (changed.Action, changed.Identity));
        Assert.Equal(1, fixture.LastCycle.Counts.Read);
    }

    [Fact]
    public async Task A_manager_who_comes_later_reaches_the_reports_that_did_not_change()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = fixture.Live();
        directory.Set(9, notEntitled: "is not assigned");
        directory.Set(1, manager: 9);
        directory.Set(2, manager: 9);
        await fixture.RunAsync();
        Assert.Equal(2, fixture.Target.Count);

        directory.Set(9);
        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal(3, outcomes.Count);
        string manager = (string)fixture.Target["user9@example.com"]["id"]!;
        Assert.All(new[] { 1, 2 }, n => Assert.Equal(manager, fixture.ManagerOf(n)));
        Assert.Empty(await fixture.RunAsync());
        Assert.Equal([CycleFixture.Id(1), CycleFixture.Id(2)], directory.AskedFor.Order());
    }

    [Fact]
    public async Task An_entry_that_could_not_be_read_is_asked_for_again_when_it_is_due()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(2);
        directory.Set(1, "Changed");
        directory.Set(2, "Changed");
        directory.Broken.Add(CycleFixture.Id(1));

        Assert.Equal("user2@example.com", Assert.Single(await fixture.RunAsync()).Identity);
        directory.Broken.Clear();
        Assert.Empty(await fixture.RunAsync());
        fixture.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal("user1@example.com", Assert.Single(await fixture.RunAsync()).Identity);

        fixture.Time.Advance(TimeSpan.FromHours(6));
        Assert.Empty(await fixture.RunAsync());
        Assert.Equal([CycleFixture.Id(1)], directory.AskedFor);
    }

    [Fact]
    public async Task A_refused_entry_is_retried_from_the_source_and_settles_when_its_user_is_gone()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = fixture.Live();
        fixture.AddStranger("user1@example.com", active: false, externalId: "x");
        fixture.Sandbox.SetBehavior(SandboxBehavior.FilterMisses, on: true);
        fixture.Sandbox.SetBehavior(SandboxBehavior.InactiveHidden, on: true);
        directory.Set(1);
        Assert.Equal(OutcomeStatus.Failure, Assert.Single(await fixture.RunAsync()).Status);

        fixture.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(OutcomeStatus.Failure, Assert.Single(await fixture.RunAsync()).Status);
        directory.Delete(1);
        Assert.Empty(await fixture.RunAsync());

        Assert.Equal(0, ProvisioningStatus.Read(fixture.Job).Escrowed);
    }

    [Fact]
    public async Task Unassigned_is_disabled_soft_and_deleted_for_good_is_deleted()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(12);

        string deleted = (string)fixture.Target["user2@example.com"]["id"]!;
        directory.Set(1, notEntitled: "is not assigned to 'TravelPerk'");
        directory.Delete(2);
        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        fixture.AssertOutcomes(
            $"""
            Success Disable user1@example.com (source 1, target user1@example.com)
                The source user is not assigned to 'TravelPerk'.
                active: True -> False
            Success Delete user2@example.com (source 2, target id {deleted})
                The source user was permanently deleted.
            """,
            outcomes
        );
        Assert.False((bool)fixture.Target["user1@example.com"]["active"]!);
        Assert.DoesNotContain("user2@example.com", fixture.Target.Keys);
        directory.Set(1);
        Assert.Equal(ProvisioningAction.Enable, Assert.Single(await fixture.RunAsync()).Action);
    }

    [Fact]
    public async Task After_an_expired_watermark_only_users_that_were_asked_for_are_absent()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(12);
        directory.Hidden.Add(CycleFixture.Id(3));
        directory.Hidden.Add(CycleFixture.Id(4));
        directory.Delete(4);
        directory.Set(5, "Changed");
        directory.Expired = true;

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal(
            [(ProvisioningAction.Update, "user5@example.com"), (ProvisioningAction.Disable, "user4@example.com")],
            outcomes.Select(o => (o.Action, o.Identity)).Order()
        );
        Assert.Equal([CycleFixture.Id(3), CycleFixture.Id(4)], directory.AskedFor.Order());
        Assert.True((bool)fixture.Target["user3@example.com"]["active"]!);
    }

    [Fact]
    public async Task A_user_whose_absence_was_not_proved_is_asked_for_again_when_due()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(3);
        directory.Delete(3);
        directory.Hidden.Add(CycleFixture.Id(3));
        directory.Broken.Add(CycleFixture.Id(3));
        directory.Expired = true;

        Assert.Empty(await fixture.RunAsync());
        Assert.True((bool)fixture.Target["user3@example.com"]["active"]!);
        directory.Broken.Clear();
        fixture.Time.Advance(TimeSpan.FromMinutes(6));
        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());
        Assert.Equal((ProvisioningAction.Delete, CycleFixture.Id(3)), (outcome.Action, outcome.SourceId));

        fixture.Time.Advance(TimeSpan.FromHours(6));
        Assert.Empty(await fixture.RunAsync());
        Assert.Equal(2, directory.AskedFor.Count);
    }

    [Fact]
    public async Task A_user_of_a_staged_disable_is_asked_for_again_without_being_listed_as_changed()
    {
        await using var fixture = new CycleFixture(settings: s => s with { DeleteThreshold = 0 });
        LiveDirectory directory = await fixture.LiveAsync(3);
        directory.Broken.Add(CycleFixture.Id(3));
        directory.Delete(3);
        Assert.Empty(await fixture.RunAsync());
        directory.Broken.Clear();
        directory.Expired = true;
        Assert.Equal(OutcomeStatus.Staged, Assert.Single(await fixture.RunAsync()).Status);

        fixture.Job.Save(fixture.Job.Settings with { DeleteThreshold = 500 });

        Assert.Equal((CycleFixture.Id(3), OutcomeStatus.Success), (await fixture.RunAsync()).Select(o => (o.SourceId, o.Status)).Single());
    }

    [Fact]
    public async Task A_read_with_an_entry_of_an_unknown_user_moves_no_watermark_and_proves_no_absence()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(3);
        directory.Delete(3);
        directory.Garbled = directory.Expired = true;

        Assert.Empty(await fixture.RunAsync());
        directory.Garbled = false;

        Assert.Equal(CycleFixture.Id(3), Assert.Single(await fixture.RunAsync()).SourceId);
    }

    [Fact]
    public async Task A_reference_whose_manager_could_not_be_created_follows_when_the_manager_has_come()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(1);
        fixture.Sandbox.SetBehavior(SandboxBehavior.JsonMediaTypeRejected, on: true);
        fixture.Sandbox.SetBehavior(SandboxBehavior.ScimMediaTypeRejected, on: true);
        directory.Set(1, manager: 2);
        directory.Set(2);

        Assert.Equal([OutcomeStatus.Failure, OutcomeStatus.Skipped], (await fixture.RunAsync()).Select(o => o.Status).Order());
        fixture.Sandbox.SetBehavior(SandboxBehavior.JsonMediaTypeRejected, on: false);
        fixture.Sandbox.SetBehavior(SandboxBehavior.ScimMediaTypeRejected, on: false);
        fixture.Time.Advance(TimeSpan.FromMinutes(6));

        Assert.Equal([ProvisioningAction.Create, ProvisioningAction.Update], (await fixture.RunAsync()).Select(o => o.Action));
        Assert.Equal((string)fixture.Target["user2@example.com"]["id"]!, fixture.ManagerOf(1));
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task Links_that_were_forgotten_are_found_again_by_a_complete_read()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(2);
        fixture.Job.Reset(JobReset.Links);

        Assert.Equal([ProvisioningAction.Link, ProvisioningAction.Link], (await fixture.RunAsync()).Select(o => o.Action));
        directory.Set(1, enabled: false);
        Assert.Equal(ProvisioningAction.Disable, Assert.Single(await fixture.RunAsync()).Action);
    }

    [Fact]
    public async Task Escrows_that_were_reset_are_retried_at_once()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = fixture.Live();
        fixture.Sandbox.SetBehavior(SandboxBehavior.JsonMediaTypeRejected, on: true);
        fixture.Sandbox.SetBehavior(SandboxBehavior.ScimMediaTypeRejected, on: true);
        directory.Set(1);
        await fixture.RunAsync();
        fixture.Sandbox.SetBehavior(SandboxBehavior.JsonMediaTypeRejected, on: false);
        Assert.Empty(await fixture.RunAsync());

        fixture.Job.Reset(JobReset.Escrows);

        Assert.Equal(
            (ProvisioningAction.Create, OutcomeStatus.Success),
            (await fixture.RunAsync()).Select(o => (o.Action, o.Status)).Single()
        );
    }

    [Fact]
    public async Task A_user_who_waits_for_a_new_manager_gets_the_new_manager()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = fixture.Live();
        directory.Set(2, notEntitled: "is not assigned");
        directory.Set(3, notEntitled: "is not assigned");
        directory.Set(1, manager: 2);
        await fixture.RunAsync();
        directory.Set(1, manager: 3);
        Assert.Empty(await fixture.RunAsync());

        directory.Set(3);
        await fixture.RunAsync();

        Assert.Equal((string)fixture.Target["user3@example.com"]["id"]!, fixture.ManagerOf(1));
    }

    [Fact]
    public async Task A_manager_whose_first_update_failed_is_still_the_one_the_reports_refer_to()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = fixture.Live();
        string id = fixture.AddStranger("user1@example.com");
        fixture.Sandbox.SetBehavior(SandboxBehavior.PathlessPatchRejected, on: true);
        fixture.Sandbox.SetBehavior(SandboxBehavior.PatchPathRejected, on: true);
        directory.Set(1);
        directory.Set(2, manager: 1);
        Assert.Equal([OutcomeStatus.Success, OutcomeStatus.Failure], (await fixture.RunAsync()).Select(o => o.Status).Order());

        fixture.Sandbox.SetBehavior(SandboxBehavior.PathlessPatchRejected, on: false);
        fixture.Sandbox.SetBehavior(SandboxBehavior.PatchPathRejected, on: false);
        directory.Set(1, userPrincipalName: "renamed1@example.com");
        fixture.Time.Advance(TimeSpan.FromMinutes(6));
        await fixture.RunAsync();

        Assert.Equal(id, (string)fixture.Target["renamed1@example.com"]["id"]!);
        Assert.Equal(id, fixture.ManagerOf(2));
    }

    [Fact]
    public async Task The_last_word_about_a_user_counts()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(2);
        directory.Set(1, "First");
        directory.Set(2, "First", enabled: false);
        directory.Set(1, "Second");
        directory.Set(2, "Second");

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.Equal(2, outcomes.Count);
        Assert.All(fixture.Target.Values, user => Assert.Equal("Second", (string)user["title"]!));
        Assert.All(fixture.Target.Values, user => Assert.True((bool)user["active"]!));
    }

    private static System.Text.Json.Nodes.JsonObject Named(string name) => new() { ["givenName"] = name, ["familyName"] = name };
}

using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Entra.Tests;

/// <summary>What a replica that is behind does to TravelPerk: nothing, but that it comes a cycle later.</summary>
public sealed class CycleLagTests : CycleTests
{
    private StandInUser _ines = null!,
        _tom = null!;

    private protected override void AddUsers()
    {
        _ines = Hire("ines");
        _tom = Hire("tom");
    }

    [Fact]
    public async Task A_new_user_comes_a_cycle_later_also_when_it_follows_at_once()
    {
        Target.Interval = TimeSpan.FromSeconds(1);
        StandInUser hire = Hire("new");
        Tenant.Unseen.Add(hire.Id);

        Assert.Empty(await Target.RunAsync());
        Assert.Contains(hire.Id, Assert.Single(Target.Warnings), StringComparison.Ordinal);
        Assert.Empty(await Target.RunAsync());
        Assert.Empty(Target.Warnings);

        Tenant.Unseen.Clear();
        await Target.RunAsync();
        Assert.True(Target.IsActive(hire));
    }

    [Fact]
    public async Task A_known_user_who_changed_stays_enabled_and_gets_the_change_a_cycle_later()
    {
        Tenant.Set(_ines, "jobTitle", "Pilot");
        Tenant.Unseen.Add(_ines.Id);

        Assert.Empty(await Target.RunAsync());
        Assert.True(Target.IsActive(_ines));

        Tenant.Unseen.Clear();
        await Target.RunAsync();
        Assert.Equal("Pilot", (string?)Target.User(_ines)!["title"]);
    }

    [Fact]
    public async Task A_restored_user_is_enabled_a_cycle_later()
    {
        Tenant.SoftDelete(_ines);
        await Target.RunAsync();
        Assert.False(Target.IsActive(_ines));

        Tenant.Restore(_ines);
        Tenant.Unseen.Add(_ines.Id);
        Assert.Empty(await Target.RunAsync());
        Tenant.Unseen.Clear();
        await Target.RunAsync();
        Assert.True(Target.IsActive(_ines));
    }

    [Fact]
    public async Task On_demand_a_user_who_is_not_found_is_left_alone_and_stays_linked()
    {
        string id = (string)Target.User(_ines)!["id"]!;
        Tenant.Unseen.Add(_ines.Id);

        ProvisioningOutcome outcome = Assert.Single(await Target.ProvideAsync(_ines.Id));
        Assert.Equal(
            (OutcomeStatus.Failure, ProvisioningAction.None, "SourceUserNotRead"),
            (outcome.Status, outcome.Action, outcome.ErrorCode)
        );
        Assert.Contains("at the moment", outcome.Reason, StringComparison.Ordinal);
        Assert.True(Target.IsActive(_ines));

        Tenant.Unseen.Clear();
        Tenant.Set(_ines, "jobTitle", "Pilot");
        await Target.RunAsync();
        Assert.Equal((id, "Pilot"), ((string)Target.User(_ines)!["id"]!, (string?)Target.User(_ines)!["title"]));
    }

    [Fact]
    public async Task On_demand_no_user_is_disabled_for_a_group_that_is_not_found()
    {
        StandInUser member = Hire("member", assigned: false);
        StandInGroup group = Tenant.AddGroup("G");
        Tenant.AddMember(group, member);
        Tenant.Assign(Fixture.Application, group);
        await Target.RunAsync();
        Assert.True(Target.IsActive(member));
        Tenant.Unseen.Add(group.Id);

        Assert.Equal(OutcomeStatus.Failure, Assert.Single(await Target.ProvideAsync(member.Id)).Status);
        Assert.True(Target.IsActive(member));
    }

    [Fact]
    public async Task No_user_is_disabled_for_a_group_that_was_just_assigned_and_is_not_found()
    {
        StandInGroup group = Tenant.AddGroup("G");
        Tenant.AddMember(group, _ines, _tom);
        await Target.RunAsync();
        Tenant.Unassign(Fixture.Application, _ines);
        Tenant.Unassign(Fixture.Application, _tom);
        Tenant.Assign(Fixture.Application, group);
        Tenant.RemoveMember(group, _tom);
        Tenant.Unseen.Add(group.Id);
        string delta = $"{Fixture.Graph.Endpoint}/groups/delta?$deltatoken=";
        // Whoever asks for the changes of groups is not told of the removal yet.
        Fixture.Graph.Behavior.Intercept = request =>
            request.Path.StartsWith("groups/delta", StringComparison.Ordinal)
                ? GraphResponse.Of(200, $$"""{"value":[],"@odata.deltaLink":"{{delta}}{{request.Option("$deltatoken")}}"}""")
                : null;

        Assert.Empty(await Target.RunAsync());
        Assert.Contains(group.Id, Assert.Single(Target.Warnings), StringComparison.Ordinal);
        Assert.Equal(2, Target.Active().Count);

        Fixture.Graph.Behavior.Intercept = null;
        Tenant.Unseen.Clear();
        await Target.RunAsync();
        Assert.True(Target.IsActive(_ines));
        Assert.False(Target.IsActive(_tom));
    }

    [Fact]
    public async Task A_user_not_found_for_long_is_disabled_not_deleted_and_enabled_when_found_again()
    {
        Tenant.Set(_ines, "jobTitle", "Pilot");
        Tenant.Unseen.Add(_ines.Id);
        Assert.Empty(await Target.RunAsync());

        ProvisioningOutcome outcome = Assert.Single(await Target.RunAsync());
        Assert.Equal((OutcomeStatus.Success, ProvisioningAction.Disable), (outcome.Status, outcome.Action));
        Assert.NotNull(Target.User(_ines));

        Tenant.Unseen.Clear();
        await Target.RunAsync();
        Assert.True(Target.IsActive(_ines));
        Assert.Equal("Pilot", (string?)Target.User(_ines)!["title"]);
        Assert.Empty(await Target.RunAsync());
    }

    [Fact]
    public async Task A_user_named_again_and_again_is_not_absent_however_late_the_look_up_is()
    {
        foreach (string title in new[] { "Pilot", "Captain", "Chief" })
        {
            Tenant.Set(_ines, "jobTitle", title);
            Tenant.Unseen.Add(_ines.Id);
            Assert.Empty(await Target.RunAsync());
        }
        Assert.True(Target.IsActive(_ines));

        Tenant.Unseen.Clear();
        await Target.RunAsync();
        Assert.Equal("Chief", (string?)Target.User(_ines)!["title"]);
    }

    [Fact]
    public async Task The_source_is_not_asked_for_ever_for_a_user_it_never_finds()
    {
        StandInUser hire = Hire("new");
        Tenant.Unseen.Add(hire.Id);
        await Target.RunAsync();
        Target.Interval = TimeSpan.FromHours(25);
        await Target.RunAsync();
        Fixture.Graph.ForgetRequests();

        Assert.Empty(await Target.RunAsync());
        Assert.DoesNotContain("POST $batch", Fixture.Graph.Requests);
    }

    [Fact]
    public async Task A_user_missing_in_a_whole_list_and_not_found_is_disabled_never_deleted()
    {
        Tenant.Purge(_ines);
        Fixture.Graph.ExpireTokens("users");

        Assert.Equal(ProvisioningAction.Disable, Assert.Single(await Target.RunAsync()).Action);
        Assert.NotNull(Target.User(_ines));
    }

    [Fact]
    public async Task A_delete_that_failed_is_tried_again_although_the_source_no_longer_speaks_of_the_user()
    {
        Tenant.Purge(_ines);
        Target.DeletesFail(1);
        Assert.Equal(OutcomeStatus.Failure, Assert.Single(await Target.RunAsync()).Status);

        ProvisioningOutcome outcome = Assert.Single(await Target.RunAsync());
        Assert.Equal((OutcomeStatus.Success, ProvisioningAction.Delete), (outcome.Status, outcome.Action));
        Assert.Null(Target.User(_ines));
    }

    [Fact]
    public async Task A_full_cycle_that_is_cut_off_does_not_forget_a_user_whose_delete_failed_before()
    {
        Tenant.Purge(_ines);
        Target.DeletesFail(1);
        await Target.RunAsync();
        Target.IsDown = true;
        await Assert.ThrowsAsync<ScimException>(() => Target.RunAsync(new CycleOptions { Initial = true }));
        Target.IsDown = false;

        await Target.RunAsync();
        Assert.False(Target.IsActive(_ines));
    }

    [Fact]
    public async Task A_delete_that_was_staged_is_done_when_it_is_approved()
    {
        Target.DeleteThreshold = 0;
        Tenant.Purge(_ines);
        ProvisioningOutcome staged = Assert.Single(await Target.RunAsync());
        Assert.Equal((OutcomeStatus.Staged, ProvisioningAction.Delete), (staged.Status, staged.Action));

        ProvisioningOutcome outcome = Assert.Single(await Target.RunAsync(new CycleOptions { ApproveCycle = staged.CycleId }));
        Assert.Equal((OutcomeStatus.Success, ProvisioningAction.Delete), (outcome.Status, outcome.Action));
    }

    [Fact]
    public async Task A_reviewed_plan_deletes_users_the_source_deleted_and_disables_missing_users()
    {
        Hire("stays");
        await Target.RunAsync();
        Tenant.Purge(_ines);
        IReadOnlyList<ProvisioningOperation> plan = await Target.PlanAsync();
        Assert.Equal(ProvisioningAction.Delete, Assert.Single(await Target.RunAsync(new CycleOptions { Reviewed = plan })).Action);

        Tenant.Purge(_tom);
        Fixture.Graph.ExpireTokens("users");
        plan = await Target.PlanAsync();
        ProvisioningOutcome outcome = Assert.Single(await Target.RunAsync(new CycleOptions { Reviewed = plan }));
        Assert.Equal((OutcomeStatus.Success, ProvisioningAction.Disable), (outcome.Status, outcome.Action));
    }

    [Fact]
    public async Task Text_that_is_not_Unicode_keeps_no_user_from_leaving()
    {
        Tenant.Set(_ines, "jobTitle", "Pilot");
        Tenant.Set(_tom, "accountEnabled", false);
        Fixture.Graph.Behavior.Intercept = request =>
            request.InBatch && request.Path == $"users/{_ines.Id}"
                ? GraphResponse.Of(
                    200,
                    $$"""{"id":"{{_ines.Id}}","userPrincipalName":"ines@contoso.com","accountEnabled":true,"jobTitle":"\ud83d"}"""
                )
                : null;

        Assert.Equal(ProvisioningAction.Disable, Assert.Single(await Target.RunAsync()).Action);
        Assert.False(Target.IsActive(_tom));
        Assert.True(Target.IsActive(_ines));
        Assert.Contains("jobTitle", Assert.Single(Target.Warnings), StringComparison.Ordinal);

        Fixture.Graph.Behavior.Intercept = null;
        await Target.RunAsync();
        Assert.Equal("Pilot", (string?)Target.User(_ines)!["title"]);
    }

    private StandInUser Hire(string name, bool assigned = true)
    {
        StandInUser user = Tenant.AddUser($"{name}@contoso.com", ("givenName", "Given"), ("surname", "Family"));
        if (assigned)
            Tenant.Assign(Fixture.Application, user);
        return user;
    }
}

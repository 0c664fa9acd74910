using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Scope;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using static TravelPerkScim.Provisioning.Tests.Cycle.CycleFixture;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>Users who left the scope or the assignment: the job no longer manages them until they are back.</summary>
public sealed class ReleasedUserTests
{
    private const string NotAssigned = "is not assigned to 'TravelPerk'";

    [Fact]
    public async Task A_user_whom_the_job_disabled_for_leaving_the_assignment_is_not_deleted_later()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(3);
        directory.Set(1, notEntitled: NotAssigned);
        Assert.Equal(ProvisioningAction.Disable, Assert.Single(await fixture.RunAsync()).Action);
        var status = ProvisioningStatus.Read(fixture.Job);
        Assert.Equal((3, 2), (status.LinkedUsers, status.EnabledUsers));

        directory.Delete(1);

        Assert.Empty(await fixture.RunAsync());
        Assert.False((bool)fixture.Target["user1@example.com"]["active"]!);
        Assert.Equal(0, fixture.Requests("DELETE"));
        fixture.AssertOutcomes(
            """
            Skipped None 00000000-0000-4000-8000-000000000001 (source 1, target user1@example.com)
                The job no longer manages the user, who left the scope or the assignment: The source user was permanently deleted,
                  and its TravelPerk user is left as it is.
            """,
            await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Identities = [Id(1)] })
        );
    }

    [Fact]
    public async Task A_user_who_left_the_scope_of_a_job_that_leaves_such_users_alone_is_neither_disabled_nor_deleted_later()
    {
        await using var fixture = new CycleFixture(settings: s => s with { SkipOutOfScopeDeletions = true });
        LiveDirectory directory = await fixture.LiveAsync(3);
        directory.Set(1, notEntitled: NotAssigned);
        Assert.Empty(await fixture.RunAsync());

        directory.Delete(1);
        Assert.Empty(await fixture.RunAsync());
        directory.Expired = true;
        Assert.Empty(await fixture.RunAsync());
        Assert.Empty(await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Reconcile = true }));

        Assert.True((bool)fixture.Target["user1@example.com"]["active"]!);
        Assert.Equal(0, fixture.Requests("DELETE"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_released_user_who_comes_back_is_enabled_and_managed_again(bool leftAsIs)
    {
        await using var fixture = new CycleFixture(settings: s => s with { SkipOutOfScopeDeletions = leftAsIs });
        LiveDirectory directory = await fixture.LiveAsync(3);
        directory.Set(1, notEntitled: NotAssigned);
        await fixture.RunAsync();

        directory.Set(1, title: "Back");

        ProvisioningOutcome back = Assert.Single(await fixture.RunAsync());
        Assert.Equal((leftAsIs ? ProvisioningAction.Update : ProvisioningAction.Enable, OutcomeStatus.Success), (back.Action, back.Status));
        Assert.Equal(
            (true, "Back"),
            ((bool)fixture.Target["user1@example.com"]["active"]!, (string?)fixture.Target["user1@example.com"]["title"])
        );
        directory.Delete(1);
        Assert.Equal(
            (ProvisioningAction.Delete, OutcomeStatus.Success),
            Assert.Single((await fixture.RunAsync()).Select(o => (o.Action, o.Status)))
        );
    }

    [Fact]
    public async Task A_user_who_was_disabled_in_scope_and_then_left_it_is_released_too()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(3);
        directory.Set(1, enabled: false);
        await fixture.RunAsync();
        directory.Set(1, notEntitled: NotAssigned);
        Assert.Empty(await fixture.RunAsync());

        directory.Delete(1);

        Assert.Empty(await fixture.RunAsync());
        Assert.Equal(3, fixture.Sandbox.UserCount);
    }

    [Fact]
    public async Task A_user_who_was_disabled_in_scope_stays_managed_and_is_deleted()
    {
        await using var fixture = new CycleFixture();
        LiveDirectory directory = await fixture.LiveAsync(3);
        directory.Set(1, enabled: false);
        await fixture.RunAsync();

        directory.Delete(1);

        Assert.Equal(
            (ProvisioningAction.Delete, OutcomeStatus.Success),
            Assert.Single((await fixture.RunAsync()).Select(o => (o.Action, o.Status)))
        );
    }

    [Fact]
    public async Task A_user_who_left_a_scoping_filter_is_released_like_one_who_left_the_assignment()
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Scope = new ScopeFilter();
        foreach (FilterGroup group in ScopeText.Parse("department EQUALS 'Sales'", mapping))
            mapping.UserMapping.Scope.Groups.Add(group);
        await using var fixture = new CycleFixture(mapping: mapping);
        fixture.Add(1)["department"] = "Sales";
        fixture.Add(2)["department"] = "Sales";
        await fixture.RunAsync();
        fixture.People[0]["department"] = "Support";
        Assert.Equal(
            (ProvisioningAction.Disable, OutcomeStatus.Success),
            Assert.Single((await fixture.RunAsync()).Select(o => (o.Action, o.Status)))
        );

        fixture.People[0] = new JsonObject
        {
            ["id"] = Id(1),
            ["@removed"] = new JsonObject { ["reason"] = "deleted" },
        };

        Assert.Empty(await fixture.RunAsync());
        Assert.Equal(2, fixture.Sandbox.UserCount);
    }
}

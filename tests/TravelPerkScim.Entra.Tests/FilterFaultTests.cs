using TravelPerkScim.Entra.Http;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Tests;

/// <summary>A delta with filters that is cut, late, expired or wrong takes no user out.</summary>
public sealed class FilterFaultTests
{
    /// <summary>Two ids in a filter, so four users have two links.</summary>
    private static readonly FilterRule s_small = new() { IdsInFilter = 2, PageSize = 1 };

    [Fact]
    public async Task A_user_whom_the_list_leaves_out_is_asked_for()
    {
        (EntraFixture fixture, StandInUser[] users, _) = Tenant();
        await using EntraFixture own = fixture;
        fixture.Graph.Behavior.Intercept = request =>
            request.Path == "users/delta()"
                ? GraphResponse.Of(
                    200,
                    $$"""{"value":[],"@odata.deltaLink":"{{fixture.Graph.Endpoint}}/users/delta?$deltatoken={{Guid.NewGuid()}}"}"""
                )
                : null;

        Read read = await fixture.ReadAsync();

        Assert.True(read.End.EntitledOnly);
        Assert.All(users, user => Assert.True(read.Entitled(user)));
    }

    [Fact]
    public async Task A_list_that_is_cut_before_its_link_ends_the_read()
    {
        (EntraFixture fixture, _, _) = Tenant();
        await using EntraFixture own = fixture;
        fixture.Graph.Behavior.Intercept = request => request.Path == "users/delta()" ? GraphResponse.Of(200, """{"value":[]}""") : null;

        Assert.Equal("EntraResponseInvalid", (await fixture.FailAsync()).ErrorId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_word_of_a_round_about_a_user_of_another_filter_is_checked(bool first)
    {
        (EntraFixture fixture, StandInUser[] users, _) = Tenant();
        await using EntraFixture own = fixture;
        Read read = first ? new Read([]) : await fixture.ReadAsync();
        string lies = string.Join(',', users.Select(user => $$"""{"id":"{{user.Id}}","@removed":{"reason":"deleted"} }"""));
        int answered = 0;
        // The batch of the stand-in answers the second link first.
        fixture.Graph.Behavior.Intercept = request =>
            request.Path == (first ? "users/delta()" : "users/delta") && answered++ == (first ? 0 : 1)
                ? GraphResponse.Of(
                    200,
                    $$"""{"value":[{{lies}}],"@odata.deltaLink":"{{fixture.Graph.Endpoint}}/users/delta?$deltatoken=x"}"""
                )
                : null;

        read = await fixture.ReadAsync(first ? null : read.Watermark);

        Assert.Equal(2, answered);
        Assert.Equal(2, read.Items.OfType<SourceRemoval>().Count());
        Assert.Equal(2, users.Count(user => read[user] is SourceEntry));
    }

    [Fact]
    public async Task One_answer_for_two_links_ends_the_read()
    {
        (EntraFixture fixture, _, _) = Tenant();
        await using EntraFixture own = fixture;
        Read read = await fixture.ReadAsync();
        fixture.Graph.Behavior.Intercept = request =>
            request.Path == "users/delta"
                ? GraphResponse.Of(200, $$"""{"value":[],"@odata.deltaLink":"{{fixture.Graph.Endpoint}}/users/delta?$deltatoken=x"}""")
                : null;

        Assert.Equal("EntraResponseInvalid", (await fixture.FailAsync(read.Watermark)).ErrorId);
    }

    [Theory]
    [InlineData("users")]
    [InlineData("groups")]
    public async Task One_link_that_expired_begins_all_again_and_takes_no_user_out(string kind)
    {
        (EntraFixture fixture, StandInUser[] users, StandInGroup group) = Tenant();
        await using EntraFixture own = fixture;
        for (int i = 0; i < 3; i++)
            fixture.Tenant.Assign(fixture.Application, fixture.Tenant.AddGroup($"Empty {i}"));
        Read read = await fixture.ReadAsync();
        StandInUser joins = fixture.Tenant.AddUser("joins@contoso.com");
        fixture.Tenant.AddMember(group, joins);
        fixture.Tenant.RemoveMember(group, users[0]);
        int answered = 0;
        fixture.Graph.Behavior.Intercept = request =>
            request.InBatch && request.Path == $"{kind}/delta" && answered++ == 0
                ? GraphResponse.Error(410, "syncStateInvalid", "The sync state is too old.")
                : null;

        read = await fixture.ReadAsync(read.Watermark);

        Assert.True(answered > 0);
        Assert.Equal(kind == "users", read.End.FullRead);
        Assert.True(read.Entitled(joins));
        Assert.DoesNotContain(read.Items, item => item is SourceRemoval or SourceNotFound);
        Assert.DoesNotContain(read.Entries, entry => entry.NotEntitled is not null && entry.Object.Anchor != users[0].Id);
    }

    [Fact]
    public async Task A_group_inside_one_that_had_to_be_asked_for_is_followed_from_the_next_read_on()
    {
        (EntraFixture fixture, StandInUser[] users, StandInGroup group) = Tenant();
        await using EntraFixture own = fixture;
        fixture.Settings = fixture.Settings with { IncludeNestedGroups = true };
        StandInGroup inner = fixture.Tenant.AddGroup("Inner");
        StandInUser stays = fixture.Tenant.AddUser("stays@contoso.com"),
            leaves = fixture.Tenant.AddUser("leaves@contoso.com");
        fixture.Tenant.AddMember(group, inner);
        fixture.Tenant.AddMember(inner, stays, leaves);
        fixture.Graph.Behavior.Intercept = request =>
            request.Path == "groups/delta()"
                ? GraphResponse.Of(200, $$"""{"value":[],"@odata.deltaLink":"{{fixture.Graph.Endpoint}}/groups/delta?$deltatoken=x"}""")
                : null;
        Read read = await fixture.ReadAsync();
        Assert.True(read.Entitled(leaves));
        fixture.Graph.Behavior.Intercept = request =>
            request.Option("$deltatoken") == "x" && request.Path == "groups/delta"
                ? GraphResponse.Of(200, $$"""{"value":[],"@odata.deltaLink":"{{fixture.Graph.Endpoint}}/groups/delta?$deltatoken=x"}""")
                : null;
        fixture.Tenant.RemoveMember(inner, leaves);

        read = await fixture.ReadAsync(read.Watermark);

        Assert.False(read.Entitled(leaves));
        fixture.Tenant.RemoveMember(inner, stays);
        read = await fixture.ReadAsync(read.Watermark);
        Assert.False(read.Entitled(stays));
        Assert.All(users, user => Assert.Null(read[user]));
    }

    /// <summary>Two filters are the most here, so the fifth user ends the filters, and begins them again when leaving.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_user_who_changes_while_the_links_change_is_not_passed_over(bool grows)
    {
        (EntraFixture fixture, StandInUser[] users, StandInGroup group) = Tenant(s_small with { MostFilters = 2 });
        await using EntraFixture own = fixture;
        StandInUser fifth = fixture.Tenant.AddUser("fifth@contoso.com");
        if (!grows)
            fixture.Tenant.AddMember(group, fifth);
        Read read = await fixture.ReadAsync();
        Assert.Equal(grows, read.End.EntitledOnly);
        if (grows)
            fixture.Tenant.AddMember(group, fifth);
        else
            fixture.Tenant.RemoveMember(group, fifth);
        bool isChanged = false;
        fixture.Graph.BeforeAnswer = (_, path) =>
        {
            if (path != "users/delta()" || isChanged)
                return;
            isChanged = true;
            fixture.Tenant.Set(users[0], "displayName", "New");
        };

        read = await fixture.ReadAsync(read.Watermark);

        Assert.True(isChanged);
        Assert.False(read.End.FullRead);
        Assert.Equal("New", read.Entry(users[0]).Object["displayName"]);
        fixture.Tenant.Set(users[1], "displayName", "Newer");
        read = await fixture.ReadAsync(read.Watermark);
        Assert.Equal("Newer", Assert.Single(read.Entries).Object["displayName"]);
    }

    [Fact]
    public async Task Groups_are_followed_on_when_they_become_too_many_for_filters()
    {
        (EntraFixture fixture, StandInUser[] users, StandInGroup group) = Tenant(s_small with { MostFilters = 2 });
        await using EntraFixture own = fixture;
        Read read = await fixture.ReadAsync();
        StandInGroup[] more = [.. Enumerable.Range(0, 4).Select(i => fixture.Tenant.AddGroup($"More {i}"))];
        foreach (StandInGroup one in more)
            fixture.Tenant.Assign(fixture.Application, one);
        fixture.Graph.BeforeAnswer = (_, path) =>
        {
            if (path == "groups/delta()")
                fixture.Tenant.RemoveMember(group, users[0]);
        };

        read = await fixture.ReadAsync(read.Watermark);

        Assert.False(read.Entitled(users[0]));
        fixture.Graph.BeforeAnswer = null;
        fixture.Graph.ForgetRequests();
        fixture.Tenant.AddMember(more[3], users[0]);
        read = await fixture.ReadAsync(read.Watermark);
        Assert.True(read.Entitled(users[0]));
        Assert.Equal(1, fixture.Graph.Requests.Count(request => request == "GET groups/delta"));
        foreach (StandInGroup one in more)
            fixture.Tenant.Unassign(fixture.Application, one);
        read = await fixture.ReadAsync(read.Watermark);
        Assert.False(read.Entitled(users[0]));
        fixture.Tenant.AddMember(group, users[0]);
        Assert.True((await fixture.ReadAsync(read.Watermark)).Entitled(users[0]));
    }

    [Fact]
    public async Task Without_a_count_every_user_is_listed()
    {
        (EntraFixture fixture, StandInUser[] users, _) = Tenant();
        await using EntraFixture own = fixture;
        fixture.Graph.Behavior.Intercept = request =>
            request.Option("$count") is null ? null : GraphResponse.Error(400, "Request_UnsupportedQuery", "x");

        Read read = await fixture.ReadAsync();

        Assert.False(read.End.EntitledOnly);
        Assert.All(users, user => Assert.True(read.Entitled(user)));
        Assert.False((await fixture.ReadAsync(read.Watermark)).End.FullRead);
    }

    [Fact]
    public async Task While_an_assigned_group_is_not_found_every_user_is_listed()
    {
        (EntraFixture fixture, StandInUser[] users, StandInGroup group) = Tenant();
        await using EntraFixture own = fixture;
        fixture.Tenant.Assign(fixture.Application, users[0]);
        fixture.Tenant.Unseen.Add(group.Id);
        fixture.Graph.Behavior.Intercept = request =>
            request.Path == "groups/delta()"
                ? GraphResponse.Of(200, $$"""{"value":[],"@odata.deltaLink":"{{fixture.Graph.Endpoint}}/groups/delta?$deltatoken=x"}""")
                : null;

        Read read = await fixture.ReadAsync();

        Assert.False(read.End.EntitledOnly);
        Assert.True(read.Entitled(users[0]));
        Assert.All(users[1..], user => Assert.True(read.Entry(user).EntitlementUnknown));
    }

    [Fact]
    public async Task Users_who_left_the_scope_before_a_list_of_entitled_users_are_disabled_without_a_warning()
    {
        (EntraFixture fixture, StandInUser[] users, StandInGroup group) = Tenant();
        await using EntraFixture own = fixture;
        await using var target = new CycleTarget(fixture);
        await target.RunAsync();
        fixture.Tenant.RemoveMember(group, users[0]);
        fixture.Graph.ExpireTokens("users");

        List<ProvisioningOutcome> outcomes = await target.RunAsync();

        Assert.Equal(ProvisioningAction.Disable, Assert.Single(outcomes).Action);
        Assert.False(target.IsActive(users[0]));
        Assert.Empty(target.Warnings);
        fixture.Graph.ForgetRequests();
        Assert.Empty(await target.RunAsync());
        Assert.DoesNotContain("GET users/delta()", fixture.Graph.Requests);
    }

    [Fact]
    public async Task A_user_who_is_not_listed_and_not_found_once_stays_until_a_later_cycle_does_not_find_the_user_either()
    {
        (EntraFixture fixture, StandInUser[] users, StandInGroup group) = Tenant();
        await using EntraFixture own = fixture;
        await using var target = new CycleTarget(fixture);
        await target.RunAsync();
        fixture.Tenant.RemoveMember(group, users[0]);
        fixture.Tenant.Unseen.Add(users[0].Id);
        fixture.Graph.ExpireTokens("users");

        Assert.Empty(await target.RunAsync());
        Assert.True(target.IsActive(users[0]));

        Assert.Equal(ProvisioningAction.Disable, Assert.Single(await target.RunAsync()).Action);
        Assert.All(users[1..], user => Assert.True(target.IsActive(user)));
    }

    private static (EntraFixture Fixture, StandInUser[] Users, StandInGroup Group) Tenant(FilterRule? rule = null)
    {
        var fixture = new EntraFixture(filters: rule ?? s_small);
        for (int i = 0; i < 20; i++)
        {
            fixture.Tenant.AddUser($"other{i}@contoso.com");
            fixture.Tenant.AddGroup($"Other {i}");
        }
        StandInUser[] users =
        [
            .. Enumerable
                .Range(0, 4)
                .Select(i => fixture.Tenant.AddUser($"u{i}@contoso.com", ("givenName", "Given"), ("surname", "Family"))),
        ];
        StandInGroup group = fixture.Tenant.AddGroup("Travellers");
        fixture.Tenant.AddMember(group, users);
        fixture.Tenant.Assign(fixture.Application, group);
        return (fixture, users, group);
    }
}

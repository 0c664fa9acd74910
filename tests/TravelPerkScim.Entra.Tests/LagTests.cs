using TravelPerkScim.Entra.Reading;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Tests;

/// <summary>A directory is replicated: a look-up may not know yet what a delta query or a list has just told.</summary>
public sealed class LagTests
{
    [Fact]
    public async Task A_user_who_is_named_and_not_found_is_neither_deleted_nor_soft_deleted()
    {
        await using var fixture = new EntraFixture(EntitlementScope.All);
        StandInUser known = fixture.Tenant.AddUser("a@contoso.com");
        Read read = await fixture.ReadAsync();
        fixture.Tenant.Set(known, "displayName", "New");
        StandInUser hire = fixture.Tenant.AddUser("b@contoso.com");
        fixture.Tenant.Unseen.UnionWith([known.Id, hire.Id]);

        read = await fixture.ReadAsync(read.Watermark);
        Assert.IsType<SourceNotFound>(read[known]);
        Assert.IsType<SourceNotFound>(read[hire]);
        Assert.IsType<SourceNotFound>((await fixture.FindAsync(known.Id))[known]);

        fixture.Tenant.Unseen.Clear();
        Assert.Equal("New", (await fixture.FindAsync(known.Id)).Entry(known).Object["displayName"]);
    }

    [Fact]
    public async Task A_full_read_asks_for_members_whom_the_list_of_users_lacks()
    {
        await using var fixture = new EntraFixture();
        StandInUser late = fixture.Tenant.AddUser("late@contoso.com"),
            unknown = fixture.Tenant.AddUser("unknown@contoso.com");
        StandInGroup group = fixture.Tenant.AddGroup("G");
        fixture.Tenant.AddMember(group, late, unknown);
        fixture.Tenant.Assign(fixture.Application, group);
        fixture.Graph.Behavior.Intercept = request =>
            request.Path.StartsWith("users/delta", StringComparison.Ordinal)
                ? GraphResponse.Of(200, $$"""{"value":[],"@odata.deltaLink":"{{fixture.Graph.Endpoint}}/users/delta?$deltatoken=x"}""")
                : null;
        fixture.Tenant.Unseen.Add(unknown.Id);

        Read read = await fixture.ReadAsync();

        Assert.True(read.Entitled(late));
        Assert.IsType<SourceNotFound>(read[unknown]);
    }

    [Fact]
    public async Task A_group_just_assigned_and_not_found_takes_no_user_out_and_is_asked_for_again()
    {
        await using var fixture = new EntraFixture();
        StandInUser user = fixture.Tenant.AddUser("a@contoso.com"),
            other = fixture.Tenant.AddUser("b@contoso.com");
        StandInGroup group = fixture.Tenant.AddGroup("G");
        fixture.Tenant.AddMember(group, user, other);
        fixture.Tenant.Assign(fixture.Application, user);
        fixture.Tenant.Assign(fixture.Application, other);
        Read read = await fixture.ReadAsync();
        // From own assignments to one by group.
        fixture.Tenant.Assign(fixture.Application, group);
        fixture.Tenant.Unassign(fixture.Application, user);
        fixture.Tenant.Unassign(fixture.Application, other);
        fixture.Tenant.Unseen.Add(group.Id);

        read = await fixture.ReadAsync(read.Watermark);
        Assert.Equal([true, true], new[] { user, other }.Select(one => read.Entry(one).EntitlementUnknown));
        Assert.Contains(group.Id, Assert.Single(read.Items.OfType<SourceNotice>()).Message, StringComparison.Ordinal);
        Assert.True((await fixture.FindAsync(user.Id)).Entry(user).EntitlementUnknown);

        fixture.Tenant.Unseen.Clear();
        read = await fixture.ReadAsync(read.Watermark);
        Assert.Equal([true, true], new[] { user, other }.Select(read.Entitled));
        fixture.Graph.ForgetRequests();
        Assert.Empty((await fixture.ReadAsync(read.Watermark)).Entries);
        Assert.DoesNotContain("POST $batch", fixture.Graph.Requests);
    }

    [Fact]
    public async Task A_known_group_that_has_to_be_read_again_and_is_not_found_keeps_its_members()
    {
        await using var fixture = new EntraFixture(readGroups: true);
        StandInUser user = fixture.Tenant.AddUser("a@contoso.com"),
            joins = fixture.Tenant.AddUser("b@contoso.com"),
            leaves = fixture.Tenant.AddUser("c@contoso.com");
        StandInGroup group = fixture.Tenant.AddGroup("G");
        fixture.Tenant.AddMember(group, user, leaves);
        fixture.Tenant.Assign(fixture.Application, group);
        Read read = await fixture.ReadAsync();
        fixture.Tenant.AddMember(group, joins);
        fixture.Tenant.RemoveMember(group, leaves);
        fixture.Graph.ExpireTokens("groups");
        fixture.Tenant.Unseen.Add(group.Id);
        string empty = $$"""{"value":[],"@odata.deltaLink":"{{fixture.Graph.Endpoint}}/groups/delta?$deltatoken=x"}""";
        fixture.Graph.Behavior.Intercept = request =>
            request.Path.StartsWith("groups/delta", StringComparison.Ordinal) && !request.Query.ContainsKey("$deltatoken")
                ? GraphResponse.Of(200, empty)
                : null;

        read = await fixture.ReadAsync(read.Watermark);

        Assert.Null(read[user]);
        Assert.Null(read[leaves]);
        Assert.Contains(user.Id, Assert.Single(read.Items.OfType<SourceGroup>()).Members);
        Assert.True(read.End.Groups);

        fixture.Graph.Behavior.Intercept = null;
        fixture.Tenant.Unseen.Clear();
        read = await fixture.ReadAsync(read.Watermark);
        Assert.True(read.Entitled(joins));
        Assert.False(read.Entitled(leaves));
        Assert.False(read.Entry(leaves).EntitlementUnknown);
    }

    [Fact]
    public async Task Groups_are_not_all_listed_while_one_that_was_never_read_is_not_found()
    {
        await using var fixture = new EntraFixture(readGroups: true);
        StandInGroup group = fixture.Tenant.AddGroup("G");
        Read read = await fixture.ReadAsync();
        fixture.Tenant.Assign(fixture.Application, group);
        fixture.Tenant.Unseen.Add(group.Id);

        read = await fixture.ReadAsync(read.Watermark);
        Assert.False(read.End.Groups);

        fixture.Tenant.Unseen.Clear();
        read = await fixture.ReadAsync(read.Watermark);
        Assert.True(read.End.Groups);
        Assert.Single(read.Items.OfType<SourceGroup>());
    }

    [Fact]
    public async Task A_group_that_stays_away_counts_as_absent_in_a_later_read_and_comes_back_when_it_is_found()
    {
        await using var fixture = new EntraFixture();
        StandInUser user = fixture.Tenant.AddUser("a@contoso.com");
        StandInGroup group = fixture.Tenant.AddGroup("G");
        fixture.Tenant.AddMember(group, user);
        fixture.Tenant.Assign(fixture.Application, user);
        Read read = await fixture.ReadAsync();
        fixture.Tenant.Unassign(fixture.Application, user);
        fixture.Tenant.Assign(fixture.Application, group);
        fixture.Tenant.Unseen.Add(group.Id);

        read = await fixture.ReadAsync(read.Watermark);
        Assert.True(read.Entry(user).EntitlementUnknown);
        read = await fixture.ReadAsync(read.Watermark);
        Assert.Single(read.Items.OfType<SourceNotice>());
        fixture.Time.Advance(TimeSpan.FromMinutes(6));
        (read, Read asked) = await fixture.ReadAndFindAsync(read.Watermark, user.Id);
        Assert.Empty(read.Items.OfType<SourceNotice>());
        Assert.False(asked.Entitled(user));
        Assert.False(asked.Entry(user).EntitlementUnknown);

        fixture.Tenant.Unseen.Clear();
        read = await fixture.ReadAsync(read.Watermark);
        Assert.True(read.Entitled(user));
    }

    [Fact]
    public async Task A_group_that_the_delta_says_is_removed_and_a_look_up_does_not_find_is_gone_at_once()
    {
        await using var fixture = new EntraFixture();
        StandInUser user = fixture.Tenant.AddUser("a@contoso.com");
        StandInGroup group = fixture.Tenant.AddGroup("G");
        fixture.Tenant.AddMember(group, user);
        fixture.Tenant.Assign(fixture.Application, group);
        Read read = await fixture.ReadAsync();
        fixture.Tenant.Purge(group);
        // The list of assignments still shows it.
        fixture.Graph.Behavior.Intercept = request =>
            request.Path.EndsWith("appRoleAssignedTo", StringComparison.Ordinal)
                ? GraphResponse.Of(200, $$"""{"value":[{"principalType":"Group","principalId":"{{group.Id}}"}]}""")
                : null;

        read = await fixture.ReadAsync(read.Watermark);

        Assert.False(read.Entitled(user));
        Assert.False(read.Entry(user).EntitlementUnknown);
    }

    [Fact]
    public async Task A_member_whom_the_delta_names_counts_although_the_list_of_members_lacks_them()
    {
        await using var fixture = new EntraFixture();
        StandInUser user = fixture.Tenant.AddUser("a@contoso.com");
        Read read = await fixture.ReadAsync();
        StandInGroup group = fixture.Tenant.AddGroup("G");
        fixture.Tenant.AddMember(group, user);
        fixture.Tenant.Assign(fixture.Application, group);
        fixture.Graph.Behavior.Intercept = request =>
            request.Path == $"groups/{group.Id}/members" ? GraphResponse.Of(200, """{"value":[]}""") : null;

        read = await fixture.ReadAsync(read.Watermark);

        Assert.True(read.Entitled(user));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_groups_of_a_user_that_are_not_found_are_not_no_groups(bool onNextPage)
    {
        await using var fixture = new EntraFixture();
        StandInUser user = fixture.Tenant.AddUser("a@contoso.com");
        StandInGroup group = fixture.Tenant.AddGroup("G"),
            other = fixture.Tenant.AddGroup("H");
        fixture.Tenant.AddMember(other, user);
        fixture.Tenant.AddMember(group, user);
        fixture.Tenant.Assign(fixture.Application, group);
        fixture.Graph.Behavior.PageCap = 1;
        fixture.Graph.Behavior.Intercept = request =>
            request.Path.Contains("memberOf", StringComparison.Ordinal) && (!onNextPage || !request.InBatch)
                ? GraphResponse.Error(404, "Request_ResourceNotFound", "x")
                : null;

        Read read = await fixture.FindAsync(user.Id);

        Assert.IsType<SourceFault>(read[user]);
    }
}

using TravelPerkScim.Entra.Reading;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Tests;

/// <summary>A directory is replicated: a look-up may not know yet what a delta query or a list has just told.</summary>
public sealed class LagTests
{
    [Fact]
    public async Task Who_is_named_and_not_found_is_neither_deleted_nor_soft_deleted()
    {
        await using var bench = new EntraBench(EntitlementScope.All);
        StandInUser known = bench.Tenant.AddUser("a@contoso.com");
        Read read = await bench.ReadAsync();
        bench.Tenant.Set(known, "displayName", "New");
        StandInUser hire = bench.Tenant.AddUser("b@contoso.com");
        bench.Tenant.Unseen.UnionWith([known.Id, hire.Id]);

        read = await bench.ReadAsync(read.Watermark);
        Assert.IsType<SourceNotFound>(read[known]);
        Assert.IsType<SourceNotFound>(read[hire]);
        Assert.IsType<SourceNotFound>((await bench.FindAsync(known.Id))[known]);

        bench.Tenant.Unseen.Clear();
        Assert.Equal("New", (await bench.FindAsync(known.Id)).Entry(known).Object["displayName"]);
    }

    [Fact]
    public async Task A_full_read_asks_for_members_whom_the_list_of_users_lacks()
    {
        await using var bench = new EntraBench();
        StandInUser late = bench.Tenant.AddUser("late@contoso.com"),
            unknown = bench.Tenant.AddUser("unknown@contoso.com");
        StandInGroup group = bench.Tenant.AddGroup("G");
        bench.Tenant.AddMember(group, late, unknown);
        bench.Tenant.Assign(bench.Application, group);
        bench.Graph.Behavior.Intercept = request =>
            request.Path.StartsWith("users/delta", StringComparison.Ordinal)
                ? GraphResponse.Of(200, $$"""{"value":[],"@odata.deltaLink":"{{bench.Graph.Endpoint}}/users/delta?$deltatoken=x"}""")
                : null;
        bench.Tenant.Unseen.Add(unknown.Id);

        Read read = await bench.ReadAsync();

        Assert.True(read.Entitled(late));
        Assert.IsType<SourceNotFound>(read[unknown]);
    }

    [Fact]
    public async Task A_group_that_was_just_assigned_and_is_not_found_takes_nobody_out_and_is_asked_for_again()
    {
        await using var bench = new EntraBench();
        StandInUser user = bench.Tenant.AddUser("a@contoso.com"),
            other = bench.Tenant.AddUser("b@contoso.com");
        StandInGroup group = bench.Tenant.AddGroup("G");
        bench.Tenant.AddMember(group, user, other);
        bench.Tenant.Assign(bench.Application, user);
        bench.Tenant.Assign(bench.Application, other);
        Read read = await bench.ReadAsync();
        // From own assignments to one by group.
        bench.Tenant.Assign(bench.Application, group);
        bench.Tenant.Unassign(bench.Application, user);
        bench.Tenant.Unassign(bench.Application, other);
        bench.Tenant.Unseen.Add(group.Id);

        read = await bench.ReadAsync(read.Watermark);
        Assert.Equal([true, true], new[] { user, other }.Select(one => read.Entry(one).EntitlementUnknown));
        Assert.Contains(group.Id, Assert.Single(read.Items.OfType<SourceNotice>()).Message, StringComparison.Ordinal);
        Assert.True((await bench.FindAsync(user.Id)).Entry(user).EntitlementUnknown);

        bench.Tenant.Unseen.Clear();
        read = await bench.ReadAsync(read.Watermark);
        Assert.Equal([true, true], new[] { user, other }.Select(read.Entitled));
        bench.Graph.ForgetRequests();
        Assert.Empty((await bench.ReadAsync(read.Watermark)).Entries);
        Assert.DoesNotContain("POST $batch", bench.Graph.Requests);
    }

    [Fact]
    public async Task A_known_group_that_has_to_be_read_again_and_is_not_found_keeps_its_members()
    {
        await using var bench = new EntraBench(readGroups: true);
        StandInUser user = bench.Tenant.AddUser("a@contoso.com"),
            joins = bench.Tenant.AddUser("b@contoso.com"),
            leaves = bench.Tenant.AddUser("c@contoso.com");
        StandInGroup group = bench.Tenant.AddGroup("G");
        bench.Tenant.AddMember(group, user, leaves);
        bench.Tenant.Assign(bench.Application, group);
        Read read = await bench.ReadAsync();
        bench.Tenant.AddMember(group, joins);
        bench.Tenant.RemoveMember(group, leaves);
        bench.Graph.ExpireTokens("groups");
        bench.Tenant.Unseen.Add(group.Id);
        string empty = $$"""{"value":[],"@odata.deltaLink":"{{bench.Graph.Endpoint}}/groups/delta?$deltatoken=x"}""";
        bench.Graph.Behavior.Intercept = request =>
            request.Path.StartsWith("groups/delta", StringComparison.Ordinal) && !request.Query.ContainsKey("$deltatoken")
                ? GraphResponse.Of(200, empty)
                : null;

        read = await bench.ReadAsync(read.Watermark);

        Assert.Null(read[user]);
        Assert.Null(read[leaves]);
        Assert.Contains(user.Id, Assert.Single(read.Items.OfType<SourceGroup>()).Members);
        Assert.True(read.End.Groups);

        bench.Graph.Behavior.Intercept = null;
        bench.Tenant.Unseen.Clear();
        read = await bench.ReadAsync(read.Watermark);
        Assert.True(read.Entitled(joins));
        Assert.False(read.Entitled(leaves));
        Assert.False(read.Entry(leaves).EntitlementUnknown);
    }

    [Fact]
    public async Task Groups_are_not_all_listed_while_one_that_was_never_read_is_not_found()
    {
        await using var bench = new EntraBench(readGroups: true);
        StandInGroup group = bench.Tenant.AddGroup("G");
        Read read = await bench.ReadAsync();
        bench.Tenant.Assign(bench.Application, group);
        bench.Tenant.Unseen.Add(group.Id);

        read = await bench.ReadAsync(read.Watermark);
        Assert.False(read.End.Groups);

        bench.Tenant.Unseen.Clear();
        read = await bench.ReadAsync(read.Watermark);
        Assert.True(read.End.Groups);
        Assert.Single(read.Items.OfType<SourceGroup>());
    }

    [Fact]
    public async Task A_group_that_stays_away_counts_as_absent_in_a_later_read_and_comes_back_when_it_is_found()
    {
        await using var bench = new EntraBench();
        StandInUser user = bench.Tenant.AddUser("a@contoso.com");
        StandInGroup group = bench.Tenant.AddGroup("G");
        bench.Tenant.AddMember(group, user);
        bench.Tenant.Assign(bench.Application, user);
        Read read = await bench.ReadAsync();
        bench.Tenant.Unassign(bench.Application, user);
        bench.Tenant.Assign(bench.Application, group);
        bench.Tenant.Unseen.Add(group.Id);

        read = await bench.ReadAsync(read.Watermark);
        Assert.True(read.Entry(user).EntitlementUnknown);
        read = await bench.ReadAsync(read.Watermark);
        Assert.Single(read.Items.OfType<SourceNotice>());
        bench.Time.Advance(TimeSpan.FromMinutes(6));
        (read, Read asked) = await bench.ReadAndFindAsync(read.Watermark, user.Id);
        Assert.Empty(read.Items.OfType<SourceNotice>());
        Assert.False(asked.Entitled(user));
        Assert.False(asked.Entry(user).EntitlementUnknown);

        bench.Tenant.Unseen.Clear();
        read = await bench.ReadAsync(read.Watermark);
        Assert.True(read.Entitled(user));
    }

    [Fact]
    public async Task A_group_that_the_delta_says_is_removed_and_a_look_up_does_not_find_is_gone_at_once()
    {
        await using var bench = new EntraBench();
        StandInUser user = bench.Tenant.AddUser("a@contoso.com");
        StandInGroup group = bench.Tenant.AddGroup("G");
        bench.Tenant.AddMember(group, user);
        bench.Tenant.Assign(bench.Application, group);
        Read read = await bench.ReadAsync();
        bench.Tenant.Purge(group);
        // The list of assignments still shows it.
        bench.Graph.Behavior.Intercept = request =>
            request.Path.EndsWith("appRoleAssignedTo", StringComparison.Ordinal)
                ? GraphResponse.Of(200, $$"""{"value":[{"principalType":"Group","principalId":"{{group.Id}}"}]}""")
                : null;

        read = await bench.ReadAsync(read.Watermark);

        Assert.False(read.Entitled(user));
        Assert.False(read.Entry(user).EntitlementUnknown);
    }

    [Fact]
    public async Task A_member_whom_the_delta_names_counts_although_the_list_of_members_lacks_them()
    {
        await using var bench = new EntraBench();
        StandInUser user = bench.Tenant.AddUser("a@contoso.com");
        Read read = await bench.ReadAsync();
        StandInGroup group = bench.Tenant.AddGroup("G");
        bench.Tenant.AddMember(group, user);
        bench.Tenant.Assign(bench.Application, group);
        bench.Graph.Behavior.Intercept = request =>
            request.Path == $"groups/{group.Id}/members" ? GraphResponse.Of(200, """{"value":[]}""") : null;

        read = await bench.ReadAsync(read.Watermark);

        Assert.True(read.Entitled(user));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_groups_of_a_user_that_are_not_found_are_not_no_groups(bool onNextPage)
    {
        await using var bench = new EntraBench();
        StandInUser user = bench.Tenant.AddUser("a@contoso.com");
        StandInGroup group = bench.Tenant.AddGroup("G"),
            other = bench.Tenant.AddGroup("H");
        bench.Tenant.AddMember(other, user);
        bench.Tenant.AddMember(group, user);
        bench.Tenant.Assign(bench.Application, group);
        bench.Graph.Behavior.PageCap = 1;
        bench.Graph.Behavior.Intercept = request =>
            request.Path.Contains("memberOf", StringComparison.Ordinal) && (!onNextPage || !request.InBatch)
                ? GraphResponse.Error(404, "Request_ResourceNotFound", "x")
                : null;

        Read read = await bench.FindAsync(user.Id);

        Assert.IsType<SourceFault>(read[user]);
    }
}

using TravelPerkScim.Entra.Http;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Tests;

/// <summary>How many requests a read takes, for tenants of several shapes.</summary>
public sealed class ReadCostTests
{
    /// <summary>60 users are assigned through 3 groups. The size of the tenant does not count.</summary>
    [Theory]
    [InlineData(6_000, 3_000)]
    [InlineData(60_000, 15_000)]
    public async Task Few_users_of_a_large_tenant_cost_what_is_in_scope(int users, int groups)
    {
        await using var fixture = new EntraFixture();
        StandInUser[] all = Fill(fixture, users, groups);
        for (int i = 0; i < 3; i++)
            AssignGroup(fixture, all.Skip(i * 1000).Take(20));

        Read read = await fixture.ReadAsync();

        Assert.Equal(
            [
                $"GET servicePrincipals/{fixture.Application.Id}",
                $"GET servicePrincipals/{fixture.Application.Id}/appRoleAssignedTo",
                "POST $batch",
                "GET groups/delta()",
                "GET users/delta()",
                "GET users/delta()",
            ],
            fixture.Graph.Requests
        );
        Assert.InRange(fixture.Graph.ResourceUnits, 1, 10);
        Assert.Equal((60, true, true), (read.Entries.Count(), read.End.FullRead, read.End.EntitledOnly));
        Assert.All(read.Entries, entry => Assert.Null(entry.NotEntitled));

        Assert.Equal(0, await IdleAsync(fixture, read, requests: 3));
    }

    [Fact]
    public async Task Members_of_a_large_group_come_on_several_pages()
    {
        await using var fixture = new EntraFixture();
        StandInUser[] all = Fill(fixture, 30_000, 3_000);
        fixture.Graph.Behavior.MembersAtOnce = 100;
        fixture.Graph.Behavior.PageCap = 3;
        AssignGroup(fixture, all.Take(950));

        Read read = await fixture.ReadAsync();

        Assert.Equal(950, read.Entries.Count());
        Assert.Equal(4, fixture.Graph.Requests.Count(request => request.StartsWith("GET groups/delta", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Many_small_groups_are_followed_fifty_at_a_time()
    {
        await using var fixture = new EntraFixture();
        StandInUser[] all = Fill(fixture, 20_000, 15_000);
        for (int i = 0; i < 120; i++)
            AssignGroup(fixture, all.Skip(i * 5).Take(5));

        Read read = await fixture.ReadAsync();

        Assert.Equal(600, read.Entries.Count());
        Assert.Equal(3 + 3 + 12, fixture.Graph.Requests.Count);
        Assert.Equal(0, await IdleAsync(fixture, read, requests: 3));
    }

    [Fact]
    public async Task Nested_groups_take_a_request_for_each_level()
    {
        await using var fixture = new EntraFixture(nested: true);
        StandInUser[] all = Fill(fixture, 6_000, 3_000);
        StandInGroup outer = AssignGroup(fixture, all.Take(10)),
            inner = fixture.Tenant.AddGroup("Inner"),
            innermost = fixture.Tenant.AddGroup("Innermost");
        fixture.Tenant.AddMember(outer, inner);
        fixture.Tenant.AddMember(inner, [.. all.Skip(10).Take(10), innermost]);
        fixture.Tenant.AddMember(innermost, [.. all.Skip(20).Take(10), outer]);

        Read read = await fixture.ReadAsync();

        Assert.Equal(30, read.Entries.Count());
        Assert.Equal(3 + 3 + 1, fixture.Graph.Requests.Count);
        fixture.Tenant.RemoveMember(innermost, all[25]);
        fixture.Tenant.AddMember(innermost, all[100]);
        read = await fixture.ReadAsync(read.Watermark);
        Assert.Equal((false, true), (read.Entitled(all[25]), read.Entitled(all[100])));
        Assert.Equal(0, await IdleAsync(fixture, read, requests: 3));
    }

    [Fact]
    public async Task Where_most_users_are_entitled_every_user_is_listed()
    {
        await using var fixture = new EntraFixture();
        StandInUser[] all = Fill(fixture, 3_000, 10);
        AssignGroup(fixture, all);

        Read read = await fixture.ReadAsync();

        Assert.Equal((3_000, false), (read.Entries.Count(), read.End.EntitledOnly));
        // The group's members are four items on one page, and the users four pages.
        Assert.Equal(3 + 1 + 4, fixture.Graph.Requests.Count);
        Assert.Equal(0, await IdleAsync(fixture, read, requests: 3));
    }

    [Fact]
    public async Task A_large_tenant_in_which_no_user_is_assigned_is_listed_so_that_the_users_are_known_to_have_left()
    {
        await using var fixture = new EntraFixture();
        StandInUser[] all = Fill(fixture, 3_000, 3_000);

        Read read = await fixture.ReadAsync();

        Assert.False(read.End.EntitledOnly);
        Assert.Equal(all.Length, read.Entries.Count(entry => entry.NotEntitled is not null));
        Assert.DoesNotContain("GET groups/delta()", fixture.Graph.Requests);
    }

    [Fact]
    public async Task Disabled_users_cost_no_more()
    {
        await using var fixture = new EntraFixture();
        StandInUser[] all = Fill(fixture, 6_000, 3_000);
        AssignGroup(fixture, all.Take(60));
        foreach (StandInUser user in all)
            fixture.Tenant.Set(user, "accountEnabled", false);

        Read read = await fixture.ReadAsync();

        Assert.Equal(6, fixture.Graph.Requests.Count);
        Assert.All(read.Entries, entry => Assert.Equal(false, entry.Object["accountEnabled"]));
        // A change of the tenant outside the scope costs nothing.
        fixture.Tenant.Set(all[5000], "displayName", "New");
        Assert.Equal(0, await IdleAsync(fixture, read, requests: 3));
    }

    [Fact]
    public async Task A_scope_that_grows_and_shrinks_moves_between_the_kinds_without_a_list_of_the_tenant()
    {
        await using var fixture = new EntraFixture();
        StandInUser[] all = Fill(fixture, 6_000, 3_000);
        StandInGroup group = AssignGroup(fixture, all.Take(60));
        Read read = await fixture.ReadAsync();
        fixture.Graph.ForgetRequests();

        fixture.Tenant.AddMember(group, all.Skip(60).Take(1_000));
        read = await fixture.ReadAsync(read.Watermark);

        Assert.Equal((false, 1_000), (read.End.FullRead, read.Entries.Count()));
        // The new link, and 50 batches of new users.
        Assert.Equal(3 + 1 + 50, fixture.Graph.Requests.Count);
        fixture.Tenant.Set(all[1_000], "displayName", "New");
        read = await fixture.ReadAsync(read.Watermark);
        Assert.Equal("New", read.Entry(all[1_000]).Object["displayName"]);

        fixture.Tenant.RemoveMember(group, all.Skip(30).Take(1_030));
        fixture.Tenant.Set(all[3], "displayName", "Newer");
        read = await fixture.ReadAsync(read.Watermark);
        Assert.Equal((false, 1_031), (read.End.FullRead, read.Entries.Count()));
        Assert.Equal("Newer", read.Entry(all[3]).Object["displayName"]);

        fixture.Tenant.Set(all[4], "displayName", "Newest");
        fixture.Tenant.Set(all[1_000], "displayName", "Unseen");
        read = await fixture.ReadAsync(read.Watermark);
        Assert.Equal("Newest", Assert.Single(read.Entries).Object["displayName"]);
    }

    [Fact]
    public async Task Users_who_come_one_by_one_do_not_leave_a_link_each()
    {
        await using var fixture = new EntraFixture();
        StandInUser[] all = Fill(fixture, 6_000, 3_000);
        StandInGroup group = AssignGroup(fixture, all.Take(60));
        Read read = await fixture.ReadAsync();
        for (int i = 0; i < 30; i++)
        {
            fixture.Tenant.AddMember(group, all[1_000 + i]);
            read = await fixture.ReadAsync(read.Watermark);
            Assert.True(read.Entitled(all[1_000 + i]));
        }

        foreach (StandInUser user in all.Skip(1_000).Take(30))
            fixture.Tenant.Set(user, "displayName", "New");
        fixture.Graph.ForgetRequests();
        Assert.Equal(30, (await fixture.ReadAsync(read.Watermark)).Entries.Count());
        Assert.Equal(3 + 2, fixture.Graph.Requests.Count);
    }

    /// <summary>Changes in a read in which nothing changed.</summary>
    private static async Task<long> IdleAsync(EntraFixture fixture, Read read, int requests)
    {
        fixture.Graph.ForgetRequests();
        Read idle = await fixture.ReadAsync(read.Watermark);
        Assert.Equal(requests, fixture.Graph.Requests.Count);
        Assert.False(idle.End.FullRead);
        return idle.End.TotalRead;
    }

    private static StandInUser[] Fill(EntraFixture fixture, int users, int groups)
    {
        for (int i = 0; i < groups; i++)
            fixture.Tenant.AddGroup($"Other {i}");
        return [.. Enumerable.Range(0, users).Select(i => fixture.Tenant.AddUser($"u{i}@contoso.com"))];
    }

    private static StandInGroup AssignGroup(EntraFixture fixture, IEnumerable<StandInUser> members)
    {
        StandInGroup group = fixture.Tenant.AddGroup("Travellers");
        fixture.Tenant.AddMember(group, members);
        fixture.Tenant.Assign(fixture.Application, group);
        return group;
    }
}

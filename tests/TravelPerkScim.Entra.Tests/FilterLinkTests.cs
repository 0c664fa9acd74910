using System.IO.Compression;
using System.Text;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Tests;

/// <summary>Links that are dropped, begun again or replaced lose no change, and a filter that is not obeyed ends in a list.</summary>
public sealed class FilterLinkTests
{
    /// <summary>A tenant of any size has many pages, so filters are always used.</summary>
    private static readonly FilterRule s_always = new() { PageSize = 1 };

    /// <summary>Two users or groups are the most for filters.</summary>
    private static readonly FilterRule s_two = new()
    {
        IdsInFilter = 2,
        PageSize = 1,
        MostFilters = 1,
    };

    /// <summary>Only a round of changes tells that a user who was soft-deleted is deleted for good.</summary>
    [Theory]
    [InlineData("users come, and the links are begun again together")]
    [InlineData("the links expire")]
    [InlineData("the filters end")]
    public async Task A_user_in_the_recycle_bin_is_followed_until_the_deletion_for_good(string meanwhile)
    {
        (EntraFixture fixture, StandInUser[] users, StandInGroup group) = Tenant(
            s_always with
            {
                MostFilters = meanwhile == "the filters end" ? 1 : 20,
            }
        );
        await using EntraFixture own = fixture;
        await using var target = new CycleTarget(fixture);
        await target.RunAsync();
        fixture.Tenant.SoftDelete(users[0]);
        Assert.Equal(ProvisioningAction.Disable, Assert.Single(await target.RunAsync()).Action);
        if (meanwhile.StartsWith("users", StringComparison.Ordinal))
        {
            for (int i = 0; i < 6; i++)
            {
                fixture.Tenant.AddMember(group, AddUser(fixture, $"late{i}"));
                Assert.Equal(ProvisioningAction.Create, Assert.Single(await target.RunAsync()).Action);
            }
        }
        else if (meanwhile.StartsWith("the links", StringComparison.Ordinal))
        {
            fixture.Graph.ExpireTokens("users");
            Assert.Empty(await target.RunAsync());
        }
        else
        {
            StandInUser[] many = [.. Enumerable.Range(0, 60).Select(i => AddUser(fixture, $"many{i}"))];
            fixture.Tenant.AddMember(group, many);
            await target.RunAsync();
            fixture.Tenant.RemoveMember(group, many);
            Assert.Equal(many.Length, (await target.RunAsync()).Count);
        }
        Assert.NotNull(target.User(users[0]));

        fixture.Tenant.Purge(users[0]);

        Assert.Equal(ProvisioningAction.Delete, Assert.Single(await target.RunAsync()).Action);
        Assert.Null(target.User(users[0]));
        fixture.Graph.ForgetRequests();
        Assert.Empty(await target.RunAsync());
        Assert.Equal(3, fixture.Graph.Requests.Count);
    }

    [Fact]
    public async Task A_user_in_the_recycle_bin_is_followed_when_the_mapping_changes_and_not_for_ever()
    {
        (EntraFixture fixture, StandInUser[] users, _) = Tenant(s_always);
        await using EntraFixture own = fixture;
        Read read = await fixture.ReadAsync();
        fixture.Tenant.SoftDelete(users[0]);
        fixture.Tenant.SoftDelete(users[1]);
        read = await fixture.ReadAsync(read.Watermark);
        Assert.Equal(2, read.Entries.Count(entry => entry.SoftDeleted));
        var other = new SourceLayout(["objectId", "userPrincipalName", "accountEnabled", "jobTitle"]);
        read = await fixture.ReadAsync(read.Watermark, other);
        Assert.True(read.End.FullRead);

        fixture.Tenant.Purge(users[0]);
        read = await fixture.ReadAsync(read.Watermark, other);
        Assert.IsType<SourceRemoval>(read[users[0]]);

        fixture.Time.Advance(TimeSpan.FromDays(50));
        read = await fixture.ReadAsync(read.Watermark, other);
        fixture.Graph.ExpireTokens("users");
        read = await fixture.ReadAsync(read.Watermark, other);
        fixture.Tenant.Purge(users[1]);
        Assert.Null((await fixture.ReadAsync(read.Watermark, other))[users[1]]);
    }

    /// <summary>The groups tell of the leaver first. No look-up finds the user, and the round of the users is late.</summary>
    [Fact]
    public async Task A_user_whose_soft_delete_is_told_late_is_followed_until_the_deletion_for_good()
    {
        (EntraFixture fixture, StandInUser[] users, StandInGroup group) = Tenant(s_always);
        await using EntraFixture own = fixture;
        await using var target = new CycleTarget(fixture);
        await target.RunAsync();
        fixture.Tenant.SoftDelete(users[0]);
        fixture.Tenant.Unseen.Add(users[0].Id);
        fixture.Graph.Behavior.Intercept = request =>
            request.Path == "users/delta"
                ? GraphResponse.Of(
                    200,
                    $$"""
                    {"value":[],"@odata.deltaLink":"{{fixture.Graph.Endpoint}}/users/delta?$deltatoken={{request.Option("$deltatoken")}}"}
                    """
                )
                : null;
        Assert.Empty(await target.RunAsync());
        Assert.True(target.IsActive(users[0]));
        fixture.Graph.Behavior.Intercept = null;

        Assert.Equal(ProvisioningAction.Disable, Assert.Single(await target.RunAsync()).Action);
        for (int i = 0; i < 6; i++)
        {
            fixture.Tenant.AddMember(group, AddUser(fixture, $"late{i}"));
            Assert.Equal(ProvisioningAction.Create, Assert.Single(await target.RunAsync()).Action);
        }
        fixture.Tenant.Purge(users[0]);

        Assert.Equal(ProvisioningAction.Delete, Assert.Single(await target.RunAsync()).Action);
    }

    /// <summary>A restored group is read whole, and so are the groups inside it. No link follows these.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_group_that_no_link_follows_is_read_again_when_the_filters_end(bool filtersEnd)
    {
        (EntraFixture fixture, StandInUser[] users, StandInGroup outer) = Tenant(s_two, nested: true);
        await using EntraFixture own = fixture;
        StandInGroup inner = fixture.Tenant.AddGroup("Inner");
        StandInUser leaves = AddUser(fixture, "leaves");
        fixture.Tenant.AddMember(inner, leaves);
        fixture.Tenant.AddMember(outer, inner);
        Read read = await fixture.ReadAsync();
        fixture.Tenant.SoftDelete(outer);
        read = await fixture.ReadAsync(read.Watermark);
        Assert.False(read.Entitled(leaves));
        fixture.Tenant.Restore(outer);
        read = await fixture.ReadAsync(read.Watermark);
        Assert.True(read.Entitled(leaves));

        fixture.Tenant.RemoveMember(inner, leaves);
        if (filtersEnd)
        {
            for (int i = 0; i < 3; i++)
                fixture.Tenant.Assign(fixture.Application, fixture.Tenant.AddGroup($"More {i}"));
        }
        read = await fixture.ReadAsync(read.Watermark);

        Assert.False(read.Entitled(leaves));
        Assert.Null(read[users[0]]);
    }

    /// <summary>The list of members is behind. The old link has told of these members, so the list is not believed.</summary>
    [Theory]
    [InlineData("scattered")]
    [InlineData("from none to filters")]
    public async Task No_user_leaves_because_a_new_link_lists_a_known_group_without_its_members(string why)
    {
        bool scattered = why == "scattered";
        (EntraFixture fixture, StandInUser[] users, StandInGroup group) = Tenant(scattered ? s_always : s_two);
        await using EntraFixture own = fixture;
        StandInGroup[] more = [.. Enumerable.Range(0, 6).Select(i => fixture.Tenant.AddGroup($"More {i}"))];
        if (!scattered)
            fixture.Tenant.Assign(fixture.Application, more[0]);
        if (!scattered)
            fixture.Tenant.Assign(fixture.Application, more[1]);
        Read read = await fixture.ReadAsync();
        bool isStale = false;
        string? begun = null;
        fixture.Graph.Behavior.Intercept = request =>
        {
            if (request.Path != "groups/delta()" || request.Option("$filter")?.Contains(group.Id, StringComparison.Ordinal) is not true)
                return null;
            isStale = true;
            string link = $"{fixture.Graph.Endpoint}/groups/delta?$deltatoken=stale";
            begun = link;
            return GraphResponse.Of(
                200,
                $$"""{"value":[{"id":"{{group.Id}}","displayName":"Travellers"}],"@odata.deltaLink":"{{link}}"}"""
            );
        };

        for (int i = 0; i < more.Length; i++)
        {
            if (scattered)
                fixture.Tenant.Assign(fixture.Application, more[i]);
            else
                fixture.Tenant.Unassign(fixture.Application, more[Math.Min(i, 1)]);
            if (begun is not null)
                break;
            read = await fixture.ReadAsync(read.Watermark);
            Assert.False(read.End.FullRead);
            Assert.All(users, user => Assert.Null(read[user]));
        }

        Assert.True(isStale);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_graph_refuses_the_filter_every_object_is_listed(bool first)
    {
        (EntraFixture fixture, StandInUser[] users, StandInGroup group) = Tenant(s_always);
        await using EntraFixture own = fixture;
        Read read = first ? new Read([]) : await fixture.ReadAsync();
        fixture.Graph.Behavior.RefusesFilter = true;
        StandInUser joins = AddUser(fixture, "joins");
        StandInGroup other = fixture.Tenant.AddGroup("Others");
        fixture.Tenant.AddMember(other, joins);
        fixture.Tenant.Assign(fixture.Application, other);
        fixture.Tenant.RemoveMember(group, users[0]);

        read = await fixture.ReadAsync(first ? null : read.Watermark);

        Assert.Equal((first, false), (read.End.FullRead, read.End.EntitledOnly));
        Assert.True(read.Entitled(joins));
        Assert.False(read.Entitled(users[0]));
        fixture.Tenant.Set(users[1], "displayName", "New");
        fixture.Graph.ForgetRequests();
        read = await fixture.ReadAsync(read.Watermark);
        Assert.Equal("New", Assert.Single(read.Entries).Object["displayName"]);
        Assert.Equal(4, fixture.Graph.Requests.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_filter_that_graph_ignores_does_not_look_up_each_user_of_the_tenant(bool first)
    {
        (EntraFixture fixture, StandInUser[] users, StandInGroup group) = Tenant(s_always, others: 300);
        await using EntraFixture own = fixture;
        Read read = first ? new Read([]) : await fixture.ReadAsync();
        fixture.Graph.Behavior.IgnoresFilter = true;
        fixture.Graph.ForgetRequests();
        StandInUser joins = AddUser(fixture, "joins");
        StandInGroup other = fixture.Tenant.AddGroup("Others");
        fixture.Tenant.AddMember(other, joins);
        fixture.Tenant.Assign(fixture.Application, other);
        fixture.Tenant.RemoveMember(group, users[0]);

        read = await fixture.ReadAsync(first ? null : read.Watermark);

        Assert.True(read.Entitled(joins));
        Assert.Equal(!first, read[users[0]] is SourceEntry { NotEntitled: not null, Object: not null } && !read.End.FullRead);
        Assert.False(read.End.EntitledOnly);
        Assert.InRange(fixture.Graph.Requests.Count, 1, 12);
        fixture.Tenant.Set(users[1], "displayName", "New");
        Assert.Equal("New", Assert.Single((await fixture.ReadAsync(read.Watermark)).Entries).Object["displayName"]);
    }

    /// <summary>The watermark of a version that knew no filters.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_watermark_without_filters_goes_on(bool expired)
    {
        (EntraFixture fixture, StandInUser[] users, StandInGroup group) = Tenant(s_always);
        await using EntraFixture own = fixture;
        fixture.Tenant.AddMember(group, fixture.Tenant.AddGroup("Inside"));
        (string usersLink, string groupsLink) = (await LatestAsync(fixture, "users"), await LatestAsync(fixture, "groups"));
        string fingerprint = new SourceRun(fixture.Entra, fixture.Settings, EntraFixture.Layout).Fingerprint;
        string old = $$"""
            {"V":1,"F":"{{fingerprint}}","U":"{{usersLink}}","G":"{{groupsLink}}","A":"TravelPerk","R":{},
            "D":"{{Packed(new Guid(group.Id).ToByteArray(), new byte[16], [1, 0, 0, 0])}}",
            "M":[{"I":"{{group.Id}}","N":"Travellers","U":"{{Packed([
                .. users.Select(user => new Guid(user.Id)).Order().Select(id => id.ToByteArray()),
            ])}}","G":"","X":false,"P":false,"S":null,"K":true}]}
            """;
        StandInUser joins = AddUser(fixture, "joins");
        fixture.Tenant.AddMember(group, joins);
        fixture.Tenant.RemoveMember(group, users[0]);
        fixture.Tenant.Set(users[1], "displayName", "New");
        fixture.Tenant.SoftDelete(users[2]);
        if (expired)
            fixture.Graph.ExpireTokens("users");
        fixture.Graph.ForgetRequests();

        Read read = await fixture.ReadAsync(Deflated(old));

        Assert.Equal((expired, false), (read.End.FullRead, read.End.EntitledOnly));
        Assert.True(read.Entitled(joins));
        Assert.False(read.Entitled(users[0]));
        Assert.Equal("Travellers", read.Entry(users[0]).LostGroup);
        Assert.Equal("New", read.Entry(users[1]).Object["displayName"]);
        Assert.True(read.Entry(users[2]).SoftDeleted);
        Assert.Equal(expired, read[users[3]] is not null);
        fixture.Tenant.Purge(users[2]);
        read = await fixture.ReadAsync(read.Watermark);
        Assert.Equal([typeof(SourceRemoval), typeof(SourceEnd)], read.Items.Select(item => item.GetType()));
        fixture.Graph.ForgetRequests();
        fixture.Tenant.Set(fixture.Tenant.Users.First(), "displayName", "Other");
        read = await fixture.ReadAsync(read.Watermark);
        Assert.Equal((false, 0), (read.End.FullRead, read.End.TotalRead));
        Assert.Equal(3, fixture.Graph.Requests.Count);
    }

    /// <summary>Where the scope was everyone, as many users are linked, and a list of the tenant is cheaper than to ask for each.</summary>
    [Fact]
    public async Task A_scope_that_was_everyone_is_left_with_a_list_of_everyone()
    {
        (EntraFixture fixture, StandInUser[] users, _) = Tenant(s_always, others: 300);
        await using EntraFixture own = fixture;
        EntraSourceSettings assigned = fixture.Settings;
        fixture.Settings = assigned with { Scope = EntitlementScope.All };
        Read read = await fixture.ReadAsync();
        Assert.Equal(304, read.Entries.Count(entry => entry.NotEntitled is null));

        fixture.Settings = assigned;
        read = await fixture.ReadAsync(read.Watermark);
        Assert.Equal((true, false), (read.End.FullRead, read.End.EntitledOnly));
        Assert.Equal(300, read.Entries.Count(entry => entry.NotEntitled is not null));
        Assert.All(users, user => Assert.True(read.Entitled(user)));

        read = await fixture.ReadAsync(read.Watermark);
        fixture.Tenant.Set(fixture.Tenant.Users.First(), "displayName", "Not assigned");
        fixture.Tenant.Set(users[0], "displayName", "New");
        Assert.Equal("New", Assert.Single((await fixture.ReadAsync(read.Watermark)).Entries).Object["displayName"]);

        fixture.Settings = assigned with { Scope = EntitlementScope.All };
        read = await fixture.ReadAsync(read.Watermark);
        Assert.Equal(
            (true, false, 304),
            (read.End.FullRead, read.End.EntitledOnly, read.Entries.Count(entry => entry.NotEntitled is null))
        );
    }

    [Fact]
    public async Task Users_who_left_long_ago_are_not_asked_for_when_the_links_expire()
    {
        (EntraFixture fixture, StandInUser[] users, StandInGroup group) = Tenant(s_always);
        await using EntraFixture own = fixture;
        StandInUser[] leavers = [.. Enumerable.Range(0, 30).Select(i => AddUser(fixture, $"left{i}"))];
        fixture.Tenant.AddMember(group, leavers);
        await using var target = new CycleTarget(fixture);
        await target.RunAsync();
        fixture.Tenant.RemoveMember(group, leavers);
        Assert.Equal(30, (await target.RunAsync()).Count);
        fixture.Tenant.AddMember(group, leavers[0]);
        fixture.Graph.ExpireTokens("users");
        fixture.Graph.ForgetRequests();

        Assert.Equal(ProvisioningAction.Enable, Assert.Single(await target.RunAsync()).Action);

        Assert.DoesNotContain("POST $batch", fixture.Graph.Requests);
        Assert.All(users, user => Assert.True(target.IsActive(user)));
        fixture.Tenant.RemoveMember(group, users[0]);
        fixture.Graph.ExpireTokens("users");
        Assert.Equal(ProvisioningAction.Disable, Assert.Single(await target.RunAsync()).Action);
    }

    /// <summary>The tenant is counted once a week. The links change without a list of the tenant.</summary>
    [Fact]
    public async Task A_tenant_that_grows_and_shrinks_is_counted_again()
    {
        var rule = new FilterRule { IdsInFilter = 2, PageSize = 10 };
        (EntraFixture fixture, StandInUser[] users, _) = Tenant(rule, others: 5);
        await using EntraFixture own = fixture;
        Read read = await fixture.ReadAsync();
        Assert.False(read.End.EntitledOnly);
        StandInUser[] more = [.. Enumerable.Range(0, 300).Select(i => fixture.Tenant.AddUser($"more{i}@contoso.com"))];
        read = await fixture.ReadAsync(read.Watermark);
        Assert.Equal(300, read.Entries.Count());

        fixture.Time.Advance(TimeSpan.FromDays(8));
        read = await fixture.ReadAsync(read.Watermark);
        fixture.Tenant.Set(more[0], "displayName", "Not assigned");
        fixture.Tenant.Set(users[0], "displayName", "New");
        read = await fixture.ReadAsync(read.Watermark);
        Assert.Equal((false, "New"), (read.End.FullRead, Assert.Single(read.Entries).Object["displayName"]));

        foreach (StandInUser user in more)
            fixture.Tenant.Purge(user);
        fixture.Time.Advance(TimeSpan.FromDays(8));
        fixture.Graph.Behavior.Intercept = request =>
            request.Option("$count") is null ? null : GraphResponse.Error(400, "Request_UnsupportedQuery", "x");
        fixture.Graph.ForgetRequests();
        Assert.Equal(0, (await fixture.ReadAsync(read.Watermark)).End.TotalRead);
        fixture.Graph.Behavior.Intercept = null;
        foreach (StandInUser user in users[1..])
            fixture.Tenant.Set(user, "displayName", "Newer");
        read = await fixture.ReadAsync(read.Watermark);
        Assert.Equal((false, 3), (read.End.FullRead, read.Entries.Count()));
        Assert.DoesNotContain("GET users/delta()", fixture.Graph.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Thousands_of_groups_inside_an_assigned_one_are_listed_instead_of_filtered(bool first)
    {
        (EntraFixture fixture, StandInUser[] users, StandInGroup group) = Tenant(
            new FilterRule { PageSize = 50 },
            nested: true,
            others: 1_500
        );
        await using EntraFixture own = fixture;
        Read read = first ? new Read([]) : await fixture.ReadAsync();
        StandInGroup[] inner = [.. Enumerable.Range(0, 3_000).Select(i => fixture.Tenant.AddGroup($"Inner {i}"))];
        fixture.Tenant.AddMember(group, inner);
        // A cycle of groups, and a user at the far end.
        fixture.Tenant.AddMember(inner[2_999], inner[0], group);
        StandInUser deep = AddUser(fixture, "deep");
        fixture.Tenant.AddMember(inner[2_999], deep);
        fixture.Graph.ForgetRequests();

        read = await fixture.ReadAsync(first ? null : read.Watermark);

        Assert.True(read.Entitled(deep));
        Assert.InRange(fixture.Graph.Requests.Count(request => request.Contains("groups/", StringComparison.Ordinal)), 1, 8);
        fixture.Tenant.RemoveMember(inner[2_999], deep);
        fixture.Graph.ForgetRequests();
        read = await fixture.ReadAsync(read.Watermark);
        Assert.False(read.Entitled(deep));
        Assert.All(users, user => Assert.Null(read[user]));
        Assert.InRange(fixture.Graph.Requests.Count, 3, 5);
    }

    [Fact]
    public async Task A_long_chain_of_groups_is_listed_instead_of_followed_level_by_level()
    {
        (EntraFixture fixture, _, StandInGroup group) = Tenant(s_always, nested: true);
        await using EntraFixture own = fixture;
        StandInGroup last = group;
        for (int i = 0; i < 200; i++)
        {
            StandInGroup next = fixture.Tenant.AddGroup($"Level {i}");
            fixture.Tenant.AddMember(last, next);
            last = next;
        }
        StandInUser deep = AddUser(fixture, "deep");
        fixture.Tenant.AddMember(last, deep);

        Read read = await fixture.ReadAsync();

        Assert.True(read.Entitled(deep));
        Assert.InRange(fixture.Graph.Requests.Count, 1, 30);
        // Now that the groups are known, few filters name them.
        read = await fixture.ReadAsync(read.Watermark);
        fixture.Tenant.RemoveMember(last, deep);
        fixture.Graph.ForgetRequests();
        read = await fixture.ReadAsync(read.Watermark);
        Assert.False(read.Entitled(deep));
        Assert.InRange(fixture.Graph.Requests.Count, 3, 5);
    }

    /// <summary>A group that no look-up finds keeps its users for a while, and the groups beside it go on.</summary>
    [Fact]
    public async Task A_group_inside_an_assigned_one_that_is_out_of_reach_takes_no_other_user_out()
    {
        (EntraFixture fixture, StandInUser[] users, StandInGroup group) = Tenant(s_always, nested: true);
        await using EntraFixture own = fixture;
        StandInGroup hidden = fixture.Tenant.AddGroup("Hidden"),
            beside = fixture.Tenant.AddGroup("Beside");
        StandInUser joins = AddUser(fixture, "joins");
        fixture.Tenant.AddMember(group, hidden, beside);
        fixture.Tenant.Unseen.Add(hidden.Id);
        fixture.Graph.Behavior.Intercept = request =>
            request.Path == "groups/delta()" && request.Option("$filter")!.Contains(hidden.Id, StringComparison.Ordinal)
                ? GraphResponse.Of(
                    200,
                    $$"""
                    {"value":[{"id":"{{beside.Id}}","displayName":"Beside"}],
                    "@odata.deltaLink":"{{fixture.Graph.Endpoint}}/groups/delta?$deltatoken=hidden"}
                    """
                )
                : null;
        Read read = await fixture.ReadAsync();
        Assert.All(users, user => Assert.True(read.Entitled(user)));
        for (int i = 0; i < 2; i++)
        {
            fixture.Time.Advance(TimeSpan.FromMinutes(40));
            fixture.Tenant.AddMember(group, joins);
            read = await fixture.ReadAsync(read.Watermark);
            Assert.All(users, user => Assert.True(read[user] is null || read.Entitled(user)));
        }
        fixture.Tenant.RemoveMember(group, users[0]);
        read = await fixture.ReadAsync(read.Watermark);
        Assert.False(read.Entitled(users[0]));
        Assert.False(read.Entry(users[0]).EntitlementUnknown);
    }

    private static async Task<string> LatestAsync(EntraFixture fixture, string kind)
    {
        string select = kind == "users" ? string.Join(',', new GraphSelect(EntraFixture.Layout).Delta) : "displayName,members";
        var requests = new GraphRequests(fixture.Entra);
        using System.Text.Json.JsonDocument answer = await requests.GetAsync(
            $"{kind}/delta()?$select={select}&$deltatoken=latest",
            GraphNeed.Users,
            default
        );
        return answer.RootElement.GetProperty("@odata.deltaLink").GetString()!;
    }

    private static string Packed(params byte[][] bytes) => Convert.ToBase64String([.. bytes.SelectMany(some => some)]);

    private static string Deflated(string text)
    {
        using var packed = new MemoryStream();
        using (var packing = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            packing.Write(Encoding.UTF8.GetBytes(text));
        return Convert.ToBase64String(packed.ToArray());
    }

    private static StandInUser AddUser(EntraFixture fixture, string name) =>
        fixture.Tenant.AddUser($"{name}@contoso.com", ("givenName", "Given"), ("surname", "Family"));

    private static (EntraFixture Fixture, StandInUser[] Users, StandInGroup Group) Tenant(
        FilterRule rule,
        bool nested = false,
        int others = 20
    )
    {
        var fixture = new EntraFixture(nested: nested, filters: rule);
        for (int i = 0; i < others; i++)
        {
            fixture.Tenant.AddUser($"other{i}@contoso.com");
            fixture.Tenant.AddGroup($"Other {i}");
        }
        StandInUser[] users = [.. Enumerable.Range(0, 4).Select(i => AddUser(fixture, $"u{i}"))];
        StandInGroup group = fixture.Tenant.AddGroup("Travellers");
        fixture.Tenant.AddMember(group, users);
        fixture.Tenant.Assign(fixture.Application, group);
        return (fixture, users, group);
    }
}

using TravelPerkScim.Entra.Reading;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Tests;

public sealed class IncrementalReadTests
{
    [Fact]
    public async Task Nothing_changed_takes_three_requests_and_gives_nothing()
    {
        await using var bench = new EntraBench();
        StandInGroup group = bench.Tenant.AddGroup("G");
        bench.Tenant.AddMember(group, bench.Tenant.AddUser("a@contoso.com"));
        bench.Tenant.Assign(bench.Application, group);
        Read first = await bench.ReadAsync();
        bench.Graph.ForgetRequests();

        Read second = await bench.ReadAsync(first.Watermark);

        Assert.Equal(
            [$"GET servicePrincipals/{bench.Application.Id}/appRoleAssignedTo", "GET groups/delta", "GET users/delta"],
            bench.Graph.Requests
        );
        Assert.Equal((false, 0L, 1), (second.End.FullRead, second.End.TotalRead, second.Items.Count));
    }

    [Fact]
    public async Task Changed_users_come_whole_twenty_at_a_time()
    {
        await using var bench = new EntraBench();
        bench.Graph.Behavior.ChangedPropertiesOnly = true;
        StandInUser[] users = [.. Enumerable.Range(0, 50).Select(i => bench.Tenant.AddUser($"u{i}@contoso.com", ("department", "Sales")))];
        bench.Tenant.Assign(bench.Application, users[0]);
        bench.Tenant.SetManager(users[0], users[1]);
        Read first = await bench.ReadAsync();
        foreach (StandInUser user in users.Take(41))
            bench.Tenant.Set(user, "displayName", "New");
        bench.Graph.ForgetRequests();

        Read second = await bench.ReadAsync(first.Watermark);

        Assert.Equal(41, second.Entries.Count());
        Assert.Equal(3, bench.Graph.Requests.Count(request => request == "POST $batch"));
        SourceEntry changed = second.Entry(users[0]);
        Assert.Equal(
            ["New", "Sales", users[1].Id],
            [changed.Object["displayName"], changed.Object["department"], Assert.IsType<SourceReference>(changed.Object["manager"]).Anchor]
        );
        Assert.True(second.Entitled(users[0]));
        Assert.False(second.Entitled(users[1]));
    }

    [Fact]
    public async Task Removals_are_told_apart_and_a_restored_user_comes_back()
    {
        await using var bench = new EntraBench();
        StandInUser soft = bench.Tenant.AddUser("soft@contoso.com"),
            hard = bench.Tenant.AddUser("hard@contoso.com");
        Read read = await bench.ReadAsync();
        bench.Tenant.SoftDelete(soft);
        bench.Tenant.Purge(hard);

        read = await bench.ReadAsync(read.Watermark);
        Assert.True(read.Entry(soft).SoftDeleted);
        Assert.IsType<SourceRemoval>(read[hard]);

        bench.Tenant.Restore(soft);
        read = await bench.ReadAsync(read.Watermark);
        Assert.False(read.Entry(soft).SoftDeleted);
        Assert.Equal("soft@contoso.com", read.Entry(soft).Object["userPrincipalName"]);
    }

    [Fact]
    public async Task Users_whose_entitlement_moved_come_although_they_did_not_change()
    {
        await using var bench = new EntraBench(nested: true);
        StandInUser[] users = [.. Enumerable.Range(0, 6).Select(i => bench.Tenant.AddUser($"u{i}@contoso.com"))];
        StandInGroup a = bench.Tenant.AddGroup("A"),
            late = bench.Tenant.AddGroup("Late"),
            inner = bench.Tenant.AddGroup("Inner");
        bench.Tenant.AddMember(a, users[0]);
        bench.Tenant.AddMember(late, users[1], inner);
        bench.Tenant.AddMember(inner, users[2]);
        bench.Tenant.Assign(bench.Application, a);
        bench.Tenant.Assign(bench.Application, users[3]);
        Read read = await bench.ReadAsync();

        bench.Tenant.Assign(bench.Application, late);
        bench.Tenant.RemoveMember(a, users[0]);
        bench.Tenant.Unassign(bench.Application, users[3]);
        bench.Tenant.Assign(bench.Application, users[4]);
        read = await bench.ReadAsync(read.Watermark);
        Assert.Equal([false, true, true, false, true], users.Take(5).Select(read.Entitled));
        Assert.Null(read[users[5]]);

        bench.Tenant.Assign(bench.Application, users[4], "Approver");
        bench.Tenant.SoftDelete(late);
        read = await bench.ReadAsync(read.Watermark);
        Assert.Equal(["Approver"], Assert.IsType<object?[]>(read.Entry(users[4]).Object["appRoleAssignments"]));
        Assert.Equal([false, false], users[1..3].Select(read.Entitled));

        bench.Tenant.Restore(late);
        read = await bench.ReadAsync(read.Watermark);
        Assert.Equal([true, true], users[1..3].Select(read.Entitled));
    }

    [Fact]
    public async Task Who_cannot_be_found_any_more_is_soft_deleted_only_when_the_deleted_ones_or_the_delta_say_so()
    {
        await using var bench = new EntraBench();
        StandInUser user = bench.Tenant.AddUser("a@contoso.com"),
            other = bench.Tenant.AddUser("b@contoso.com");
        Read read = await bench.ReadAsync();
        bench.Tenant.Set(user, "displayName", "x");
        bench.Tenant.Set(other, "displayName", "x");
        bench.Graph.BeforeAnswer = (_, path) =>
        {
            if (path != "$batch" || user.State != LifeState.Live)
                return;
            bench.Tenant.SoftDelete(user);
            bench.Tenant.Purge(other);
        };

        read = await bench.ReadAsync(read.Watermark);
        Assert.True(read.Entry(user).SoftDeleted);
        Assert.IsType<SourceNotFound>(read[other]);

        bench.Graph.BeforeAnswer = null;
        read = await bench.ReadAsync(read.Watermark);
        Assert.True(read.Entry(user).SoftDeleted);
        Assert.IsType<SourceRemoval>(read[other]);
    }

    [Theory]
    [InlineData(ExpiredAnswer.Gone)]
    [InlineData(ExpiredAnswer.SyncStateNotFound)]
    [InlineData(ExpiredAnswer.ResyncRequired)]
    public async Task An_expired_token_makes_a_full_read_in_the_same_call(ExpiredAnswer answer)
    {
        await using var bench = new EntraBench();
        StandInUser user = bench.Tenant.AddUser("a@contoso.com");
        bench.Graph.Behavior.Expired = answer;
        Read read = await bench.ReadAsync();
        bench.Graph.ExpireTokens("users");

        read = await bench.ReadAsync(read.Watermark);

        Assert.Equal((true, true), (read.End.FullRead, read.End.ConfirmAbsence));
        Assert.Equal("a@contoso.com", read.Entry(user).Object["userPrincipalName"]);
        Assert.False((await bench.ReadAsync(read.Watermark)).End.FullRead);
    }

    [Fact]
    public async Task When_only_the_groups_token_expired_only_groups_are_read_anew()
    {
        await using var bench = new EntraBench();
        StandInUser stays = bench.Tenant.AddUser("a@contoso.com"),
            joins = bench.Tenant.AddUser("b@contoso.com");
        StandInGroup group = bench.Tenant.AddGroup("G");
        bench.Tenant.AddMember(group, stays);
        bench.Tenant.Assign(bench.Application, group);
        Read read = await bench.ReadAsync();
        bench.Graph.ExpireTokens("groups");
        bench.Tenant.AddMember(group, joins);

        read = await bench.ReadAsync(read.Watermark);

        Assert.False(read.End.FullRead);
        Assert.True(read.Entitled(joins));
        Assert.Null(read[stays]);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("bm9uc2Vuc2U=")]
    public async Task A_watermark_that_is_none_makes_a_full_read(string watermark)
    {
        await using var bench = new EntraBench();

        Assert.True((await bench.ReadAsync(watermark)).End.FullRead);
    }

    [Fact]
    public async Task Other_attributes_or_settings_make_a_full_read()
    {
        await using var bench = new EntraBench();
        Read read = await bench.ReadAsync();

        Assert.True((await bench.ReadAsync(read.Watermark, new SourceLayout(["userPrincipalName", "city"]))).End.FullRead);
        bench.Settings = bench.Settings with { IncludeNestedGroups = true };
        Assert.True((await bench.ReadAsync(read.Watermark)).End.FullRead);
    }

    [Fact]
    public async Task A_watermark_is_small_and_holds_no_attribute_of_a_user()
    {
        await using var bench = new EntraBench();
        StandInGroup group = bench.Tenant.AddGroup("G");
        bench.Tenant.AddMember(group, Enumerable.Range(0, 5000).Select(i => bench.Tenant.AddUser($"secret{i}@contoso.com")).ToList());
        bench.Tenant.Assign(bench.Application, group);

        Read read = await bench.ReadAsync();

        Assert.InRange(read.Watermark.Length, 1, 5000 * 25);
        using var unpacked = new StreamReader(
            new System.IO.Compression.DeflateStream(
                new MemoryStream(Convert.FromBase64String(read.Watermark)),
                System.IO.Compression.CompressionMode.Decompress
            )
        );
        Assert.DoesNotContain("secret", await unpacked.ReadToEndAsync(), StringComparison.Ordinal);
    }
}

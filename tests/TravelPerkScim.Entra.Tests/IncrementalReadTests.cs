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
        await using var fixture = new EntraFixture();
        StandInGroup group = fixture.Tenant.AddGroup("G");
        fixture.Tenant.AddMember(group, fixture.Tenant.AddUser("a@contoso.com"));
        fixture.Tenant.Assign(fixture.Application, group);
        Read first = await fixture.ReadAsync();
        fixture.Graph.ForgetRequests();

        Read second = await fixture.ReadAsync(first.Watermark);

        Assert.Equal(
            [$"GET servicePrincipals/{fixture.Application.Id}/appRoleAssignedTo", "GET groups/delta", "GET users/delta"],
            fixture.Graph.Requests
        );
        Assert.Equal((false, 0L, 1), (second.End.FullRead, second.End.TotalRead, second.Items.Count));
    }

    [Fact]
    public async Task Changed_users_come_whole_twenty_at_a_time()
    {
        await using var fixture = new EntraFixture();
        fixture.Graph.Behavior.ChangedPropertiesOnly = true;
        StandInUser[] users =
        [
            .. Enumerable.Range(0, 50).Select(i => fixture.Tenant.AddUser($"u{i}@contoso.com", ("department", "Sales"))),
        ];
        fixture.Tenant.Assign(fixture.Application, users[0]);
        fixture.Tenant.SetManager(users[0], users[1]);
        Read first = await fixture.ReadAsync();
        foreach (StandInUser user in users.Take(41))
            fixture.Tenant.Set(user, "displayName", "New");
        fixture.Graph.ForgetRequests();

        Read second = await fixture.ReadAsync(first.Watermark);

        Assert.Equal(41, second.Entries.Count());
        Assert.Equal(3, fixture.Graph.Requests.Count(request => request == "POST $batch"));
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
        await using var fixture = new EntraFixture();
        StandInUser soft = fixture.Tenant.AddUser("soft@contoso.com"),
            hard = fixture.Tenant.AddUser("hard@contoso.com");
        Read read = await fixture.ReadAsync();
        fixture.Tenant.SoftDelete(soft);
        fixture.Tenant.Purge(hard);

        read = await fixture.ReadAsync(read.Watermark);
        Assert.True(read.Entry(soft).SoftDeleted);
        Assert.IsType<SourceRemoval>(read[hard]);

        fixture.Tenant.Restore(soft);
        read = await fixture.ReadAsync(read.Watermark);
        Assert.False(read.Entry(soft).SoftDeleted);
        Assert.Equal("soft@contoso.com", read.Entry(soft).Object["userPrincipalName"]);
    }

    [Fact]
    public async Task Users_whose_entitlement_moved_come_although_they_did_not_change()
    {
        await using var fixture = new EntraFixture(nested: true);
        StandInUser[] users = [.. Enumerable.Range(0, 6).Select(i => fixture.Tenant.AddUser($"u{i}@contoso.com"))];
        StandInGroup a = fixture.Tenant.AddGroup("A"),
            late = fixture.Tenant.AddGroup("Late"),
            inner = fixture.Tenant.AddGroup("Inner");
        fixture.Tenant.AddMember(a, users[0]);
        fixture.Tenant.AddMember(late, users[1], inner);
        fixture.Tenant.AddMember(inner, users[2]);
        fixture.Tenant.Assign(fixture.Application, a);
        fixture.Tenant.Assign(fixture.Application, users[3]);
        Read read = await fixture.ReadAsync();

        fixture.Tenant.Assign(fixture.Application, late);
        fixture.Tenant.RemoveMember(a, users[0]);
        fixture.Tenant.Unassign(fixture.Application, users[3]);
        fixture.Tenant.Assign(fixture.Application, users[4]);
        read = await fixture.ReadAsync(read.Watermark);
        Assert.Equal([false, true, true, false, true], users.Take(5).Select(read.Entitled));
        Assert.Null(read[users[5]]);

        fixture.Tenant.Assign(fixture.Application, users[4], "Approver");
        fixture.Tenant.SoftDelete(late);
        read = await fixture.ReadAsync(read.Watermark);
        Assert.Equal(["Approver"], Assert.IsType<object?[]>(read.Entry(users[4]).Object["appRoleAssignments"]));
        Assert.Equal([false, false], users[1..3].Select(read.Entitled));

        fixture.Tenant.Restore(late);
        read = await fixture.ReadAsync(read.Watermark);
        Assert.Equal([true, true], users[1..3].Select(read.Entitled));
    }

    [Fact]
    public async Task A_user_not_found_any_more_is_soft_deleted_only_when_deleted_items_or_the_delta_say_so()
    {
        await using var fixture = new EntraFixture();
        StandInUser user = fixture.Tenant.AddUser("a@contoso.com"),
            other = fixture.Tenant.AddUser("b@contoso.com");
        Read read = await fixture.ReadAsync();
        fixture.Tenant.Set(user, "displayName", "x");
        fixture.Tenant.Set(other, "displayName", "x");
        fixture.Graph.BeforeAnswer = (_, path) =>
        {
            if (path != "$batch" || user.State != LifeState.Live)
                return;
            fixture.Tenant.SoftDelete(user);
            fixture.Tenant.Purge(other);
        };

        read = await fixture.ReadAsync(read.Watermark);
        Assert.True(read.Entry(user).SoftDeleted);
        Assert.IsType<SourceNotFound>(read[other]);

        fixture.Graph.BeforeAnswer = null;
        read = await fixture.ReadAsync(read.Watermark);
        Assert.True(read.Entry(user).SoftDeleted);
        Assert.IsType<SourceRemoval>(read[other]);
    }

    [Theory]
    [InlineData(ExpiredAnswer.Gone)]
    [InlineData(ExpiredAnswer.SyncStateNotFound)]
    [InlineData(ExpiredAnswer.ResyncRequired)]
    public async Task An_expired_token_makes_a_full_read_in_the_same_call(ExpiredAnswer answer)
    {
        await using var fixture = new EntraFixture();
        StandInUser user = fixture.Tenant.AddUser("a@contoso.com");
        fixture.Graph.Behavior.Expired = answer;
        Read read = await fixture.ReadAsync();
        fixture.Graph.ExpireTokens("users");

        read = await fixture.ReadAsync(read.Watermark);

        Assert.Equal((true, true), (read.End.FullRead, read.End.ConfirmAbsence));
        Assert.Equal("a@contoso.com", read.Entry(user).Object["userPrincipalName"]);
        Assert.False((await fixture.ReadAsync(read.Watermark)).End.FullRead);
    }

    [Fact]
    public async Task When_only_the_groups_token_expired_only_groups_are_read_in_full()
    {
        await using var fixture = new EntraFixture();
        StandInUser stays = fixture.Tenant.AddUser("a@contoso.com"),
            joins = fixture.Tenant.AddUser("b@contoso.com");
        StandInGroup group = fixture.Tenant.AddGroup("G");
        fixture.Tenant.AddMember(group, stays);
        fixture.Tenant.Assign(fixture.Application, group);
        Read read = await fixture.ReadAsync();
        fixture.Graph.ExpireTokens("groups");
        fixture.Tenant.AddMember(group, joins);

        read = await fixture.ReadAsync(read.Watermark);

        Assert.False(read.End.FullRead);
        Assert.True(read.Entitled(joins));
        Assert.Null(read[stays]);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("bm9uc2Vuc2U=")]
    public async Task A_text_that_is_no_watermark_makes_a_full_read(string watermark)
    {
        await using var fixture = new EntraFixture();

        Assert.True((await fixture.ReadAsync(watermark)).End.FullRead);
    }

    [Fact]
    public async Task Other_attributes_or_settings_make_a_full_read()
    {
        await using var fixture = new EntraFixture();
        Read read = await fixture.ReadAsync();

        Assert.True((await fixture.ReadAsync(read.Watermark, new SourceLayout(["userPrincipalName", "city"]))).End.FullRead);
        fixture.Settings = fixture.Settings with { IncludeNestedGroups = true };
        Assert.True((await fixture.ReadAsync(read.Watermark)).End.FullRead);
    }

    [Fact]
    public async Task A_watermark_is_small_and_holds_no_attribute_of_a_user()
    {
        await using var fixture = new EntraFixture();
        StandInGroup group = fixture.Tenant.AddGroup("G");
        fixture.Tenant.AddMember(group, Enumerable.Range(0, 5000).Select(i => fixture.Tenant.AddUser($"secret{i}@contoso.com")).ToList());
        fixture.Tenant.Assign(fixture.Application, group);

        Read read = await fixture.ReadAsync();

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

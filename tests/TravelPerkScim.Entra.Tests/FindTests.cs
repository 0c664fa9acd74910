using TravelPerkScim.Entra.Reading;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Tests;

public sealed class FindTests
{
    [Fact]
    public async Task Single_users_come_with_their_entitlement_and_nobody_else_is_read()
    {
        await using var bench = new EntraBench();
        StandInUser guest = bench.Tenant.AddUser("o'neil_x.com#EXT#@contoso.com"),
            direct = bench.Tenant.AddUser("direct@contoso.com"),
            other = bench.Tenant.AddUser("other@contoso.com");
        StandInUser soft = bench.Tenant.AddUser("soft@contoso.com"),
            hard = bench.Tenant.AddUser("hard@contoso.com");
        StandInGroup group = bench.Tenant.AddGroup("G");
        bench.Tenant.AddMember(group, guest);
        bench.Tenant.Assign(bench.Application, group, "Approver");
        bench.Tenant.Assign(bench.Application, direct);
        bench.Tenant.SoftDelete(soft);
        bench.Tenant.Purge(hard);

        Read read = await bench.FindAsync(
            "o'neil_x.com#EXT#@contoso.com",
            direct.Id.ToUpperInvariant(),
            other.Id,
            soft.Id,
            hard.Id,
            "nobody@contoso.com",
            "delta"
        );

        Assert.Equal([true, true, false], new[] { guest, direct, other }.Select(read.Entitled));
        Assert.Equal(["Approver"], Assert.IsType<object?[]>(read.Entry(guest).Object["appRoleAssignments"]));
        Assert.True(read.Entry(soft).SoftDeleted);
        Assert.IsType<SourceNotFound>(read[hard]);
        Assert.Equal(["delta", "nobody@contoso.com"], read.Items.OfType<SourceFault>().Select(fault => fault.Position));
        Assert.Equal((false, null, 7L), (read.End.FullRead, read.End.Watermark, read.End.TotalRead));
        Assert.DoesNotContain(bench.Graph.Requests, request => request.Contains("delta", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_guest_is_found_by_the_home_address_too()
    {
        await using var bench = new EntraBench();
        StandInUser guest = bench.Tenant.AddUser("o'neil_x.com#EXT#@contoso.com"),
            other = bench.Tenant.AddUser("o'neil_x.com#EXT#2@contoso.com");
        bench.Tenant.Assign(bench.Application, guest);
        bench.Tenant.SoftDelete(other);

        Read read = await bench.FindAsync("O'Neil@x.com", "nobody@x.com");

        Assert.True(read.Entitled(guest));
        Assert.Equal("nobody@x.com", Assert.Single(read.Items.OfType<SourceFault>()).Position);
        Assert.Equal(2, read.End.TotalRead);
    }

    [Fact]
    public async Task Forty_users_take_four_batches_with_groups()
    {
        await using var bench = new EntraBench(nested: true);
        StandInUser[] users = [.. Enumerable.Range(0, 40).Select(i => bench.Tenant.AddUser($"u{i}@contoso.com"))];
        StandInGroup outer = bench.Tenant.AddGroup("Outer"),
            inner = bench.Tenant.AddGroup("Inner");
        bench.Tenant.AddMember(outer, inner);
        bench.Tenant.AddMember(inner, users);
        bench.Tenant.Assign(bench.Application, outer);

        Read read = await bench.FindAsync([.. users.Select(user => user.Id)]);

        Assert.Equal(users.Select(user => user.Id), read.Entries.Select(entry => entry.Object.Anchor));
        Assert.All(users, user => Assert.True(read.Entitled(user)));
        Assert.Equal(4, bench.Graph.Requests.Count(request => request == "POST $batch"));
    }

    [Fact]
    public async Task Applications_are_found_by_name_or_either_id_and_names_that_begin_alike_are_suggested()
    {
        await using var bench = new EntraBench();
        bench.Tenant.AddApplication("O'Perk");
        var applications = new EntraApplications(bench.Entra);
        var expected = new EntraApplication(bench.Application.Id, bench.Application.AppId, "TravelPerk");

        Assert.Equal([expected], await applications.FindAsync("travelperk", default));
        Assert.Equal([expected], await applications.FindAsync(bench.Application.Id, default));
        Assert.Equal([expected], await applications.FindAsync(bench.Application.AppId, default));
        Assert.Equal("O'Perk", Assert.Single(await applications.FindAsync("O'Perk", default)).DisplayName);
        SourceException failure = await Assert.ThrowsAsync<SourceException>(() => applications.FindAsync("Travel", default));
        Assert.Equal("EntraApplicationNotFound", failure.ErrorId);
        Assert.Contains("'TravelPerk'", failure.Message, StringComparison.Ordinal);
    }
}

using TravelPerkScim.Entra.Reading;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Tests;

public sealed class FindTests
{
    [Fact]
    public async Task Single_users_come_with_their_entitlement_and_no_other_user_is_read()
    {
        await using var fixture = new EntraFixture();
        StandInUser guest = fixture.Tenant.AddUser("o'neil_x.com#EXT#@contoso.com"),
            direct = fixture.Tenant.AddUser("direct@contoso.com"),
            other = fixture.Tenant.AddUser("other@contoso.com");
        StandInUser soft = fixture.Tenant.AddUser("soft@contoso.com"),
            hard = fixture.Tenant.AddUser("hard@contoso.com");
        StandInGroup group = fixture.Tenant.AddGroup("G");
        fixture.Tenant.AddMember(group, guest);
        fixture.Tenant.Assign(fixture.Application, group, "Approver");
        fixture.Tenant.Assign(fixture.Application, direct);
        fixture.Tenant.SoftDelete(soft);
        fixture.Tenant.Purge(hard);

        Read read = await fixture.FindAsync(
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
        Assert.DoesNotContain(fixture.Graph.Requests, request => request.Contains("delta", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_guest_is_found_by_the_home_address_too()
    {
        await using var fixture = new EntraFixture();
        StandInUser guest = fixture.Tenant.AddUser("o'neil_x.com#EXT#@contoso.com"),
            other = fixture.Tenant.AddUser("o'neil_x.com#EXT#2@contoso.com");
        fixture.Tenant.Assign(fixture.Application, guest);
        fixture.Tenant.SoftDelete(other);

        Read read = await fixture.FindAsync("O'Neil@x.com", "nobody@x.com");

        Assert.True(read.Entitled(guest));
        Assert.Equal("nobody@x.com", Assert.Single(read.Items.OfType<SourceFault>()).Position);
        Assert.Equal(2, read.End.TotalRead);
    }

    [Fact]
    public async Task Forty_users_take_four_batches_with_groups()
    {
        await using var fixture = new EntraFixture(nested: true);
        StandInUser[] users = [.. Enumerable.Range(0, 40).Select(i => fixture.Tenant.AddUser($"u{i}@contoso.com"))];
        StandInGroup outer = fixture.Tenant.AddGroup("Outer"),
            inner = fixture.Tenant.AddGroup("Inner");
        fixture.Tenant.AddMember(outer, inner);
        fixture.Tenant.AddMember(inner, users);
        fixture.Tenant.Assign(fixture.Application, outer);

        Read read = await fixture.FindAsync([.. users.Select(user => user.Id)]);

        Assert.Equal(users.Select(user => user.Id), read.Entries.Select(entry => entry.Object.Anchor));
        Assert.All(users, user => Assert.True(read.Entitled(user)));
        Assert.Equal(4, fixture.Graph.Requests.Count(request => request == "POST $batch"));
    }

    [Fact]
    public async Task Applications_are_found_by_name_or_either_id_and_names_that_begin_alike_are_suggested()
    {
        await using var fixture = new EntraFixture();
        fixture.Tenant.AddApplication("O'Perk");
        var applications = new EntraApplications(fixture.Entra);
        var expected = new EntraApplication(fixture.Application.Id, fixture.Application.AppId, "TravelPerk");

        Assert.Equal([expected], await applications.FindAsync("travelperk", default));
        Assert.Equal([expected], await applications.FindAsync(fixture.Application.Id, default));
        Assert.Equal([expected], await applications.FindAsync(fixture.Application.AppId, default));
        Assert.Equal("O'Perk", Assert.Single(await applications.FindAsync("O'Perk", default)).DisplayName);
        SourceException failure = await Assert.ThrowsAsync<SourceException>(() => applications.FindAsync("Travel", default));
        Assert.Equal("EntraApplicationNotFound", failure.ErrorId);
        Assert.Contains("'TravelPerk'", failure.Message, StringComparison.Ordinal);
    }
}

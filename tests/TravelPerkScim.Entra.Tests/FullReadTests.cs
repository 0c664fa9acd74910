using TravelPerkScim.Entra.Reading;
using TravelPerkScim.GraphStandIn;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Tests;

public sealed class FullReadTests
{
    [Fact]
    public async Task Values_come_under_the_names_of_the_mapping()
    {
        await using var fixture = new EntraFixture();
        fixture.Tenant.Extensions.Add("extension_1_badge");
        StandInUser boss = fixture.Tenant.AddUser("boss@contoso.com");
        StandInUser ana = fixture.Tenant.AddUser(
            "ana@contoso.com",
            ("department", "Sales"),
            ("businessPhones", new[] { "+34 1", "+34 2" }),
            ("proxyAddresses", new[] { "smtp:a", "smtp:b" }),
            ("onPremisesExtensionAttributes", new Dictionary<string, object?> { ["extensionAttribute1"] = "x1" }),
            ("employeeOrgData", new Dictionary<string, object?> { ["costCenter"] = "CC7" }),
            ("extension_1_badge", 42),
            ("accountEnabled", false),
            ("createdDateTime", "2020-01-02T03:04:05Z")
        );
        fixture.Tenant.SetManager(ana, boss);
        fixture.Tenant.Assign(fixture.Application, ana, "Approver");
        fixture.Tenant.Assign(fixture.Application, ana, "Traveller");
        var layout = new SourceLayout([
            "objectId",
            "userPrincipalName",
            "ACCOUNTENABLED",
            "department",
            "telephoneNumber",
            "businessPhones",
            "proxyAddresses",
            "extensionAttribute1",
            "employeeOrgData.costCenter",
            "extension_1_badge",
            "createdDateTime",
            "manager",
            "appRoleAssignments",
            "IsSoftDeleted",
            "originalUserPrincipalName",
            "city",
        ]);

        Read read = await fixture.ReadAsync(layout: layout);

        SourceObject user = read.Entry(ana).Object;
        Assert.Equal(
            [
                ana.Id,
                "ana@contoso.com",
                false,
                "Sales",
                "+34 1",
                "x1",
                "CC7",
                42L,
                "2020-01-02T03:04:05Z",
                new SourceReference(boss.Id),
                null,
            ],
            new[]
            {
                "objectId",
                "userPrincipalName",
                "accountEnabled",
                "department",
                "telephoneNumber",
                "extensionAttribute1",
                "employeeOrgData.costCenter",
                "extension_1_badge",
                "createdDateTime",
                "manager",
                "city",
            }.Select(name => user[name])
        );
        Assert.Equal(["+34 1", "+34 2"], Assert.IsType<object?[]>(user["businessPhones"]));
        Assert.Equal(["smtp:a", "smtp:b"], Assert.IsType<object?[]>(user["proxyAddresses"]));
        Assert.Equal(["Approver", "Traveller"], Assert.IsType<object?[]>(user["appRoleAssignments"]));
        Assert.Equal((true, true, 2L), (read.End.FullRead, read.End.ConfirmAbsence, read.End.TotalRead));
    }

    [Fact]
    public async Task Exactly_the_properties_that_the_mapping_reads_are_selected()
    {
        await using var fixture = new EntraFixture();
        string? select = null;
        fixture.Graph.Behavior.Intercept = request =>
        {
            select = request.Path.StartsWith("users/delta", StringComparison.Ordinal) ? request.Option("$select") : select;
            return null;
        };

        await fixture.ReadAsync();

        Assert.Equal(
            "id,accountEnabled,userPrincipalName,displayName,department,businessPhones,onPremisesExtensionAttributes,manager",
            select
        );
    }

    [Fact]
    public async Task Assigned_directly_or_by_a_group_is_entitled()
    {
        await using var fixture = new EntraFixture(readGroups: true);
        StandInUser direct = fixture.Tenant.AddUser("direct@contoso.com"),
            member = fixture.Tenant.AddUser("member@contoso.com"),
            nested = fixture.Tenant.AddUser("nested@contoso.com"),
            other = fixture.Tenant.AddUser("other@contoso.com");
        StandInGroup outer = fixture.Tenant.AddGroup("Outer"),
            inner = fixture.Tenant.AddGroup("Inner");
        fixture.Tenant.AddMember(outer, member, inner);
        fixture.Tenant.AddMember(inner, nested, outer);
        fixture.Tenant.Assign(fixture.Application, direct);
        fixture.Tenant.Assign(fixture.Application, outer, "Approver");

        Read plain = await fixture.ReadAsync();
        fixture.Settings = fixture.Settings with { IncludeNestedGroups = true };
        Read deep = await fixture.ReadAsync();

        Assert.Equal([true, true, false, false], new[] { direct, member, nested, other }.Select(plain.Entitled));
        Assert.Equal([true, true, true, false], new[] { direct, member, nested, other }.Select(deep.Entitled));
        Assert.Equal("is not assigned to the enterprise application 'TravelPerk', directly or by a group", plain.Entry(other).NotEntitled);
        Assert.Null(plain.Entry(direct).Object["appRoleAssignments"]);
        Assert.Equal(["Approver"], Assert.IsType<object?[]>(deep.Entry(nested).Object["appRoleAssignments"]));
        SourceGroup group = Assert.Single(plain.Items.OfType<SourceGroup>());
        Assert.Equal((outer.Id, "Outer"), (group.Anchor, group.DisplayName));
        Assert.Equal([member.Id], group.Members);
        Assert.True(plain.End.Groups);
    }

    [Fact]
    public async Task Everyone_is_entitled_where_the_scope_is_all_and_no_application_is_needed()
    {
        await using var fixture = new EntraFixture(EntitlementScope.All);
        fixture.Settings = fixture.Settings with { ApplicationId = null };
        StandInUser user = fixture.Tenant.AddUser("a@contoso.com");

        Read read = await fixture.ReadAsync();

        Assert.True(read.Entitled(user));
        Assert.Equal(["GET users/delta()"], fixture.Graph.Requests);
        Assert.Throws<ArgumentException>(() =>
            new EntraSource(fixture.Entra, new EntraSourceSettings(null, EntitlementScope.Assigned, false, false))
        );
    }

    [Fact]
    public async Task Large_groups_come_in_pieces_and_pages_may_be_empty_or_repeat_users()
    {
        await using var fixture = new EntraFixture();
        fixture.Graph.Behavior.PageCap = 7;
        fixture.Graph.Behavior.MembersAtOnce = 3;
        fixture.Graph.Behavior.EmptyPageEvery = 2;
        fixture.Graph.Behavior.Repeats = 0.5;
        fixture.Graph.Behavior.Shuffle = new Random(5);
        StandInUser[] users = [.. Enumerable.Range(0, 40).Select(i => fixture.Tenant.AddUser($"u{i}@contoso.com"))];
        StandInGroup group = fixture.Tenant.AddGroup("Big");
        fixture.Tenant.AddMember(group, users.Take(25));
        fixture.Tenant.Assign(fixture.Application, group);

        Read read = await fixture.ReadAsync();

        Assert.Equal(users.Select((_, i) => i < 25), users.Select(read.Entitled));
        Assert.True(read.End.TotalRead > 40);
    }

    [Fact]
    public async Task Users_come_out_while_pages_come_in()
    {
        await using var fixture = new EntraFixture(EntitlementScope.All);
        fixture.Settings = fixture.Settings with { ApplicationId = null };
        fixture.Graph.Behavior.PageCap = 10;
        for (int i = 0; i < 100; i++)
            fixture.Tenant.AddUser($"u{i}@contoso.com");

        var pages = new List<int>();
        await foreach (SourceItem item in fixture.Source.ReadAsync(EntraFixture.Layout, null, default))
            pages.Add(fixture.Graph.Requests.Count);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => (i / 10) + 1).Append(10), pages);
    }

    [Theory]
    [InlineData("birthday", "EntraAttributeUnreadable")]
    [InlineData("departmnt", "EntraAttributeUnknown")]
    [InlineData("extension_1_gone", "EntraAttributeUnknown")]
    [InlineData("a,b", "EntraAttributeUnknown")]
    public async Task An_attribute_that_cannot_be_read_is_named(string name, string errorId)
    {
        await using var fixture = new EntraFixture();

        SourceException failure = await fixture.FailAsync(layout: new SourceLayout(["userPrincipalName", name]));

        Assert.Equal(errorId, failure.ErrorId);
        Assert.Contains($"'{name}'", failure.Message, StringComparison.Ordinal);
    }
}

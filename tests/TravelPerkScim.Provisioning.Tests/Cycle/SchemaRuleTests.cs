using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>What a mapping's types, definitions and settings mean for a cycle, seen from TravelPerk's side of a real socket.</summary>
public sealed class SchemaRuleTests
{
    private const string First = "user1@example.com";
    private const string TravelPolicy = "urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:travelPolicy";
    private const string WorkPhone = "phoneNumbers[type eq \"work\"].value";

    [Fact]
    public async Task A_mapping_of_type_none_leaves_the_target_alone_and_its_default_fills_an_empty_attribute_only()
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Set(new AttributeMapping(TravelPolicy) { DefaultValue = "Standard" });
        mapping.UserMapping.Set(new AttributeMapping("locale"));
        await using var fixture = new CycleFixture(mapping: mapping);
        fixture.Add(1);
        await fixture.RunAsync();
        Assert.Equal(("Standard", null), (PolicyOf(fixture), (string?)fixture.Target[First]["locale"]));

        await fixture.PatchAsync(First, TravelPolicy, "Executives");
        await fixture.PatchAsync(First, "locale", "de");
        Assert.Empty(await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Reconcile = true }));
        Assert.Equal(("Executives", "de"), (PolicyOf(fixture), (string?)fixture.Target[First]["locale"]));

        string id = (string)fixture.Target[First]["id"]!;
        await fixture.Client.PatchUserAsync(
            id,
            [new PatchOperation(PatchOperationKind.Remove, AttributePath.Parse(TravelPolicy), null)],
            default
        );
        Assert.Single(await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Reconcile = true }));
        Assert.Equal("Standard", PolicyOf(fixture));
    }

    [Theory]
    [InlineData("Not([IsSoftDeleted])")]
    [InlineData("Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")")]
    public async Task Every_mapping_that_reads_IsSoftDeleted_sees_that_the_user_left(string active)
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        Map(mapping, "active", active);
        Map(mapping, "title", "Switch([IsSoftDeleted], [jobTitle], \"True\", \"Left the company\")");
        await using var fixture = new CycleFixture(mapping: mapping);
        JsonObject person = fixture.Add(1);
        await fixture.RunAsync();
        Assert.Equal("Title 1", (string?)fixture.Target[First]["title"]);

        person["accountEnabled"] = false;
        person["businessPhones"] = new JsonArray("call me");
        fixture.AssertOutcomes(
            """
            Success Disable user1@example.com (source 1, target user1@example.com)
                The source account is disabled.
                active: True -> False
                title: Title 1 -> Left the company
            """,
            await fixture.RunAsync()
        );

        Assert.Equal((false, "Left the company"), State(fixture));
        Assert.Equal(1, fixture.Requests("PATCH"));
        Assert.Empty(await fixture.RunAsync());

        person["accountEnabled"] = true;
        person["businessPhones"] = new JsonArray("+34 930000001");
        Assert.Equal(ProvisioningAction.Enable, Assert.Single(await fixture.RunAsync()).Action);
        Assert.Equal((true, "Title 1"), State(fixture));
    }

    [Theory]
    [InlineData(WorkPhone, "Switch([IsSoftDeleted], [telephoneNumber], \"True\", \"none\")", 1)]
    [InlineData("title", "Switch([IsSoftDeleted], [jobTitle], \"True\", FormatDateTime([jobTitle], , \"yyyy-MM-dd\", \"yyyy\"))", 1)]
    [InlineData("userName", "Switch([IsSoftDeleted], [userPrincipalName], \"True\", \"user2@example.com\")", 2)]
    public async Task A_value_that_cannot_be_computed_or_is_refused_keeps_no_access_open(string target, string expression, int patches)
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        int precedence = mapping.UserMapping.Find(target)!.MatchingPriority;
        Map(mapping, target, expression);
        mapping.UserMapping.Find(target)!.MatchingPriority = precedence;
        await using var fixture = new CycleFixture(mapping: mapping);
        JsonObject person = fixture.Add(1);
        fixture.Add(2);
        await fixture.RunAsync();

        person["accountEnabled"] = false;
        ProvisioningOutcome disable = Assert.Single(await fixture.RunAsync());

        Assert.Equal(
            (ProvisioningAction.Disable, OutcomeStatus.Success, "active"),
            (disable.Action, disable.Status, Assert.Single(disable.ModifiedProperties).Attribute)
        );
        Assert.Equal((false, "Title 1"), State(fixture));
        Assert.Equal(patches, fixture.Requests("PATCH"));
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_leaver_loses_access_also_where_TravelPerk_refuses_another_value_as_not_valid()
    {
        const string CostCenter = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter";
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        Map(mapping, CostCenter, "Switch([IsSoftDeleted], \"Sales\", \"True\", \"Leavers\")");
        await using var fixture = new CycleFixture(new SandboxOptions { CostCenters = ["Sales"] }, mapping: mapping);
        JsonObject person = fixture.Add(1);
        await fixture.RunAsync();

        person["accountEnabled"] = false;
        fixture.AssertOutcomes(
            """
            Success Disable user1@example.com (source 1, target user1@example.com)
                The source account is disabled. TravelPerk refused the other attributes, so that only 'active' was written: PATCH
                  /Users/1: the service refused the request as not valid (400). The service said: Value Leavers is not valid for
                  attribute 'costCenter'. The object with that name does not exist
                active: True -> False
            """,
            await fixture.RunAsync()
        );

        Assert.False((bool)fixture.Target[First]["active"]!);
        // The client asks in both forms of a PATCH before it believes a 400. The third request is the disable alone.
        Assert.Equal(3, fixture.Requests("PATCH"));
        Assert.Empty(await fixture.RunAsync());
    }

    [Theory]
    [InlineData(true, "BERG")]
    [InlineData(false, "Berg")]
    public async Task A_change_of_case_alone_is_written_where_the_schema_says_exact_case(bool caseExact, string expected)
    {
        await using var fixture = new CycleFixture(mapping: With("name.familyName", "caseExact", caseExact));
        JsonObject person = fixture.Add(1);
        person["surname"] = "Berg";
        await fixture.RunAsync();

        person["surname"] = "BERG";
        await fixture.RunAsync();

        Assert.Equal(expected, (string?)fixture.Target[First]["name"]!["familyName"]);
        Assert.Empty(await fixture.RunAsync());
    }

    [Theory]
    [InlineData(true, 2, 0)]
    [InlineData(false, 1, 1)]
    public async Task Users_that_differ_in_case_only_are_two_where_the_matching_attribute_is_of_exact_case(
        bool caseExact,
        int users,
        int failures
    )
    {
        SynchronizationSchema mapping = With("externalId", "caseExact", caseExact);
        Map(mapping, "externalId", "[employeeId]");
        mapping.UserMapping.Find("externalId")!.MatchingPriority = 1;
        mapping.UserMapping.Find("userName")!.MatchingPriority = 0;
        await using var fixture = new CycleFixture(mapping: mapping);
        fixture.Add(1)["employeeId"] = "E-1";
        await fixture.RunAsync();
        fixture.Add(2)["employeeId"] = "e-1";

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Reconcile = true });

        Assert.Equal((users, failures), (fixture.Target.Count, outcomes.Count(outcome => outcome.Status == OutcomeStatus.Failure)));
        Assert.Equal("E-1", (string?)fixture.Target[First]["externalId"]);
    }

    [Fact]
    public async Task A_value_outside_its_form_drops_just_that_attribute_where_the_mapping_says_so()
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.UserMapping.Find(WorkPhone)!.OnInvalid = InvalidValueAction.Drop;
        mapping = SynchronizationSchema.Parse(mapping.ToJson());
        await using var fixture = new CycleFixture(mapping: mapping);
        JsonObject person = fixture.Add(1);
        fixture.Add(2)["businessPhones"] = new JsonArray("ask the desk");
        fixture.Add(3)["businessPhones"] = new JsonArray("ext. 17");
        person["preferredLanguage"] = "en";
        ProvisioningPlan plan = await fixture.PlanAsync();

        fixture.AssertPlan(
            """
            Create user1@example.com (source 1, target -)
                No TravelPerk user has the matching attributes.
                userName: user1@example.com; externalId: 00000000-0000-4000-8000-000000000001; active: True; name.givenName: Given1;
                  name.familyName: Family1; preferredLanguage: en; locale: en; phoneNumbers[type eq "work"].value: +34 930000001;
                  title: Title 1
            Create user2@example.com (source 2, target -)
                No TravelPerk user has the matching attributes.
                userName: user2@example.com; externalId: 00000000-0000-4000-8000-000000000002; active: True; name.givenName: Given2;
                  name.familyName: Family2; title: Title 2
            Create user3@example.com (source 3, target -)
                No TravelPerk user has the matching attributes.
                userName: user3@example.com; externalId: 00000000-0000-4000-8000-000000000003; active: True; name.givenName: Given3;
                  name.familyName: Family3; title: Title 3
            Warnings:
                'phoneNumbers[type eq "work"].value' was left out for 2 users, as the mapping says: it must be a phone number with +
                  and country code, such as +34 912345678, without letters or extension; correct it at the source.
            """,
            plan
        );
        Assert.All(await fixture.ApplyAsync(plan), outcome => Assert.Equal(OutcomeStatus.Success, outcome.Status));
        Assert.Equal((3, null), (fixture.Target.Count, fixture.Target["user2@example.com"]["phoneNumbers"]));

        // The number that TravelPerk has stays when the source's becomes unusable, and the rest of the user goes on.
        person["businessPhones"] = new JsonArray("call me");
        person["jobTitle"] = "Buyer";
        Assert.Equal(["title"], Assert.Single(await fixture.RunAsync()).ModifiedProperties.Select(change => change.Attribute));
        Assert.Equal("+34 930000001", (string?)fixture.Target[First]["phoneNumbers"]![0]!["value"]);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task A_value_outside_its_form_is_an_error_of_the_user_by_default()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1)["businessPhones"] = new JsonArray("call me");
        Assert.Equal("InvalidValue", Assert.Single(await fixture.RunAsync()).ErrorCode);
        Assert.Empty(fixture.Target);
    }

    [Theory]
    [InlineData("preferredLanguage", "[preferredLanguage]", true)]
    [InlineData("preferredLanguage", "Switch([country], \"en\", \"DE\", \"de\")", false)]
    [InlineData("preferredLanguage", "Switch([country], \"en\", \"IT\", \"it\")", true)]
    [InlineData("urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:gender", "IIF([country] = \"ES\", \"M\", \"F\")", false)]
    [InlineData(
        "urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:dateOfBirth",
        "FormatDateTime([extensionAttribute11], , \"dd.MM.yyyy\", \"yyyy-MM-dd\")",
        false
    )]
    [InlineData("urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:dateOfBirth", "[extensionAttribute11]", true)]
    [InlineData(WorkPhone, "[mobile]", true)]
    [InlineData("title", "[jobTitle]", false)]
    public void The_check_says_beforehand_which_mappings_can_meet_such_a_value(string target, string expression, bool told)
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        Map(mapping, target, expression);

        Assert.Equal(told, Told());
        mapping.UserMapping.Find(target)!.OnInvalid = InvalidValueAction.Drop;
        Assert.False(Told());

        bool Told() =>
            MappingTest.Run(mapping).Any(finding => finding.FindingId == "ValueMayBeRefused" && finding.TargetAttribute == target);
    }

    [Fact]
    public async Task Turning_flowNullValues_on_clears_what_was_cleared_before()
    {
        await using var fixture = new CycleFixture();
        JsonObject person = fixture.Add(1);
        fixture.Add(2);
        await fixture.RunAsync();
        person.Remove("jobTitle");
        await fixture.RunAsync();
        Assert.Equal("Title 1", (string?)fixture.Target[First]["title"]);

        fixture.Job.SaveMapping(With("title", "flowNullValues", true));
        ProvisioningOutcome cleared = Assert.Single(await fixture.RunAsync());

        Assert.Equal(new AttributeChange("title", "Title 1", null), Assert.Single(cleared.ModifiedProperties));
        Assert.Null(fixture.Target[First]["title"]);
        Assert.Empty(await fixture.RunAsync());
    }

    [Fact]
    public async Task An_initial_cycle_that_is_asked_for_compares_every_linked_user_with_the_target()
    {
        await using var fixture = new CycleFixture();
        fixture.Add(1);
        JsonObject leaver = fixture.Add(2);
        await fixture.RunAsync();
        leaver["accountEnabled"] = false;
        await fixture.RunAsync();
        await fixture.PatchAsync(First, "title", "Edited by hand");
        await fixture.PatchAsync("user2@example.com", "active", true);
        Assert.Empty(await fixture.RunAsync());

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Initial = true });

        Assert.Equal([ProvisioningAction.Update, ProvisioningAction.Disable], outcomes.Select(outcome => outcome.Action).Order());
        Assert.Equal("Title 1", (string?)fixture.Target[First]["title"]);
        Assert.False((bool)fixture.Target["user2@example.com"]["active"]!);
        Assert.Equal(CycleKind.Initial, fixture.LastCycle.Kind);
        Assert.Empty(await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Initial = true }));
    }

    private static string? PolicyOf(CycleFixture fixture) =>
        (string?)fixture.Target[First][TravelPerkSchema.TravelPerkUser]?["travelPolicy"];

    private static (bool Active, string? Title) State(CycleFixture fixture) =>
        ((bool)fixture.Target[First]["active"]!, (string?)fixture.Target[First]["title"]);

    private static void Map(SynchronizationSchema mapping, string target, string expression) =>
        mapping.UserMapping.Set(new AttributeMapping(target) { Source = AttributeMappingSource.FromExpression(expression) });

    /// <summary>The default mapping with one member of a target attribute's definition changed.</summary>
    private static SynchronizationSchema With(string attribute, string member, bool value)
    {
        JsonNode schema = JsonNode.Parse(SynchronizationSchema.Default.ToJson())!;
        JsonArray attributes = schema["directories"]!.AsArray().Single(directory => (string?)directory!["name"] == "TravelPerk")![
            "objects"
        ]![0]!["attributes"]!.AsArray();
        attributes.Single(defined => (string?)defined!["name"] == attribute)![member] = value;
        return SynchronizationSchema.Parse(schema.ToJsonString());
    }
}

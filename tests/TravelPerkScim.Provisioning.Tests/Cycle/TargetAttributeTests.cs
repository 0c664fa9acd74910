using System.Text.Json.Nodes;
using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>Attributes that TravelPerk does not publish, and that the mapping's schema or the service defines: over a real socket, into a
/// sandbox that has them.</summary>
public sealed class TargetAttributeTests
{
    private const string Expense = "urn:ietf:params:scim:schemas:extension:expense:2.0:User";

    private static readonly JsonObject s_core = JsonNode
        .Parse(
            """
            {"id":"urn:ietf:params:scim:schemas:core:2.0:User","attributes":[
              {"name":"displayName","type":"string","caseExact":true},
              {"name":"emails","type":"complex","multiValued":true,"subAttributes":[
                {"name":"value","type":"string"},{"name":"type","type":"string"},{"name":"primary","type":"boolean"}]},
              {"name":"addresses","type":"complex","multiValued":true,"subAttributes":[
                {"name":"country","type":"string"},{"name":"locality","type":"string"},{"name":"type","type":"string"}]},
              {"name":"roles","type":"complex","multiValued":true,"subAttributes":[
                {"name":"value","type":"string"},{"name":"display","type":"string"},{"name":"type","type":"string"},{"name":"primary","type":"boolean"}]}]}
            """
        )!
        .AsObject();

    private static readonly JsonObject s_more = JsonNode
        .Parse(
            """
            {"id":"urn:ietf:params:scim:schemas:extension:expense:2.0:User","attributes":[
              {"name":"seats","type":"integer"},
              {"name":"validFrom","type":"dateTime"},
              {"name":"tags","type":"string","multiValued":true,"caseExact":true},
              {"name":"approver","type":"complex","subAttributes":[{"name":"value","type":"string"},{"name":"$ref","type":"reference"}]}]}
            """
        )!
        .AsObject();

    private static SandboxOptions Service => new() { Schemas = [s_core, SandboxOptions.ExpenseSchema, s_more] };

    [Fact]
    public async Task Every_form_of_a_path_is_created_in_one_post_and_comes_to_rest()
    {
        await using var fixture = new CycleFixture(Service, mapping: Mapping());
        Person(fixture, 2);
        Person(fixture, 1)["manager"] = new JsonObject { ["id"] = CycleFixture.Id(2) };

        List<ProvisioningOutcome> outcomes = await fixture.RunAsync();

        Assert.All(outcomes, outcome => Assert.Equal(OutcomeStatus.Success, outcome.Status));
        Assert.Equal((2, 0), (fixture.Requests("POST"), fixture.Requests("PATCH")));
        JsonObject user = fixture.Target["user1@example.com"];
        Assert.Contains(Expense, user["schemas"]!.AsArray().Select(urn => (string?)urn));
        Equal("\"Given1 Family1\"", user["displayName"]);
        Equal("""[{"value":"user1@mail.example.com","type":"work"}]""", user["emails"]);
        Equal("""[{"country":"ES","type":"work"}]""", user["addresses"]);
        Equal("""[{"value":"Approver","primary":true}]""", user["roles"]);
        string approver = (string)fixture.Target["user2@example.com"]["id"]!;
        Equal(
            $$"""
            {"policyId":"P-1","approvalThreshold":250.5,"ignoreManagerInRequests":true,"seats":3,"validFrom":"2026-01-05T08:00:00Z",
             "tags":["a","b"],"approver":{"value":"{{approver}}"} }
            """,
            user[Expense]
        );

        Assert.Empty(await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Reconcile = true }));
        Assert.Equal((2, 0), (fixture.Requests("POST"), fixture.Requests("PATCH")));
    }

    [Fact]
    public async Task A_change_is_planned_and_patched_at_its_path_and_nothing_else_is()
    {
        await using var fixture = new CycleFixture(Service, mapping: Mapping());
        JsonObject person = Person(fixture, 1);
        await fixture.RunAsync();
        person["displayName"] = "Given One";
        person["mail"] = "one@mail.example.com";
        person["country"] = "FR";
        person["extension_policy"] = "P-2";
        person["extension_threshold"] = "300.00";
        person["extension_seats"] = "4";
        person["extension_ignore"] = "False";
        person["extension_tags"] = "b;c";
        person["extension_role"] = "Traveller";

        ProvisioningPlan plan = await fixture.PlanAsync();
        fixture.AssertPlan(
            """
            Update user1@example.com (source 1, target user1@example.com)
                The source user changed.
                displayName: Given1 Family1 -> Given One
                emails[type eq "work"].value: user1@mail.example.com -> one@mail.example.com
                addresses[type eq "work"].country: ES -> FR
                roles[primary eq "True"].value: Approver -> Traveller
                urn:ietf:params:scim:schemas:extension:expense:2.0:User:policyId: P-1 -> P-2
                urn:ietf:params:scim:schemas:extension:expense:2.0:User:approvalThreshold: 250.5 -> 300.00
                urn:ietf:params:scim:schemas:extension:expense:2.0:User:ignoreManagerInRequests: True -> False
                urn:ietf:params:scim:schemas:extension:expense:2.0:User:seats: 3 -> 4
                urn:ietf:params:scim:schemas:extension:expense:2.0:User:tags: a; b -> b; c
            """,
            plan
        );
        ProvisioningOperation update = plan.Operations[0];
        Assert.Contains("\"path\":\"emails[type eq \\\"work\\\"].value\"", update.Request!.Body, StringComparison.Ordinal);
        Assert.Contains(
            $"{{\"op\":\"replace\",\"path\":\"{Expense}:approvalThreshold\",\"value\":300.00}}",
            update.Request.Body,
            StringComparison.Ordinal
        );
        Assert.Contains(
            $"{{\"op\":\"replace\",\"path\":\"{Expense}:ignoreManagerInRequests\",\"value\":false}}",
            update.Request.Body,
            StringComparison.Ordinal
        );

        Assert.Equal(OutcomeStatus.Success, Assert.Single(await fixture.ApplyAsync(plan)).Status);
        JsonObject user = fixture.Target["user1@example.com"];
        Equal("""[{"value":"one@mail.example.com","type":"work"}]""", user["emails"]);
        Equal("""[{"country":"FR","type":"work"}]""", user["addresses"]);
        Equal("""[{"value":"Traveller","primary":true}]""", user["roles"]);
        Equal("""["b","c"]""", user[Expense]!["tags"]);
        Assert.Empty(await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Reconcile = true }));
        Assert.Equal((1, 1), (fixture.Requests("POST"), fixture.Requests("PATCH")));
    }

    [Fact]
    public async Task The_first_value_of_an_element_is_added_and_not_replaced()
    {
        await using var fixture = new CycleFixture(Service, mapping: Mapping());
        JsonObject person = Person(fixture, 1);
        foreach (string attribute in new[] { "mail", "country", "extension_role", "extension_policy" })
            person.Remove(attribute);
        await fixture.RunAsync();
        Assert.Null(fixture.Target["user1@example.com"]["emails"]);
        person["mail"] = "user1@mail.example.com";
        person["country"] = "ES";
        person["extension_role"] = "Approver";
        person["extension_policy"] = "P-1";

        Assert.Equal(OutcomeStatus.Success, Assert.Single(await fixture.RunAsync()).Status);

        JsonObject user = fixture.Target["user1@example.com"];
        Equal("""[{"value":"user1@mail.example.com","type":"work"}]""", user["emails"]);
        Equal("""[{"country":"ES","type":"work"}]""", user["addresses"]);
        Equal("""[{"value":"Approver","primary":true}]""", user["roles"]);
        Equal("\"P-1\"", user[Expense]!["policyId"]);
        Assert.Empty(await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Reconcile = true }));
    }

    [Fact]
    public async Task Roles_as_complex_values_are_sent_as_objects_and_come_to_rest()
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.DefineTarget(
            new AttributeDefinition("roles", TargetAttributeType.String, multivalued: true, caseExact: false, required: false)
        );
        Map(mapping, "roles", "AppRoleAssignmentsComplex([appRoleAssignments])");
        await using var fixture = new CycleFixture(Service, mapping: mapping);
        fixture.Add(1)["appRoleAssignments"] = new JsonArray("Traveller", "Approver");

        await fixture.RunAsync();

        JsonArray roles = fixture.Target["user1@example.com"]["roles"]!.AsArray();
        Assert.Equal(["Traveller", "Approver"], roles.Select(role => (string?)role!["value"]));
        Assert.Empty(await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Reconcile = true }));
    }

    [Fact]
    public async Task A_value_of_another_type_is_refused_before_it_is_sent()
    {
        await using var fixture = new CycleFixture(Service, mapping: Mapping());
        Person(fixture, 1)["extension_threshold"] = "a lot";

        ProvisioningOutcome outcome = Assert.Single(await fixture.RunAsync());

        Assert.Equal((OutcomeStatus.Failure, "InvalidValue"), (outcome.Status, outcome.ErrorCode));
        Assert.Contains($"'{Expense}:approvalThreshold': must be a number such as 12.5.", outcome.Reason, StringComparison.Ordinal);
        Assert.Equal(0, fixture.Writes);
    }

    [Theory]
    [InlineData("addresses.country", "addresses[type eq \"work\"].country")]
    [InlineData("emails[type ne \"home\"].value", "conditions with eq")]
    [InlineData("emails[type eq ].value", "not a SCIM attribute path")]
    public void A_path_that_names_no_place_is_refused(string target, string advice)
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        mapping.DefineTarget(
            new AttributeDefinition(target, TargetAttributeType.String, multivalued: false, caseExact: false, required: false)
        );
        Map(mapping, target, "[mail]");

        MappingException e = Assert.Throws<MappingException>(() => MappingPreview.Compile(mapping));

        Assert.Equal("TargetAttributeInvalid", e.ErrorId);
        Assert.Contains(advice, e.Message, StringComparison.Ordinal);
        Assert.Contains(MappingTest.Run(mapping), finding => finding.FindingId == "TargetAttributeInvalid");
    }

    /// <summary>The default mapping with attributes of every form, defined as an export from Entra would define them, and completed from
    /// the service.</summary>
    private static SynchronizationSchema Mapping()
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        Define("displayName", TargetAttributeType.String);
        Define("emails[type eq \"work\"].value", TargetAttributeType.String);
        Define("addresses[type eq \"work\"].country", TargetAttributeType.String);
        Define("roles[primary eq \"True\"].value", TargetAttributeType.String);
        Define(Expense + ":policyId", TargetAttributeType.String);
        Map(mapping, "displayName", "[displayName]");
        Map(mapping, "emails[type eq \"work\"].value", "[mail]");
        Map(mapping, "addresses[type eq \"work\"].country", "[country]");
        Map(mapping, "roles[primary eq \"True\"].value", "[extension_role]");
        Map(mapping, Expense + ":policyId", "[extension_policy]");
        Map(mapping, Expense + ":approvalThreshold", "[extension_threshold]");
        Map(mapping, Expense + ":ignoreManagerInRequests", "[extension_ignore]");
        Map(mapping, Expense + ":seats", "[extension_seats]");
        Map(mapping, Expense + ":validFrom", "[extension_from]");
        Map(mapping, Expense + ":tags", "Split([extension_tags], \";\")");
        Map(mapping, Expense + ":approver", "[manager]");
        Assert.True(ServiceAttributes.Define(mapping, SchemaReader.Read([s_core, SandboxOptions.ExpenseSchema, s_more])));
        return mapping;

        void Define(string name, TargetAttributeType type) =>
            mapping.DefineTarget(new AttributeDefinition(name, type, multivalued: false, caseExact: false, required: false));
    }

    private static void Map(SynchronizationSchema mapping, string target, string expression) =>
        mapping.UserMapping.Set(new AttributeMapping(target) { Source = AttributeMappingSource.FromExpression(expression) });

    private static JsonObject Person(CycleFixture fixture, int number)
    {
        JsonObject person = fixture.Add(number);
        person["mail"] = $"user{number}@mail.example.com";
        person["country"] = "ES";
        person["extension_role"] = "Approver";
        person["extension_policy"] = $"P-{number}";
        person["extension_threshold"] = "250.50";
        person["extension_ignore"] = "True";
        person["extension_seats"] = "3";
        person["extension_from"] = "2026-01-05T10:00:00+02:00";
        person["extension_tags"] = "a;b";
        return person;
    }

    private static void Equal(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"{actual?.ToJsonString()} is not {expected}");
}

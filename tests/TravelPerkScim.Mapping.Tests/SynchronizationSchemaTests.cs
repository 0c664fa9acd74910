using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Schema;

namespace TravelPerkScim.Mapping.Tests;

public sealed class SynchronizationSchemaTests
{
    private const string Downloaded = """
        {
          "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#schema",
          "id": "travelperk.0f0f.11", "version": "v1.17", "futureMember": { "deep": [1, 2.50, null, "ä\u0022"] },
          "synchronizationRules": [{
            "containerFilter": null, "editable": true, "groupFilter": { "includedGroups": [] }, "id": "r1", "name": "USER_OUTBOUND_USER", "priority": 1,
            "sourceDirectoryName": "Azure Active Directory", "targetDirectoryName": "travelperk",
            "metadata": [{ "key": "DefaultSourceObjectMappingName", "value": "x" }],
            "objectMappings": [{
              "name": "Provision users", "enabled": true, "flowTypes": "Add, Update", "sourceObjectName": "User", "targetObjectName": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
              "metadata": [{ "key": "EscrowBehavior", "value": "Default" }], "scope": null,
              "attributeMappings": [
                { "defaultValue": null, "exportMissingReferences": false, "flowBehavior": "FlowSometimesInTheFuture", "flowType": "Always", "matchingPriority": 1, "targetAttributeName": "userName",
                  "source": { "expression": "[userPrincipalName]", "name": "userPrincipalName", "parameters": [], "type": "Attribute", "newer": true } },
                { "targetAttributeName": "title", "defaultValue": "none", "flowType": "objectaddonly",
                  "source": { "expression": null, "name": "Replace", "type": "Function", "parameters": [
                    { "key": "source", "value": { "expression": "[jobTitle]", "name": "jobTitle", "parameters": [], "type": "Attribute" } },
                    { "key": "Find", "value": { "expression": "\"-\"", "name": "-", "parameters": [], "type": "Constant" } },
                    { "key": "Replacement", "value": { "expression": "\"_\"", "name": "_", "parameters": [], "type": "Constant" } } ] } }
              ]
            }]
          }],
          "directories": [
            { "name": "Azure Active Directory", "objects": [{ "name": "User", "attributes": [{ "name": "userPrincipalName", "type": "string" }, { "name": "jobTitle", "type": "String" }] }] },
            { "name": "travelperk", "objects": [{ "name": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "attributes": [{ "name": "userName", "type": "String" }, { "name": "title", "type": "Hologram" }] }] }
          ]
        }
        """;

    [Fact]
    public void A_downloaded_schema_survives_a_round_trip_whole() =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Downloaded), JsonNode.Parse(SynchronizationSchema.Parse(Downloaded).ToJson())));

    [Fact]
    public void An_edit_changes_nothing_else()
    {
        var schema = SynchronizationSchema.Parse(Downloaded);
        schema.UserMapping.Find("TITLE")!.Source = AttributeMappingSource.FromExpression("ToUpper([jobTitle])");
        JsonNode expected = JsonNode.Parse(Downloaded)!;
        expected["synchronizationRules"]![0]!["objectMappings"]![0]!["attributeMappings"]![1]!["source"] = JsonNode.Parse(
            """
            { "expression": "ToUpper([jobTitle])", "name": "ToUpper", "type": "Function",
              "parameters": [{ "key": "source", "value": { "expression": "[jobTitle]", "name": "jobTitle", "type": "Attribute", "parameters": [] } }] }
            """
        );
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(schema.ToJson())), schema.ToJson());
    }

    [Fact]
    public void Both_forms_of_a_source_are_read_and_unknown_enum_values_read_as_the_default()
    {
        ObjectMapping users = SynchronizationSchema.Parse(Downloaded).UserMapping;
        Assert.Equal("[userPrincipalName]", users.AttributeMappings[0].Source!.ToString());
        Assert.Equal("Replace([jobTitle], \"-\", , , \"_\")", users.AttributeMappings[1].Source!.ToString());
        Assert.Equal(AttributeFlowBehavior.FlowWhenChanged, users.AttributeMappings[0].FlowBehavior);
        Assert.Equal(AttributeFlowType.ObjectAddOnly, users.AttributeMappings[1].FlowType);
    }

    [Fact]
    public void A_parsed_tree_alone_means_what_the_text_means()
    {
        const string Expression =
            "IIF([country] = \"ES\", Switch([department], , \"Sales\", Join(\" \", [city], [state], -3.5)), Left([city], 2))";
        var source = AttributeMappingSource.FromExpression(Expression);
        StripText(source.Json);
        AttributeMappingSource tree = SynchronizationSchema
            .Parse(
                $$"""{"synchronizationRules": [{"objectMappings": [{"sourceObjectName": "User", "attributeMappings": [{"source": {{source.Json.ToJsonString()}} }]}]}]}"""
            )
            .UserMapping.AttributeMappings[0]
            .Source!;
        Assert.Null(tree.Expression);
        Assert.Equal(Expression, tree.ToString());

        static void StripText(JsonObject json)
        {
            if (json["type"]!.GetValue<string>() != "Constant")
                json.Remove("expression");
            foreach (JsonNode? parameter in json["parameters"]!.AsArray())
                StripText(parameter!["value"]!.AsObject());
        }
    }

    [Fact]
    public void Attribute_mappings_are_added_replaced_in_place_and_removed_by_target()
    {
        SynchronizationSchema schema = SynchronizationSchema.Default;
        ObjectMapping users = schema.UserMapping;
        users.Set(
            new AttributeMapping("name.givenName")
            {
                Source = AttributeMappingSource.FromConstant("A \"B\" \\"),
                MatchingPriority = 2,
                FlowType = AttributeFlowType.ObjectAddOnly,
            }
        );
        users.Set(new AttributeMapping("nickName") { DefaultValue = "x" });
        Assert.True(users.Remove("Locale"));
        Assert.False(users.Remove("locale"));

        ObjectMapping read = SynchronizationSchema.Parse(schema.ToJson()).UserMapping;
        Assert.Equal(
            ["userName", "externalId", "active", "name.givenName"],
            read.AttributeMappings.Take(4).Select(mapping => mapping.TargetAttributeName)
        );
        Assert.Equal(("nickName", 19), (read.AttributeMappings[18].TargetAttributeName, read.AttributeMappings.Count));
        AttributeMapping given = read.Find("name.givenName")!;
        Assert.Equal(
            ("\"A \\\"B\\\" \\\\\"", 2, AttributeFlowType.ObjectAddOnly),
            (given.Source!.Expression, given.MatchingPriority, given.FlowType)
        );
    }

    [Fact]
    public void An_expression_nested_to_the_limit_is_written_as_a_tree_and_read()
    {
        string expression = string.Concat(Enumerable.Repeat("Not(", 100)) + "[city]" + new string(')', 100);
        var read = SynchronizationSchema.Parse(Subject.Schema(Subject.Mapping("title", expression)).ToJson());
        AttributeMappingSource source = read.UserMapping.Find("title")!.Source!;
        source.Expression = null;
        Assert.Equal(expression, source.ToString());
    }

    [Fact]
    public void A_byte_order_mark_does_no_harm() =>
        Assert.Equal("USER_OUTBOUND_USER", SynchronizationSchema.Parse("\uFEFF" + Downloaded).SynchronizationRules[0].Name);

    [Fact]
    public void An_item_of_another_schema_is_copied()
    {
        SynchronizationSchema from = SynchronizationSchema.Default,
            to = SynchronizationSchema.Parse(Downloaded);
        to.UserMapping.Set(from.UserMapping.Find("active")!);
        to.UserMapping.Find("active")!.DefaultValue = "True";
        Assert.Null(from.UserMapping.Find("active")!.DefaultValue);
    }

    [Theory]
    [InlineData("", "is not JSON")]
    [InlineData("{", "is not JSON")]
    [InlineData("<html>", "is not JSON")]
    [InlineData("[]", "root must be an object")]
    [InlineData("{}", "synchronizationRules")]
    [InlineData("{\"synchronizationRules\": {}}", "synchronizationRules")]
    [InlineData("{\"synchronizationRules\": [], \"a\": 1, \"a\": 2}", "names a member twice")]
    [InlineData("{\"synchronizationRules\": [\"\\ud800\"]}", "broken text")]
    public void A_text_that_is_not_a_schema_is_refused(string json, string expected)
    {
        MappingException e = Assert.Throws<MappingException>(() => SynchronizationSchema.Parse(json));
        Assert.Equal("MappingSchemaInvalid", e.ErrorId);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"synchronizationRules\": [3]}", "MappingSchemaInvalid")]
    [InlineData("{\"synchronizationRules\": [null]}", "MappingSchemaInvalid")]
    [InlineData("{\"synchronizationRules\": [{\"objectMappings\": 3}]}", "MappingSchemaInvalid")]
    [InlineData("{\"synchronizationRules\": [{\"priority\": \"first\"}]}", "MappingSchemaInvalid")]
    [InlineData("{\"synchronizationRules\": [{\"objectMappings\": [{\"sourceObjectName\": [1]}]}]}", "MappingSchemaInvalid")]
    [InlineData("{\"synchronizationRules\": [{\"objectMappings\": [{\"sourceObjectName\": \"Group\"}]}]}", "NoUserMapping")]
    [InlineData(
        "{\"synchronizationRules\": [{\"objectMappings\": [{\"sourceObjectName\": \"User\", \"enabled\": false}]}]}",
        "NoUserMapping"
    )]
    [InlineData(
        "{\"synchronizationRules\": [{\"objectMappings\": [{\"sourceObjectName\": \"User\", \"attributeMappings\": []}]}]}",
        "NoMatchingAttribute"
    )]
    [InlineData(
        "{\"synchronizationRules\": [{\"objectMappings\": [{\"sourceObjectName\": "
            + "\"User\", \"attributeMappings\": [{\"source\": 7, \"targetAttributeName\": \"userName\"}]}]}]}",
        "MappingSchemaInvalid"
    )]
    public void A_schema_of_the_wrong_shape_is_refused_when_compiled(string json, string errorId) =>
        Assert.Equal(errorId, Assert.Throws<MappingException>(() => CompiledMapping.Compile(SynchronizationSchema.Parse(json))).ErrorId);

    [Fact]
    public void The_wrong_shape_is_named_by_its_path() =>
        Assert.Contains(
            "$.synchronizationRules[0].objectMappings",
            Assert
                .Throws<MappingException>(() =>
                    SynchronizationSchema.Parse("{\"synchronizationRules\": [{\"objectMappings\": 3}]}").UserMapping
                )
                .Message,
            StringComparison.Ordinal
        );
}

using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Tests;

public sealed class CompiledMappingTests
{
    private const string Title = "title";
    private const string Active = "active";
    private const string Profiles = "urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:invoiceProfiles";
    private const string Manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

    [Fact]
    public void The_layout_holds_mapped_requested_and_needed_attributes()
    {
        var mapping = CompiledMapping.Compile(
            Subject.Schema(Subject.Mapping(Title, "Append([jobTitle], [id])")),
            ["department", "UserPrincipalName"]
        );
        Assert.Equal(
            ["objectId", "userPrincipalName", "displayName", "accountEnabled", "IsSoftDeleted", "department", "jobTitle"],
            mapping.Layout.Names
        );
    }

    [Theory]
    [InlineData(Title, "[jobTitle]", 7L, "7")]
    [InlineData(Title, "[jobTitle]", true, "True")]
    [InlineData(Title, "[jobTitle]", null, null)]
    [InlineData(Active, "[jobTitle]", "true", true)]
    [InlineData(Active, "[jobTitle]", "False", false)]
    [InlineData(Active, "[jobTitle]", "1", true)]
    [InlineData(Active, "[jobTitle]", "", null)]
    public void Values_take_the_type_of_their_target(string target, string expression, object? value, object? expected) =>
        Assert.Equal(expected, Subject.MapLast(Subject.Schema(Subject.Mapping(target, expression)), ("jobTitle", value)));

    [Fact]
    public void Single_values_and_lists_meet()
    {
        Assert.Equal(["one"], List(("jobTitle", "one")));
        Assert.Equal(["a", "b"], List(("jobTitle", new[] { "a", "b" })));
        Assert.Null(Subject.MapLast(Subject.Schema(Subject.Mapping(Profiles, "[jobTitle]")), ("jobTitle", Array.Empty<string>())));
        Assert.Equal("only", Subject.MapLast(Subject.Schema(Subject.Mapping(Title, "[otherMails]")), ("otherMails", new[] { "only" })));

        static IEnumerable<object> List(params (string, object?)[] attributes) =>
            Assert.IsAssignableFrom<IEnumerable<object>>(
                Subject.MapLast(Subject.Schema(Subject.Mapping(Profiles, "[jobTitle]")), attributes)
            );
    }

    [Fact]
    public void References_stay_references()
    {
        Assert.Equal(
            new SourceReference("77aa"),
            Subject.MapLast(Subject.Schema(Subject.Mapping(Manager, "[manager]")), ("manager", new SourceReference("77aa")))
        );
        Assert.Equal(
            new SourceReference("77aa"),
            Subject.MapLast(Subject.Schema(Subject.Mapping(Manager, "[manager]")), ("manager", "77aa"))
        );
    }

    [Theory]
    [InlineData(Active, "perhaps", "True or False")]
    [InlineData(Title, new[] { "a", "b" }, "2 values")]
    public void A_value_that_cannot_be_converted_names_user_attribute_and_rule(string target, object value, string rule)
    {
        MappingException e = Assert.Throws<MappingException>(() =>
            Subject.MapLast(
                Subject.Schema(Subject.Mapping(target, "[jobTitle]")),
                ("userPrincipalName", "ana@contoso.com"),
                ("jobTitle", value)
            )
        );
        Assert.Equal(("ValueNotConvertible", target), (e.ErrorId, e.TargetAttribute));
        Assert.Contains("ana@contoso.com", e.Message, StringComparison.Ordinal);
        Assert.Contains(target, e.Message, StringComparison.Ordinal);
        Assert.Contains(rule, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("perhaps", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_default_value_is_typed_and_left_for_the_create()
    {
        var mapping = CompiledMapping.Compile(
            Subject.Schema(
                new AttributeMapping(Active)
                {
                    Source = AttributeMappingSource.FromAttribute("jobTitle"),
                    DefaultValue = "True",
                    FlowType = AttributeFlowType.ObjectAddOnly,
                }
            )
        );
        CompiledAttribute active = mapping.Attributes[1];
        Assert.Equal(("True", true, true), (active.DefaultValue, active.TypedDefault, active.OnlyOnCreate));
        object?[] desired = new object?[2];
        mapping.Map(Subject.Object(mapping.Layout), desired);
        Assert.Null(desired[1]);
    }

    [Theory]
    [InlineData(
        """{ "targetAttributeName": "title", "source": { "expression": "\"Traveller\"", "type": "Constant", "name": "Traveller" } }""",
        "Traveller"
    )]
    [InlineData("""{ "targetAttributeName": "title", "source": { "expression": "Traveller", "type": "Constant" } }""", "Traveller")]
    [InlineData("""{ "targetAttributeName": "title", "source": { "name": "Traveller", "type": "Constant" } }""", "Traveller")]
    [InlineData("""{ "targetAttributeName": "title", "source": { "expression": "007", "type": "Constant" } }""", "007")]
    [InlineData("""{ "targetAttributeName": "title", "source": { "name": "jobTitle", "type": "Attribute" } }""", "Buyer")]
    public void Every_form_of_a_mapping_flows(string json, string expected) =>
        Assert.Equal(expected, Subject.MapLast(WithTitle(json), ("jobTitle", "Buyer")));

    [Theory]
    [InlineData("""{ "targetAttributeName": "title" }""")]
    [InlineData("""{ "targetAttributeName": "title", "source": null, "defaultValue": "" }""")]
    [InlineData("""{ "targetAttributeName": "title", "source": { "expression": null, "name": null, "parameters": [] } }""")]
    [InlineData("""{ "targetAttributeName": "title", "source": { "expression": "", "name": "", "type": "None", "parameters": [] } }""")]
    public void A_mapping_of_type_none_leaves_the_target_alone(string json) =>
        Assert.Same(IgnoredFlow.Instance, Subject.MapLast(WithTitle(json)));

    [Fact]
    public void The_default_value_of_a_mapping_of_type_none_fills_an_attribute_that_the_target_lacks()
    {
        var mapping = CompiledMapping.Compile(WithTitle("""{ "targetAttributeName": "title", "source": null, "defaultValue": "Guest" }"""));
        CompiledAttribute title = mapping.Attributes.Single(attribute => attribute.TargetName == "title");
        Assert.Equal((AttributeFlowType.ValueAddOnly, "Guest"), (title.FlowType, title.TypedDefault));
    }

    [Fact]
    public void An_unknown_target_attribute_is_refused_with_the_nearest_name()
    {
        SynchronizationSchema schema = Subject.Schema(
            Subject.Mapping("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCentre", "[jobTitle]")
        );
        MappingException e = Assert.Throws<MappingException>(() => CompiledMapping.Compile(schema));
        Assert.Contains(
            "The nearest name is 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter'",
            e.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void TravelPerks_own_attributes_are_known_beside_those_that_a_schema_defines()
    {
        SynchronizationSchema schema = SynchronizationSchema.Default;
        JsonObject json = JsonNode.Parse(schema.ToJson())!.AsObject();
        JsonArray users = json["directories"]!.AsArray().Single(directory => (string?)directory!["name"] == "TravelPerk")!["objects"]![0]![
            "attributes"
        ]!.AsArray();
        users.Remove(users.Single(attribute => (string?)attribute!["name"] == "title"));
        Assert.Contains(
            CompiledMapping.Compile(SynchronizationSchema.Parse(json.ToJsonString())).Attributes,
            attribute => attribute.TargetName == "title"
        );
    }

    [Theory]
    [InlineData(Title, "Append([jobTitle]", "ExpressionSyntax", 18)]
    [InlineData(Title, "Shorten([jobTitle])", "UnknownFunction", 1)]
    [InlineData(Title, "Append([shoeSize], \"x\")", "UnknownSourceAttribute", 8)]
    [InlineData("shoeSize", "[jobTitle]", "UnknownTargetAttribute", null)]
    [InlineData("username", "[jobTitle]", "DuplicateTargetAttribute", null)]
    [InlineData(Active, "\"sometimes\"", "ValueNotConvertible", null)]
    public void A_mapping_that_cannot_work_is_refused_before_any_user_is_read(string target, string expression, string errorId, int? column)
    {
        SynchronizationSchema schema = Subject.Schema();
        var source = new AttributeMappingSource(
            new JsonObject { ["expression"] = expression, ["type"] = expression.StartsWith('"') ? "Constant" : "Function" }
        );
        schema.UserMapping.AttributeMappings.Add(new AttributeMapping(target) { Source = source });
        MappingException e = Assert.Throws<MappingException>(() => CompiledMapping.Compile(schema));
        Assert.Equal((errorId, column, target), (e.ErrorId, e.Column, e.TargetAttribute));
        Assert.Contains($"'{target}'", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("title", "Guid()", "another one each time")]
    [InlineData("title", "SelectUniqueValue([mail], [jobTitle])", "SelectUniqueValue")]
    [InlineData(Profiles, "[jobTitle]", "multi-valued")]
    [InlineData(Manager, "[manager]", "reference")]
    public void An_attribute_that_cannot_identify_a_user_is_no_matching_attribute(string target, string expression, string reason)
    {
        AttributeMapping matching = Subject.Mapping(target, expression);
        matching.MatchingPriority = 2;
        MappingException e = Assert.Throws<MappingException>(() => CompiledMapping.Compile(Subject.Schema(matching)));
        Assert.Equal(("UnsuitableMatchingAttribute", target), (e.ErrorId, e.TargetAttribute));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Directory_extensions_and_Graph_names_are_known() =>
        Assert.Equal(
            "x+34",
            Subject.MapLast(
                Subject.Schema(Subject.Mapping(Title, "Append([extension_0f0f_badge], [mobilePhone])")),
                ("extension_0f0f_badge", "x"),
                ("mobile", "+34")
            )
        );

    [Fact]
    public void Flow_types_say_which_operations_are_allowed()
    {
        SynchronizationSchema schema = Subject.Schema();
        schema.UserMapping.FlowTypes = "add,Delete";
        var mapping = CompiledMapping.Compile(schema);
        Assert.Equal((true, false, true), (mapping.AllowsAdd, mapping.AllowsUpdate, mapping.AllowsDelete));
    }

    [Fact]
    public void An_object_of_another_layout_is_refused()
    {
        var mapping = CompiledMapping.Compile(SynchronizationSchema.Default);
        Assert.Throws<ArgumentException>(() => mapping.Map(new SourceObject("a", new SourceLayout(["mail"])), new object?[19]));
    }

    private static SynchronizationSchema WithTitle(string json)
    {
        SynchronizationSchema schema = Subject.Schema();
        schema.UserMapping.Set(new AttributeMapping(JsonNode.Parse(json)!.AsObject()));
        return schema;
    }
}

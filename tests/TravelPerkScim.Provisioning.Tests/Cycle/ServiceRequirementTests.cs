using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Check;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>What a service's own schemas require, against the default mapping: userName, name.givenName, name.familyName, enterprise
/// costCenter and manager, and more.</summary>
public sealed class ServiceRequirementTests
{
    private const string Core = "urn:ietf:params:scim:schemas:core:2.0:User";
    private const string Enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    [Theory]
    [InlineData(Core, """{ "name": "displayName", "type": "string", "required": true }""", "displayName")]
    [InlineData(
        Core,
        """{ "name": "emails", "type": "complex", "multiValued": true, "required": true, "subAttributes": [{ "name": "value", "type": "string" }] }""",
        "emails"
    )]
    [InlineData(Core, """{ "name": "password", "type": "string", "required": true, "mutability": "writeOnly" }""", "password")]
    [InlineData(
        Core,
        """{ "name": "name", "type": "complex", "subAttributes": [{ "name": "formatted", "type": "string", "required": true }] }""",
        "name.formatted"
    )]
    [InlineData(Enterprise, """{ "name": "organization", "type": "string", "required": true }""", Enterprise + ":organization")]
    public void A_required_attribute_that_nothing_maps_is_a_warning(string urn, string attribute, string named)
    {
        MappingFinding finding = Assert.Single(Findings(urn, attribute), f => f.FindingId == "RequiredByService");

        Assert.Equal((MappingFindingSeverity.Warning, named), (finding.Severity, finding.TargetAttribute));
        Assert.Contains("Set-ScimMapping", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    // The service fills these itself.
    [InlineData(Core, """{ "name": "id", "type": "string", "required": true }""")]
    [InlineData(
        Core,
        """{ "name": "meta", "type": "complex", "required": true, "subAttributes": [{ "name": "location", "type": "string", "required": true }] }"""
    )]
    [InlineData(Core, """{ "name": "schemas", "type": "string", "multiValued": true, "required": true }""")]
    [InlineData(Core, """{ "name": "employeeSince", "type": "string", "required": true, "mutability": "readOnly" }""")]
    // A part is required where the whole is there.
    [InlineData(
        Core,
        """{ "name": "emails", "type": "complex", "multiValued": true, "subAttributes": [{ "name": "value", "type": "string", "required": true }, { "name": "type", "type": "string", "canonicalValues": ["work"] }] }"""
    )]
    [InlineData(
        Core,
        """{ "name": "phoneNumbers", "type": "complex", "multiValued": true, "required": true, "subAttributes": [{ "name": "value", "type": "string", "required": true }, { "name": "type", "type": "string", "canonicalValues": ["work", "home"] }] }"""
    )]
    [InlineData(
        Core,
        """{ "name": "name", "type": "complex", "required": true, "subAttributes": [{ "name": "givenName", "type": "string", "required": true }] }"""
    )]
    [InlineData(
        Enterprise,
        """{ "name": "manager", "type": "complex", "required": true, "subAttributes": [{ "name": "value", "type": "string", "required": true }, { "name": "$ref", "type": "reference" }] }"""
    )]
    // The schemas of other resources, and an extension that no mapping uses.
    [InlineData("urn:ietf:params:scim:schemas:core:2.0:Group", """{ "name": "displayName", "type": "string", "required": true }""")]
    [InlineData(
        "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig",
        """{ "name": "patch", "type": "complex", "required": true, "subAttributes": [{ "name": "supported", "type": "boolean", "required": true }] }"""
    )]
    [InlineData("urn:example:2.0:User", """{ "name": "badge", "type": "string", "required": true }""")]
    public void An_attribute_that_a_create_fills_or_does_not_need_is_no_finding(string urn, string attribute) =>
        Assert.DoesNotContain(Findings(urn, attribute), f => f.FindingId is "RequiredByService" or "RequiredAttributeNotMapped");

    [Fact]
    public void The_common_attributes_are_in_no_schema_and_no_warning()
    {
        SynchronizationSchema mapping = SynchronizationSchema.Default;
        Assert.NotNull(mapping.UserMapping.Find("externalId"));

        Assert.DoesNotContain(
            Findings(Core, """{ "name": "userName", "type": "string", "required": true }"""),
            f => f.TargetAttribute == "externalId"
        );
    }

    private static IReadOnlyList<MappingFinding> Findings(string urn, string attribute) =>
        MappingTest.Run(
            SynchronizationSchema.Default,
            SchemaReader.Read([new JsonObject { ["id"] = urn, ["attributes"] = new JsonArray(JsonNode.Parse(attribute)) }])
        );
}

namespace TravelPerkScim.Mapping.Tests;

public sealed class MappingCheckTests
{
    private const string Manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

    [Fact]
    public void The_default_mapping_has_no_findings() => Assert.Empty(MappingCheck.Run(SynchronizationSchema.Default));

    [Fact]
    public void Every_error_is_found_at_once_with_its_place()
    {
        SynchronizationSchema schema = SynchronizationSchema.Default;
        ObjectMapping users = schema.UserMapping;
        users.Find("userName")!.MatchingPriority = 0;
        users.Remove("name.familyName");
        users.Set(new AttributeMapping("title") { Source = AttributeMappingSource.FromExpression("Trim([jobTitle])") });
        users.Set(new AttributeMapping("locale") { Source = AttributeMappingSource.FromExpression("ToLower([shoeSize])") });
        users.Set(new AttributeMapping("nickName") { Source = AttributeMappingSource.FromAttribute("givenName") });
        users.Set(new AttributeMapping("externalId") { Source = new AttributeMappingSource(new System.Text.Json.Nodes.JsonObject { ["expression"] = "Left([id], " }) });
        var filter = new ScopeFilter();
        filter.Groups.Add(new FilterGroup("", new FilterClause("department", "LIKE", "x")));
        users.Scope = filter;
        Assert.Equal(
            [
                ("ExpressionSyntax", "externalId", 12), ("UnknownSourceAttribute", "locale", 9), ("UnknownTargetAttribute", "nickName", null), ("UnknownFunction", "title", 1),
                ("NoMatchingAttribute", null, null), ("RequiredAttributeNotMapped", "name.familyName", null), ("UnknownScopeOperator", null, (int?)null),
            ], MappingCheck.Run(schema).Where(finding => finding.Severity == MappingFindingSeverity.Error).Select(finding => (finding.FindingId, finding.TargetAttribute, finding.Column)));
    }

    [Theory]
    [InlineData("active", "Not(\"False\")", "ActiveIgnoresIsSoftDeleted")]
    [InlineData(Manager, "[mail]", "ReferenceFromText")]
    [InlineData(Manager, "Switch([country], [manager], \"ES\", [manager])", "SwitchOfReference")]
    [InlineData("title", "[manager]", "ReferenceAsText")]
    [InlineData("title", "[otherMails]", "MultiValueToSingle")]
    [InlineData("title", "SelectUniqueValue([mail], [jobTitle])", "UniqueValueNotOnlyOnCreate")]
    [InlineData("id", "[objectId]", "ReadOnlyTarget")]
    [InlineData("title", "Now()", "VolatileExpression")]
    public void What_compiles_but_is_hardly_meant_is_told(string target, string expression, string findingId)
    {
        SynchronizationSchema schema = SynchronizationSchema.Default;
        schema.UserMapping.Set(Subject.Mapping(target, expression));
        MappingFinding finding = Assert.Single(MappingCheck.Run(schema));
        Assert.Equal((findingId, target), (finding.FindingId, finding.TargetAttribute));
        Assert.NotEqual(MappingFindingSeverity.Error, finding.Severity);
    }

    [Fact]
    public void A_mapping_that_disables_nobody_is_told()
    {
        SynchronizationSchema schema = SynchronizationSchema.Default;
        schema.UserMapping.Remove("active");
        Assert.Equal("ActiveNotMapped", Assert.Single(MappingCheck.Run(schema)).FindingId);
    }

    [Fact]
    public void Attributes_that_the_target_was_found_not_to_have_are_told()
    {
        string[] discovered = [.. SynchronizationSchema.Default.UserMapping.AttributeMappings.Select(mapping => mapping.TargetAttributeName.ToUpperInvariant()).Where(name => name != "LOCALE")];
        MappingFinding finding = Assert.Single(MappingCheck.Run(SynchronizationSchema.Default, discovered));
        Assert.Equal(("TargetAttributeNotFound", "locale"), (finding.FindingId, finding.TargetAttribute));
    }

    [Fact]
    public void A_schema_that_maps_no_users_is_one_finding() =>
        Assert.Equal("NoUserMapping", Assert.Single(MappingCheck.Run(SynchronizationSchema.Parse("{\"synchronizationRules\": []}"))).FindingId);
}

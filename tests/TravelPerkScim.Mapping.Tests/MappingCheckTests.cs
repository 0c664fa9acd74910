using TravelPerkScim.Mapping.Check;
using TravelPerkScim.Mapping.Schema;

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
        users.Set(new AttributeMapping("title") { Source = AttributeMappingSource.FromExpression("Shorten([jobTitle])") });
        users.Set(new AttributeMapping("locale") { Source = AttributeMappingSource.FromExpression("ToLower([shoeSize])") });
        users.Set(new AttributeMapping("nickName") { Source = AttributeMappingSource.FromAttribute("givenName") });
        users.Set(
            new AttributeMapping("externalId")
            {
                Source = new AttributeMappingSource(new System.Text.Json.Nodes.JsonObject { ["expression"] = "Left([id], " }),
            }
        );
        var filter = new ScopeFilter();
        filter.Groups.Add(new FilterGroup("", new FilterClause("department", "LIKE", "x")));
        users.Scope = filter;
        Assert.Equal(
            [
                ("ExpressionSyntax", "externalId", 12),
                ("UnknownSourceAttribute", "locale", 9),
                ("UnknownTargetAttribute", "nickName", null),
                ("UnknownFunction", "title", 1),
                ("NoMatchingAttribute", null, null),
                ("RequiredAttributeNotMapped", "name.familyName", null),
                ("UnknownScopeOperator", null, (int?)null),
            ],
            MappingCheck
                .Run(schema)
                .Where(finding => finding.Severity == MappingFindingSeverity.Error)
                .Select(finding => (finding.FindingId, finding.TargetAttribute, finding.Column))
        );
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
    public void A_mapping_that_compiles_but_is_hardly_meant_is_a_warning(string target, string expression, string findingId)
    {
        SynchronizationSchema schema = SynchronizationSchema.Default;
        schema.UserMapping.Set(Subject.Mapping(target, expression));
        MappingFinding finding = Assert.Single(MappingCheck.Run(schema));
        Assert.Equal((findingId, target), (finding.FindingId, finding.TargetAttribute));
        Assert.NotEqual(MappingFindingSeverity.Error, finding.Severity);
    }

    [Theory]
    [InlineData("active", "[accountEnabled]")]
    [InlineData("active", "IIF([accountEnabled] = \"True\", \"True\", \"False\")")]
    [InlineData("title", "SingleAppRoleAssignment([appRoleAssignments])")]
    [InlineData("title", "IIF([country] = \"ES\", \"x\", \"y\")")]
    [InlineData("title", "IIF(IsPresent([country]), [country], \"Other\")")]
    [InlineData("title", "IIF([country] <> \"\", [country], \"Other\")")]
    [InlineData("title", "Switch([country], [country], \"\", \"Other\")")]
    [InlineData("title", "IIF(DateDiff(\"d\", Coalesce([employeeHireDate], \"2999-01-01\"), \"2024-01-01\") >= 0, \"x\", \"y\")")]
    public void A_mapping_that_does_what_it_should_is_no_finding(string target, string expression)
    {
        SynchronizationSchema schema = SynchronizationSchema.Default;
        // As exported schemas define it.
        schema.SourceUser!.Attributes.Single(attribute => attribute.Name == "appRoleAssignments").Json["type"] = "Reference";
        schema.UserMapping.Set(Subject.Mapping(target, expression));
        Assert.Empty(MappingCheck.Run(schema));
    }

    [Theory]
    [InlineData("IIF(IsNullOrEmpty([country]), \"Other\", [country])", 5)]
    [InlineData("IIF(IsNull([country]), \"Other\", [country])", 5)]
    [InlineData("IIF(IsNothing([country]), \"Other\", [country])", 5)]
    [InlineData("IIF([country] = \"\", \"Other\", [country])", 5)]
    [InlineData("IIF(Not(IsPresent([country])), \"Other\", [country])", 5)]
    [InlineData("IIF(IsPresent([country]) = \"False\", \"Other\", [country])", 5)]
    [InlineData("ToUpper(IIF([city] = \"x\", \"y\", IIF(IsNullOrEmpty([country]), \"Other\", [country])))", 36)]
    public void A_condition_that_no_missing_value_meets_is_a_warning_with_the_way_out(string expression, int column)
    {
        SynchronizationSchema schema = SynchronizationSchema.Default;
        schema.UserMapping.Set(Subject.Mapping("title", expression));
        MappingFinding finding = Assert.Single(MappingCheck.Run(schema));
        Assert.Equal(
            (MappingFindingSeverity.Warning, "ConditionNeverTrueForNull", "title", column),
            (finding.Severity, finding.FindingId, finding.TargetAttribute, finding.Column)
        );
        Assert.Contains("Switch([country], [country], \"\", \"Other\")", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scoping_filters_without_a_clause_are_a_warning()
    {
        SynchronizationSchema schema = SynchronizationSchema.Default;
        var scope = new ScopeFilter();
        scope.Groups.Add(new FilterGroup("Spain", new FilterClause("country", "EQUALS", "ES")));
        scope.Groups.Add(new FilterGroup("Empty one"));
        schema.UserMapping.Scope = scope;
        MappingFinding finding = Assert.Single(MappingCheck.Run(schema));
        Assert.Equal((MappingFindingSeverity.Warning, "ScopeGroupEmpty"), (finding.Severity, finding.FindingId));
        const string Told = "'Empty one' has no clause, so it is skipped: only the other filters decide.";
        Assert.Contains(Told, finding.Message, StringComparison.Ordinal);

        scope.Groups.Remove(scope.Groups[0]);
        Assert.Contains("every user is in scope", Assert.Single(MappingCheck.Run(schema)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Workday", "Active Directory", "Worker", "objectFilter", "IgnoreObjectFlow", MappingFindingSeverity.Error, "maps no users")]
    [InlineData(
        "Entra",
        "Salesforce",
        "User",
        "Alias",
        "[mailNickname]",
        MappingFindingSeverity.Error,
        "1 of the 2 attributes that it maps are not"
    )]
    public void A_schema_of_another_application_is_one_finding_that_says_so(
        string from,
        string to,
        string objects,
        string attribute,
        string expression,
        MappingFindingSeverity severity,
        string says
    )
    {
        SynchronizationSchema schema = Subject.Schema(Subject.Mapping(attribute, expression), Subject.Mapping("title", "Unheard([of])"));
        schema.UserMapping.Remove("title");
        string json = schema
            .ToJson()
            .Replace("\"Azure Active Directory\"", $"\"{from}\"", StringComparison.Ordinal)
            .Replace("\"targetDirectoryName\": \"TravelPerk\"", $"\"targetDirectoryName\": \"{to}\"", StringComparison.Ordinal)
            .Replace("\"sourceObjectName\": \"User\"", $"\"sourceObjectName\": \"{objects}\"", StringComparison.Ordinal);
        MappingFinding finding = Assert.Single(MappingCheck.Run(SynchronizationSchema.Parse(json)));
        Assert.Equal((severity, "OtherApplication"), (finding.Severity, finding.FindingId));
        Assert.Contains($"that of another application: it provisions from '{from}' to '{to}'", finding.Message, StringComparison.Ordinal);
        Assert.Contains(says, finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Perk")]
    [InlineData("customappsso")]
    [InlineData("Contoso travel")]
    public void A_TravelPerk_mapping_under_another_name_is_TravelPerk_s(string directory) =>
        Assert.Empty(
            MappingCheck.Run(
                SynchronizationSchema.Parse(
                    SynchronizationSchema.Default.ToJson().Replace("\"TravelPerk\"", $"\"{directory}\"", StringComparison.Ordinal)
                )
            )
        );

    [Theory]
    [InlineData("title", "[jobTitel]", "The nearest name is 'jobTitle'.")]
    [InlineData("titel", "[jobTitle]", "The nearest name is 'title'.")]
    public void An_unknown_attribute_is_an_error_with_the_nearest_name(string target, string expression, string hint)
    {
        SynchronizationSchema schema = SynchronizationSchema.Default;
        schema.UserMapping.Set(Subject.Mapping(target, expression));
        Assert.Contains(hint, Assert.Single(MappingCheck.Run(schema)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mapping_that_disables_no_user_is_a_warning()
    {
        SynchronizationSchema schema = SynchronizationSchema.Default;
        schema.UserMapping.Remove("active");
        Assert.Equal("ActiveNotMapped", Assert.Single(MappingCheck.Run(schema)).FindingId);
    }

    [Fact]
    public void Attributes_that_the_target_does_not_have_are_a_warning()
    {
        string[] discovered =
        [
            .. SynchronizationSchema
                .Default.UserMapping.AttributeMappings.Select(mapping => mapping.TargetAttributeName.ToUpperInvariant())
                .Where(name => name != "LOCALE"),
        ];
        MappingFinding finding = Assert.Single(MappingCheck.Run(SynchronizationSchema.Default, discovered));
        Assert.Equal(("TargetAttributeNotFound", "locale"), (finding.FindingId, finding.TargetAttribute));
    }

    [Fact]
    public void A_schema_that_maps_no_users_is_one_finding() =>
        Assert.Equal(
            "NoUserMapping",
            Assert.Single(MappingCheck.Run(SynchronizationSchema.Parse("{\"synchronizationRules\": []}"))).FindingId
        );
}

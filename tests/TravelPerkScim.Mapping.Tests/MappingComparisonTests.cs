using TravelPerkScim.Mapping.Compare;
using TravelPerkScim.Mapping.Schema;

namespace TravelPerkScim.Mapping.Tests;

public sealed class MappingComparisonTests
{
    [Fact]
    public void A_mapping_does_the_same_as_itself_however_it_is_written()
    {
        SynchronizationSchema one = SynchronizationSchema.Default,
            other = SynchronizationSchema.Default;
        AttributeMapping first = other.UserMapping.AttributeMappings[0];
        other.UserMapping.AttributeMappings.Remove(first);
        other.UserMapping.AttributeMappings.Add(first);
        one.UserMapping.Set(Mapping("title", "Coalesce( [jobTitle],\"x\" )"));
        other.UserMapping.Set(Mapping("TITLE", "Coalesce([jobTitle], \"x\")"));
        Scope(
            one,
            new FilterGroup("a", new FilterClause("department", "EQUALS", "Sales")),
            new FilterGroup("b", new FilterClause("city", "EQUALS", "Graz"))
        );
        Scope(
            other,
            new FilterGroup("renamed", new FilterClause("city", "EQUALS", "Graz")),
            new FilterGroup("", new FilterClause("department", "EQUALS", "Sales"))
        );

        Assert.Empty(MappingComparison.Compare(one, other));
    }

    [Fact]
    public void Each_difference_has_its_kind_and_its_effect()
    {
        SynchronizationSchema reference = SynchronizationSchema.Default,
            difference = SynchronizationSchema.Default;
        reference.UserMapping.Set(Mapping("title", "[jobTitle]"));
        reference.UserMapping.Set(Mapping("locale", "[preferredLanguage]"));
        reference.UserMapping.Set(Mapping("nickName", "[mailNickname]"));
        reference.UserMapping.Set(
            new AttributeMapping("externalId") { Source = AttributeMappingSource.FromAttribute("objectId"), MatchingPriority = 0 }
        );
        difference.UserMapping.Set(Mapping("title", "Trim([jobTitle])"));
        difference.UserMapping.Set(Mapping("locale", "[preferredLanguage]"));
        difference.UserMapping.Find("locale")!.DefaultValue = "en";
        difference.UserMapping.Find("locale")!.FlowType = AttributeFlowType.ObjectAddOnly;
        difference.UserMapping.Set(Mapping("timezone", "\"CET\""));
        difference.UserMapping.Set(
            new AttributeMapping("externalId") { Source = AttributeMappingSource.FromAttribute("objectId"), MatchingPriority = 2 }
        );
        difference.UserMapping.FlowTypes = "Add, Update";
        Scope(difference, new FilterGroup("", new FilterClause("department", "EQUALS", "Sales")));

        var found = MappingComparison.Compare(reference, difference).ToDictionary(one => one.TargetAttribute ?? one.What.ToString());

        Assert.Equal(
            ["Actions", "Scope", "externalId", "locale", "nickName", "timezone", "title"],
            found.Keys.Order(StringComparer.Ordinal)
        );
        Assert.Equal("The mapping allows Add, Update instead of Add, Update, Delete.", found["Actions"].Effect);
        Assert.Equal((null, "department EQUALS \"Sales\""), (found["Scope"].Reference, found["Scope"].Difference));
        Assert.Equal(
            "Only users with department EQUALS \"Sales\" are in scope. Users who leave the scope are disabled.",
            found["Scope"].Effect
        );
        Assert.Equal(
            (MappingDifferenceKinds.Source, "[jobTitle]", "Trim([jobTitle])"),
            (found["title"].What, found["title"].Reference, found["title"].Difference)
        );
        Assert.Equal(MappingDifferenceKinds.Default | MappingDifferenceKinds.Flow, found["locale"].What);
        Assert.Equal(
            "New users without a value get \"en\" instead of none. "
                + "It is written only when a user is created instead of whenever it changes.",
            found["locale"].Effect
        );
        Assert.Equal((MappingDifferenceKinds.Missing, (string?)null), (found["nickName"].What, found["nickName"].Difference));
        Assert.Equal((MappingDifferenceKinds.Added, "\"CET\""), (found["timezone"].What, found["timezone"].Difference));
        Assert.Equal(
            (MappingDifferenceKinds.Matching, "Users are matched by it, with precedence 2."),
            (found["externalId"].What, found["externalId"].Effect)
        );
    }

    [Fact]
    public void A_removed_scope_and_a_removed_input_filter_have_different_effects()
    {
        SynchronizationSchema reference = SynchronizationSchema.Default,
            difference = SynchronizationSchema.Default;
        Scope(reference, new FilterGroup("", new FilterClause("department", "EQUALS", "Sales")));
        difference.UserMapping.Scope = new ScopeFilter();
        difference.UserMapping.Scope.InputFilterGroups.Add(new FilterGroup("", new FilterClause("city", "IS NOT NULL")));

        MappingDifference[] found = [.. MappingComparison.Compare(reference, difference)];

        Assert.Equal("Everyone is in scope.", found[0].Effect);
        Assert.Equal(
            "Only users with city IS NOT NULL are in scope. Users who leave this filter are not looked at any more, and stay as they are.",
            found[1].Effect
        );
    }

    [Fact]
    public void A_definition_that_clears_values_is_a_difference()
    {
        SynchronizationSchema reference = SynchronizationSchema.Default;
        var difference = SynchronizationSchema.Parse(
            reference.ToJson().Replace("\"flowNullValues\": false", "\"flowNullValues\": true", StringComparison.Ordinal)
        );

        IReadOnlyList<MappingDifference> found = MappingComparison.Compare(reference, difference);

        Assert.NotEmpty(found);
        Assert.All(found, one => Assert.Equal(MappingDifferenceKinds.Definition, one.What));
        Assert.Contains("is cleared in TravelPerk", found[0].Effect, StringComparison.Ordinal);
    }

    private static AttributeMapping Mapping(string target, string expression) =>
        new(target) { Source = AttributeMappingSource.FromExpression(expression) };

    private static void Scope(SynchronizationSchema schema, params FilterGroup[] groups)
    {
        schema.UserMapping.Scope = new ScopeFilter();
        foreach (FilterGroup group in groups)
            schema.UserMapping.Scope.Groups.Add(group);
    }
}

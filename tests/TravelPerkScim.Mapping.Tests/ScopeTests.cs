using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Scope;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Tests;

public sealed class ScopeTests
{
    [Theory]
    [InlineData("EQUALS", "Sales", "Sales", true)]
    [InlineData("EQUALS", "Sales", "sales", false)]
    [InlineData("NOT EQUALS", "Sales", "sales", true)]
    [InlineData("NOT EQUALS", "Sales", "Sales", false)]
    [InlineData("ENDS_WITH", "les", "Sales", true)]
    [InlineData("ENDS WITH", "LES", "Sales", false)]
    [InlineData("Includes", "ale", "Sales", true)]
    [InlineData("INCLUDES", "ALE", "Sales", false)]
    [InlineData("&", "Sales,Buying", "Sales", true)]
    [InlineData("&", "Buying", "Sales", false)]
    [InlineData("!&", "Buying", "Sales", true)]
    [InlineData("!&", "Sales,Buying", "Sales", false)]
    [InlineData("Greater_Than", "9", "10", true)]
    [InlineData("Greater_Than", "10", "10", false)]
    [InlineData("Greater_Than", "10", "ten", false)]
    [InlineData("Greater_Than_OR_EQUALS", "10", "10", true)]
    [InlineData("REGEX MATCH", "([1-9][0-9])", "42", true)]
    [InlineData("REGEX MATCH", "^[1-9][0-9]$", "142", false)]
    [InlineData("REGEX MATCH", "sal", "Sales", false)]
    [InlineData("REGEX MATCH", "^(?!Sal).*$", "Sales", false)]
    [InlineData("NOT REGEX MATCH", ".*\\@domain.com", "a@domain.com", false)]
    [InlineData("NOT REGEX MATCH", ".*\\@domain.com", "a@other.com", true)]
    public void Binary_operators(string name, string value, string attribute, bool inScope) =>
        Assert.Equal(inScope, Evaluate(Filter(new FilterClause("department", name, value)), ("department", attribute)).InScope);

    [Theory]
    [InlineData("IS TRUE", true, true)]
    [InlineData("IS TRUE", "True", true)]
    [InlineData("IS TRUE", false, false)]
    [InlineData("IS TRUE", "yes", false)]
    [InlineData("IS FALSE", false, true)]
    [InlineData("IS FALSE", "yes", false)]
    [InlineData("IS NULL", "x", false)]
    [InlineData("IS NOT NULL", "x", true)]
    public void Unary_operators(string name, object value, bool inScope) =>
        Assert.Equal(inScope, Evaluate(Filter(new FilterClause("department", name)), ("department", value)).InScope);

    [Theory]
    [InlineData("EQUALS")]
    [InlineData("NOT EQUALS")]
    [InlineData("ENDS_WITH")]
    [InlineData("Includes")]
    [InlineData("&")]
    [InlineData("!&")]
    [InlineData("Greater_Than")]
    [InlineData("Greater_Than_OR_EQUALS")]
    [InlineData("REGEX MATCH")]
    [InlineData("NOT REGEX MATCH")]
    [InlineData("IS TRUE")]
    [InlineData("IS FALSE")]
    [InlineData("IS NOT NULL")]
    public void No_value_meets_no_clause_but_IS_NULL(string name)
    {
        ScopeFilter filter = Filter(new FilterClause("department", name, "1"));
        Assert.False(Evaluate(filter).InScope);
        Assert.False(Evaluate(filter, ("department", "")).InScope);
        Assert.True(Evaluate(Filter(new FilterClause("department", "IS NULL"))).InScope);
        Assert.True(Evaluate(Filter(new FilterClause("department", "IS NULL")), ("department", "")).InScope);
    }

    [Fact]
    public void Several_values_are_alternatives()
    {
        Assert.True(Evaluate(Filter(new FilterClause("department", "EQUALS", "Sales", "Buying")), ("department", "Buying")).InScope);
        Assert.False(Evaluate(Filter(new FilterClause("department", "NOT EQUALS", "Sales", "Buying")), ("department", "Buying")).InScope);
    }

    [Fact]
    public void Clauses_are_joined_by_AND_and_groups_by_OR()
    {
        var filter = new ScopeFilter();
        filter.Groups.Add(
            new FilterGroup("Spanish sales", new FilterClause("country", "EQUALS", "ES"), new FilterClause("department", "EQUALS", "Sales"))
        );
        filter.Groups.Add(new FilterGroup("Directors", new FilterClause("jobTitle", "Includes", "Director")));
        Assert.Equal(
            "In scope: meets the scoping filter 'Spanish sales'.",
            Evaluate(filter, ("country", "ES"), ("department", "Sales")).Reason
        );
        Assert.Equal("In scope: meets the scoping filter 'Directors'.", Evaluate(filter, ("jobTitle", "Director of IT")).Reason);
        ScopeDecision missed = Evaluate(filter, ("country", "ES"), ("department", "Private"));
        Assert.Equal((false, true), (missed.InScope, missed.Deprovision));
        Assert.Equal(
            "Out of scope: the scoping filter 'Spanish sales' needs department EQUALS 'Sales'; "
                + "the scoping filter 'Directors' needs jobTitle Includes 'Director'.",
            missed.Reason
        );
    }

    [Fact]
    public void Leaving_an_input_filter_does_not_deprovision()
    {
        var filter = new ScopeFilter();
        filter.InputFilterGroups.Add(new FilterGroup("", new FilterClause("department", "EQUALS", "Sales")));
        ScopeDecision missed = Evaluate(filter, ("department", "IT"));
        Assert.Equal((false, false), (missed.InScope, missed.Deprovision));
        Assert.True(Evaluate(filter, ("department", "Sales")).InScope);
        filter.Groups.Add(new FilterGroup("", new FilterClause("country", "EQUALS", "ES")));
        Assert.True(Evaluate(filter, ("department", "IT")).Deprovision);
    }

    [Fact]
    public void Without_a_filter_everyone_is_in_scope()
    {
        Assert.True(Evaluate(null).InScope);
        Assert.True(Evaluate(new ScopeFilter()).InScope);
        var empty = new ScopeFilter();
        empty.Groups.Add(new FilterGroup("nothing in it"));
        Assert.True(Evaluate(empty).InScope);
    }

    [Theory]
    [InlineData("department", "LIKE", "x", "UnknownScopeOperator", "NOT REGEX MATCH")]
    [InlineData("department", "IsMemberOf", "x", "UnknownScopeOperator", "EQUALS")]
    [InlineData("department", "REGEX MATCH", "(", "ScopeClauseInvalid", "not valid")]
    [InlineData("department", "Greater_Than", "many", "ScopeClauseInvalid", "integer")]
    [InlineData("department", "EQUALS", null, "ScopeClauseInvalid", "needs a value")]
    [InlineData("shoeSize", "EQUALS", "x", "UnknownSourceAttribute", "shoeSize")]
    [InlineData("manager", "IS NULL", null, "ScopeClauseInvalid", "Reference")]
    [InlineData("employeeHireDate", "IS NULL", null, "ScopeClauseInvalid", "DateTime")]
    [InlineData("proxyAddresses", "IS NULL", null, "ScopeClauseInvalid", "multi-valued")]
    public void A_clause_that_cannot_work_is_refused_when_it_is_set(
        string attribute,
        string name,
        string? value,
        string errorId,
        string expected
    )
    {
        MappingException e = Assert.Throws<MappingException>(() =>
            Evaluate(Filter(new FilterClause(attribute, name, value is null ? [] : [value])))
        );
        Assert.Equal(errorId, e.ErrorId);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_that_takes_for_ever_is_stopped()
    {
        ScopeFilter filter = Filter(new FilterClause("department", "REGEX MATCH", "^(?=(a+)+$)b"));
        MappingException e = Assert.Throws<MappingException>(() => Evaluate(filter, ("department", new string('a', 40) + "!")));
        Assert.Equal("PatternTimeout", e.ErrorId);
        ScopeFilter linear = Filter(new FilterClause("department", "REGEX MATCH", "^(a+)+$"));
        Assert.False(Evaluate(linear, ("department", new string('a', 10_000) + "!")).InScope);
    }

    private static ScopeFilter Filter(params FilterClause[] clauses)
    {
        var filter = new ScopeFilter();
        filter.Groups.Add(new FilterGroup("test", clauses));
        return filter;
    }

    private static ScopeDecision Evaluate(ScopeFilter? filter, params (string Name, object? Value)[] attributes)
    {
        SynchronizationSchema schema = SynchronizationSchema.Default;
        schema.UserMapping.Scope = filter;
        SourceLayout layout = CompiledMapping.Compile(schema, CompiledScope.AttributesOf(schema)).Layout;
        return CompiledScope.Compile(schema, layout).Evaluate(Subject.Object(layout, attributes));
    }
}

using TravelPerkScim.Mapping.Check;
using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Scope;

namespace TravelPerkScim.Mapping.Tests;

public sealed class ScopeTextTests
{
    // Reading the default schema takes longer than reading a filter.
    private static readonly SynchronizationSchema s_schema = SynchronizationSchema.Default;

    [Theory]
    [InlineData("department EQUALS \"Sales\"", "department EQUALS \"Sales\"")]
    [InlineData("department equals Sales", "department EQUALS \"Sales\"")]
    [InlineData("[department] EQUALS 'Sales','R&D'", "department EQUALS \"Sales\", \"R&D\"")]
    [InlineData("department NOT_EQUALS 'it''s'", "department NOT EQUALS \"it's\"")]
    [InlineData("accountEnabled IS TRUE and mail is not null", "accountEnabled IS TRUE AND mail IS NOT NULL")]
    [InlineData(
        "country EQUALS ES -and state EQUALS B -or city EQUALS Rome",
        "country EQUALS \"ES\" AND state EQUALS \"B\" OR city EQUALS \"Rome\""
    )]
    [InlineData(
        "(country EQUALS ES OR country EQUALS FR) AND (mail IS NULL OR city IS NULL)",
        "country EQUALS \"ES\" AND mail IS NULL OR country EQUALS \"ES\" AND city IS NULL "
            + "OR country EQUALS \"FR\" AND mail IS NULL OR country EQUALS \"FR\" AND city IS NULL"
    )]
    [InlineData("((country EQUALS ES))", "country EQUALS \"ES\"")]
    [InlineData(
        "employeeId Greater_Than 10 AND employeeId Greater Than OR Equals \"11\"",
        "employeeId Greater_Than \"10\" AND employeeId Greater_Than_OR_EQUALS \"11\""
    )]
    [InlineData("department & \"Sales,IT\" AND department !& \"HR\"", "department & \"Sales,IT\" AND department !& \"HR\"")]
    [InlineData("mail REGEX MATCH \"\\d+@contoso\\.com$\"", "mail REGEX MATCH \"\\d+@contoso\\.com$\"")]
    [InlineData("mail NOT REGEX MATCH 'a\\\\b'", "mail NOT REGEX MATCH \"a\\\\\\b\"")]
    [InlineData(
        "'Sales people': department EQUALS Sales OR \"Boss: \\\"one\\\"\" : jobTitle ENDS_WITH CEO",
        "\"Sales people\": department EQUALS \"Sales\" OR \"Boss: \\\"one\\\"\": jobTitle ENDS_WITH \"CEO\""
    )]
    [InlineData(
        "onPremisesExtensionAttributes.extensionAttribute1 includes x and [extension_0a_site] is not null",
        "onPremisesExtensionAttributes.extensionAttribute1 Includes \"x\" AND extension_0a_site IS NOT NULL"
    )]
    public void A_filter_has_one_canonical_form_which_reads_back_as_itself(string text, string canonical)
    {
        Assert.Equal(canonical, ScopeText.Print(Parse(text)));
        Assert.Equal(canonical, ScopeText.Print(Parse(canonical)));
    }

    [Theory]
    [InlineData("", 1, "ScopeFilterSyntax", "empty")]
    [InlineData("  \t", 1, "ScopeFilterSyntax", "empty")]
    [InlineData("department -eq \"Sales\"", 12, "UnknownScopeOperator", "EQUALS")]
    [InlineData("department", 11, "UnknownScopeOperator", "the end")]
    [InlineData("department EQUALS", 18, "ScopeFilterSyntax", "a value for EQUALS")]
    [InlineData("department EQUALS AND mail IS NULL", 19, "ScopeFilterSyntax", "a value for EQUALS")]
    [InlineData("department EQUALS \"Sales\",", 27, "ScopeFilterSyntax", "a value")]
    [InlineData("department EQUALS \"Sales", 19, "ScopeFilterSyntax", "no closing quote")]
    [InlineData("department EQUALS \"Sales\" country EQUALS \"ES\"", 27, "ScopeFilterSyntax", "AND, OR or the end")]
    [InlineData("department IS NULL AND", 23, "ScopeFilterSyntax", "a source attribute")]
    [InlineData("(department IS NULL", 20, "ScopeFilterSyntax", "closing parenthesis")]
    [InlineData("department IS NULL)", 19, "ScopeFilterSyntax", "AND, OR or the end")]
    [InlineData("\"department\" IS NULL", 14, "ScopeFilterSyntax", "without quotes")]
    [InlineData("department EQUALS \u201CSales\u201D", 19, "ScopeFilterSyntax", "straight quotes")]
    [InlineData("department IS NULL AND shoeSize IS NULL", 24, "UnknownSourceAttribute", "shoeSize")]
    [InlineData("department IS NULL OR manager EQUALS \"x\"", 23, "ScopeClauseInvalid", "Reference")]
    [InlineData("proxyAddresses IS NULL", 1, "ScopeClauseInvalid", "multi-valued")]
    [InlineData("employeeHireDate IS NULL", 1, "ScopeClauseInvalid", "DateTime")]
    [InlineData("employeeId Greater_Than \"ten\"", 25, "ScopeClauseInvalid", "integer")]
    [InlineData("mail REGEX MATCH \"(\"", 18, "ScopeClauseInvalid", "regular expression")]
    [InlineData("accountEnabled EQUALS \"true\"", 23, "ScopeClauseInvalid", "IS TRUE")]
    [InlineData("department EQUALS ''", 19, "ScopeClauseInvalid", "IS NULL")]
    public void A_syntax_error_names_its_column(string text, int column, string errorId, string hint)
    {
        MappingException e = Assert.Throws<MappingException>(() => Parse(text));
        Assert.Equal((errorId, column), (e.ErrorId, e.Column!.Value));
        Assert.Contains(hint, e.Message, StringComparison.Ordinal);
        Assert.Contains($"column {column}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_filter_that_is_set_decides_as_it_reads()
    {
        SynchronizationSchema schema = SynchronizationSchema.Default;
        var filter = new ScopeFilter();
        foreach (
            FilterGroup group in ScopeText.Parse(
                "(department EQUALS 'Sales', 'Buying' OR jobTitle Includes 'Chief') AND country NOT EQUALS 'US'",
                schema
            )
        )
        {
            filter.Groups.Add(group);
        }
        schema.UserMapping.Scope = filter;
        var reread = SynchronizationSchema.Parse(schema.ToJson());
        var mapping = CompiledMapping.Compile(reread, CompiledScope.AttributesOf(reread));
        var scope = CompiledScope.Compile(reread, mapping.Layout);

        Assert.True(InScope("Buying", "Buyer", "ES"));
        Assert.True(InScope("IT", "Chief of IT", "ES"));
        Assert.False(InScope("Sales", "Seller", "US"));
        Assert.False(InScope("IT", "Developer", "ES"));
        Assert.False(InScope("Sales", "Seller", null));

        bool InScope(string department, string title, string? country) =>
            scope.Evaluate(Subject.Object(mapping.Layout, ("department", department), ("jobTitle", title), ("country", country))).InScope;
    }

    [Fact]
    public void Any_clauses_that_are_printed_read_back_the_same()
    {
        string[] values =
        [
            "",
            "a",
            "\\",
            "\\\\",
            "\"",
            "\\\"",
            "'",
            "it's",
            " a  b ",
            "(",
            ")",
            ",",
            ":",
            "AND",
            "or",
            "IS NULL",
            "[x]",
            "😀",
            "\n",
            "Zoë",
            "a\\",
            "\\d",
        ];
        string[] attributes =
        [
            "department",
            "mail",
            "onPremisesExtensionAttributes.extensionAttribute7",
            "extension_1_and",
            "businessPhones[0]",
            "employeeOrgData.costCenter",
        ];
        for (int seed = 0; seed < 3_000; seed++)
        {
            var random = new Random(seed);
            FilterGroup[] groups =
            [
                .. Enumerable
                    .Range(0, random.Next(1, 4))
                    .Select(_ => new FilterGroup(
                        random.Next(2) == 0 ? "" : "t" + values[random.Next(values.Length)],
                        [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Clause(random))]
                    )),
            ];
            string text = ScopeText.Print(groups);
            IReadOnlyList<FilterGroup> read;
            try
            {
                read = Parse(text);
            }
            catch (MappingException e) when (e.ErrorId == "ScopeClauseInvalid")
            {
                continue;
            }

            Assert.Equal(groups.Select(Shape), read.Select(Shape));
        }

        FilterClause Clause(Random random)
        {
            ScopeOperator operation = ScopeOperator.All[random.Next(ScopeOperator.All.Count)];
            return new FilterClause(
                attributes[random.Next(attributes.Length)],
                operation.Name,
                operation.Unary ? [] : [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => values[random.Next(values.Length)])]
            );
        }
    }

    [Fact]
    public void No_text_makes_anything_else_happen_than_a_filter_or_the_own_error()
    {
        const string Text =
            "\"People\": (department EQUALS \"Sales\", 'Buying' OR [jobTitle] REGEX "
            + "MATCH \"^a+$\") AND accountEnabled IS TRUE OR employeeId Greater_Than 7";
        int results = 0,
            errors = 0;
        for (int seed = 0; seed < 20_000; seed++)
        {
            string text = new RandomExpressions(seed).Mutated(Text);
            try
            {
                IReadOnlyList<FilterGroup> groups = Parse(text);
                Assert.Equal(groups.Select(Shape), Parse(ScopeText.Print(groups)).Select(Shape));
                results++;
            }
            catch (MappingException e)
            {
                Assert.InRange(e.Column ?? 0, 1, text.Length + 1);
                errors++;
            }
        }

        Assert.True(results > 500 && errors > 500, $"{results} results, {errors} errors");
    }

    [Theory]
    [InlineData(300)]
    [InlineData(60_000)]
    public void Nesting_and_size_are_bounded(int depth)
    {
        Assert.Equal("ScopeFilterSyntax", Assert.Throws<MappingException>(() => Parse(new string('(', depth))).ErrorId);
        string product = string.Join(" AND ", Enumerable.Repeat("(mail IS NULL OR city IS NULL)", Math.Min(depth, 3_000)));
        Assert.Equal("ScopeFilterTooLong", Assert.Throws<MappingException>(() => Parse(product)).ErrorId);
        Assert.Equal("ScopeFilterTooLong", Assert.Throws<MappingException>(() => Parse(new string(' ', 200_000))).ErrorId);
    }

    [Fact]
    public void Every_clause_of_a_scope_is_checked_and_a_clause_of_the_wrong_type_is_a_warning()
    {
        SynchronizationSchema schema = SynchronizationSchema.Default;
        var filter = new ScopeFilter();
        filter.Groups.Add(
            new FilterGroup(
                "",
                new FilterClause("department", "LIKE", "x"),
                new FilterClause("manager", "IS NULL"),
                new FilterClause("accountEnabled", "EQUALS", "true")
            )
        );
        filter.InputFilterGroups.Add(new FilterGroup("", new FilterClause("shoeSize", "IS NULL")));
        schema.UserMapping.Scope = filter;

        Assert.Equal(
            ["UnknownScopeOperator", "ScopeClauseInvalid", "ScopeClauseMisfit", "UnknownSourceAttribute"],
            MappingCheck.Run(schema).Select(finding => finding.FindingId)
        );
    }

    private static IReadOnlyList<FilterGroup> Parse(string text) => ScopeText.Parse(text, s_schema);

    private static string Shape(FilterGroup group) =>
        $"{(string.IsNullOrWhiteSpace(group.Name) ? "" : group.Name)}|{string.Join('|', group.Clauses.Select(clause => $"{clause.SourceOperandName}~{clause.OperatorName}~{string.Join('~', clause.Values)}"))}";
}

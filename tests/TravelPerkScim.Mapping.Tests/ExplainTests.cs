using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Tests;

public sealed class ExplainTests
{
    [Fact]
    public void Steps_come_inner_parts_first_and_only_for_the_branch_taken() =>
        Assert.Equal(
            [
                new ExpressionStep("[country]", "ES"),
                new ExpressionStep("[country] = \"ES\"", true),
                new ExpressionStep("[givenName]", "Marta"),
                new ExpressionStep("ToUpper([givenName])", "MARTA"),
                new ExpressionStep("IIF([country] = \"ES\", ToUpper([givenName]), ToLower([givenName]))", "MARTA"),
            ],
            Explain("IIF([country]=\"ES\",ToUpper([givenName]),ToLower([givenName]))", ("country", "ES"), ("givenName", "Marta"))
        );

    [Fact]
    public void An_error_is_the_last_step()
    {
        IReadOnlyList<ExpressionStep> steps = Explain("Append(\"x\", Left([a], [b]))", ("a", "abc"), ("b", "many"));
        Assert.Equal([("[a]", "abc"), ("[b]", "many")], steps.Take(2).Select(step => (step.Expression, step.Value)));
        Assert.Equal("Left: numChars must be an integer, but is other text (column 23).", steps[^1].Error);
    }

    [Fact]
    public void A_constant_is_a_step_of_its_own() => Assert.Equal([new ExpressionStep("\"x\"", "x")], Explain("\"x\""));

    private static IReadOnlyList<ExpressionStep> Explain(string text, params (string, object?)[] attributes)
    {
        var expression = MappingExpression.Parse(text);
        return expression.Explain(Subject.Object(new SourceLayout(expression.Attributes), attributes));
    }
}

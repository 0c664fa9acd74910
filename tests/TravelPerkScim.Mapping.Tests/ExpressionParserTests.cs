using TravelPerkScim.Mapping.Expressions;

namespace TravelPerkScim.Mapping.Tests;

public sealed class ExpressionParserTests
{
    [Theory]
    [InlineData("[a]", "[a]")]
    [InlineData(" Append( [a] ,\"x\" )\n", "Append([a], \"x\")")]
    [InlineData("Replace([a],\"<u>\", , , , , \"t\")", "Replace([a], \"<u>\", , , , , \"t\")")]
    [InlineData("F(,)", "F(, )")]
    [InlineData("Now( )", "Now()")]
    [InlineData("IIF([a] = 1, IgnoreAttributeFlow(), IgnoreObjectFlow)", "IIF([a] = 1, IgnoreAttributeFlow, IgnoreObjectFlow)")]
    [InlineData("\"a\\\"b\\\\c\\d\"", "\"a\\\"b\\\\c\\\\d\"")]
    [InlineData("BitAnd(&HF, &hf7)", "BitAnd(15, 247)")]
    [InlineData("Join(\"\", 1000, -2.50)", "Join(\"\", 1000, -2.50)")]
    [InlineData("IIF([a]<>\"x\",1,2)", "IIF([a] <> \"x\", 1, 2)")]
    [InlineData("CBool(([a]>=1)=True)", "CBool(([a] >= 1) = True)")]
    [InlineData("((([a])))", "[a]")]
    [InlineData("[phoneNumbers[type eq \"work\"].value]", "[phoneNumbers[type eq \"work\"].value]")]
    [InlineData("InStr([a], \"b\", , vbTextCompare)", "InStr([a], \"b\", , vbTextCompare)")]
    public void Prints_what_it_parses_in_canonical_form(string text, string canonical)
    {
        Assert.Equal(canonical, MappingExpression.Parse(text).ToString());
        Assert.Equal(canonical, MappingExpression.Parse(canonical).ToString());
    }

    [Theory]
    [InlineData("", 1, "found the end")]
    [InlineData("   ", 4, "found the end")]
    [InlineData("Append([a], \"b\"", 16, "closing parenthesis of Append")]
    [InlineData("Append([a] \"b\")", 12, "found a string")]
    [InlineData("Append([a, \"b\")", 8, "no closing bracket")]
    [InlineData("Append([], \"b\")", 8, "no attribute name")]
    [InlineData("Append([a], \"b)", 13, "no closing quote")]
    [InlineData("Append([a], 'b')", 13, "straight double quotes")]
    [InlineData("Append([a], “b”)", 13, "straight double quotes")]
    [InlineData("Append(givenName, \"b\")", 8, "[givenName]")]
    [InlineData("[a] [b]", 5, "the end of the expression")]
    [InlineData("IIF([a] = 1 = 2, 3, 4)", 13, "do not chain")]
    [InlineData("IIF([a]=\"x\" AND [b]=\"y\", 1, 2)", 13, "there is no AND or OR. Nest IIF calls")]
    [InlineData("IIF([a]=\"x\" or [b]=\"y\", 1, 2)", 13, "there is no AND or OR. Nest IIF calls")]
    [InlineData("IIF([employeeType]=\"Intern\",\"t-\" & [alias],[alias])", 34, "& does not join text here. Use Join or Append")]
    [InlineData("[a]&[b]", 4, "Use Join or Append")]
    [InlineData("[a] &Head([b])", 5, "Use Join or Append")]
    [InlineData("[a] &HEAD([b])", 5, "Use Join or Append")]
    [InlineData("IIF([a] = true, 1, 2)", 11, "The nearest word is True")]
    [InlineData("IIF([a] = 1, IgnoreAtributeFlow, 2)", 14, "The nearest word is IgnoreAttributeFlow")]
    [InlineData("BitAnd(&G, 1)", 8, "hexadecimal")]
    [InlineData("BitAnd(&H11112222333344445, 1)", 8, "1 to 16 hexadecimal digits")]
    [InlineData("Left([a], 99999999999999999999)", 11, "not a number that can be held")]
    [InlineData("Left([a], -)", 11, "not a number")]
    [InlineData("[a] + [b]", 5, "+ does not join text here. Use Join or Append")]
    [InlineData(")", 1, "found )")]
    public void Errors_point_at_the_column_and_say_what_was_expected(string text, int column, string expected)
    {
        MappingException e = Assert.Throws<MappingException>(() => MappingExpression.Parse(text));
        Assert.Equal(("ExpressionSyntax", column), (e.ErrorId, e.Column));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ten_thousand_characters_are_the_limit()
    {
        string constant = "\"" + new string('x', 9_998) + "\"";
        Assert.Equal(9_998, ((string)Subject.Evaluate(constant)!).Length);
        Assert.Equal("ExpressionTooLong", Assert.Throws<MappingException>(() => MappingExpression.Parse(constant + " ")).ErrorId);
    }

    [Theory]
    [InlineData("Not(", ")")]
    [InlineData("(", ")")]
    [InlineData("Append(\"\", ", ")")]
    public void A_hundred_levels_are_the_limit(string open, string close)
    {
        Assert.NotNull(Nested(100).Compile());
        MappingException e = Assert.Throws<MappingException>(() => Nested(101));
        Assert.Equal("ExpressionTooDeep", e.ErrorId);
        Assert.Equal(
            "ExpressionTooDeep",
            Assert.Throws<MappingException>(() => MappingExpression.Parse(string.Concat(Enumerable.Repeat(open, 900)))).ErrorId
        );

        MappingExpression Nested(int depth) =>
            MappingExpression.Parse(string.Concat(Enumerable.Repeat(open, depth)) + "[a]" + string.Concat(Enumerable.Repeat(close, depth)));
    }

    [Theory]
    [InlineData("Shorten([a])", "UnknownFunction", 1, "no such function")]
    [InlineData("Append(\"x\", iif([a], 1, 2))", "UnknownFunction", 13, "write IIF")]
    [InlineData("Left([a])", "WrongArgumentCount", 1, "Left(string, numChars)")]
    [InlineData("Left([a], 1, 2)", "WrongArgumentCount", 1, "found 3 arguments")]
    [InlineData("Left([a], )", "MissingArgument", 1, "numChars")]
    [InlineData("Switch([a], \"\", \"k\")", "WrongArgumentCount", 1, "found 3 arguments")]
    [InlineData("Switch([a], \"\", , \"v\")", "MissingArgument", 1, "key1")]
    [InlineData("Switch([a], \"\", \"k\", \"v\", , \"v\")", "MissingArgument", 1, "key2")]
    [InlineData("Left([a], \"two\")", "WrongArgumentType", 11, "numChars must be an integer, but is 'two'")]
    [InlineData("ToLower([a], \"xx-no-such\")", "UnknownCulture", 14, "culture")]
    public void Calls_are_checked_when_compiled(string text, string errorId, int column, string expected)
    {
        MappingException e = Assert.Throws<MappingException>(() => MappingExpression.Parse(text).Compile());
        Assert.Equal((errorId, column), (e.ErrorId, e.Column));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_that_does_not_fit_names_function_argument_and_column_but_not_the_value()
    {
        MappingException e = Subject.Fails("Append(\"x\", Left([a], [n]))", ("a", "abc"), ("n", "secret"));
        Assert.Equal(("WrongArgumentType", 23), (e.ErrorId, e.Column));
        Assert.Contains("Left: numChars must be an integer", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_expression_tells_which_attributes_it_reads() =>
        Assert.Equal(["mobile", "mail"], MappingExpression.Parse("Coalesce([mobile], [mobilePhone], Append([mail], [MAIL]))").Attributes);
}

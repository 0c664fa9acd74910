namespace TravelPerkScim.Mapping.Tests;

/// <summary>Cases of our own; the documented ones are in <see cref="DocumentedCases"/>.</summary>
public sealed class FunctionTests
{
    [Theory]
    [InlineData("Append([none], \".test\")", ".test")]
    [InlineData("Coalesce([none], , [empty], \"x\")", "")]
    [InlineData("Coalesce([none], [none])", null)]
    [InlineData("Count([none])", 0L)]
    [InlineData("Count([one])", 1L)]
    [InlineData("IIF([one] = \"1\", \"y\", \"n\")", "y")]
    [InlineData("IIF([number] > 9, \"y\", \"n\")", "y")]
    [InlineData("IIF([one] < 9, \"y\", \"n\")", "y")]
    [InlineData("IIF(\"10\" < \"9\", \"y\", \"n\")", "y")]
    [InlineData("IIF([truth] = \"TRUE\", \"y\", \"n\")", "y")]
    [InlineData("IIF([truth], \"y\", \"n\")", "y")]
    [InlineData("IIF([text] = \"ABC\", \"y\", \"n\")", "n")]
    [InlineData("IIF([none] <> \"x\", \"y\", \"n\")", "n")]
    [InlineData("IIF([empty] = \"\", \"y\", \"n\")", "n")]
    [InlineData("IIF(IsNullOrEmpty([none]), \"y\", \"n\")", "n")]
    [InlineData("IIF(IsPresent([text]), \"y\", \"n\")", "y")]
    [InlineData("IIF([text] = \"abc\", , \"n\")", null)]
    [InlineData("IsNull([none])", true)]
    [InlineData("IsNull([empty])", false)]
    [InlineData("IsNull(IgnoreFlowIfNullOrEmpty([empty]))", true)]
    [InlineData("IsPresent([empty])", false)]
    [InlineData("IsString([number])", false)]
    [InlineData("Item([list], 2)", "b")]
    [InlineData("Item([list], 4)", null)]
    [InlineData("Item([text], 1)", "abc")]
    [InlineData("Item([none], 1)", null)]
    [InlineData("Join(\"-\", [none], [empty])", "")]
    [InlineData("Join(\"-\", \"x\", [list], , [number])", "x-a-b-a-10")]
    [InlineData("Left([text], -1)", "abc")]
    [InlineData("Left([none], 1)", "")]
    [InlineData("Left([text], \"2\")", "ab")]
    [InlineData("Mid([text], 2, 9)", "bc")]
    [InlineData("Mid([text], 9, 1)", "")]
    [InlineData("Mid([none], 1, 1)", null)]
    [InlineData("Not([truth])", "False")]
    [InlineData("Not(\"true\")", "False")]
    [InlineData("Not([none])", "True")]
    [InlineData("Redact([text])", "abc")]
    [InlineData("StripSpaces([none])", null)]
    [InlineData("Switch([text], \"d\", \"ABC\", \"v\")", "d")]
    [InlineData("Switch([number], \"d\", \"10\", \"v\")", "v")]
    [InlineData("Switch([truth], \"d\", \"True\", \"v\")", "v")]
    [InlineData("Switch(IsPresent([none]), [none], IsPresent([empty]), \"e\", IsPresent([text]), \"t\")", "e")]
    [InlineData("Switch([text], , \"x\", \"v\")", null)]
    [InlineData("ToUpper(\"istanbul\", \"tr-TR\")", "İSTANBUL")]
    [InlineData("ToUpper(\"istanbul\")", "ISTANBUL")]
    [InlineData("ToLower([none])", null)]
    [InlineData("[one] = 1.0", true)]
    [InlineData("&HFFFFFFFFFFFFFFFF", -1L)]
    public void Gives(string expression, object? expected) => Assert.Equal(expected, Subject.Evaluate(expression,
        ("empty", ""), ("one", "1"), ("number", 10L), ("truth", true), ("text", "abc"), ("list", new[] { "a", "b", "a" })));

    [Theory]
    [InlineData("Split(\"a, ,b;c\", \",\")", new[] { "a", "b;c" })]
    [InlineData("Split(\"a--b\", \"--\")", new[] { "a", "b" })]
    [InlineData("RemoveDuplicates(Split(\"b,a,b\", \",\"))", new[] { "b", "a" })]
    public void Gives_lists(string expression, string[] expected) => Assert.Equal(expected, Assert.IsAssignableFrom<IEnumerable<object?>>(Subject.Evaluate(expression)));

    [Theory]
    [InlineData("Append([list], \"x\")", "WrongArgumentType", "a list of 3 values")]
    [InlineData("Mid(\"abc\", 0, 1)", "WrongArgumentValue", "1 or more")]
    [InlineData("Mid(\"abc\", 1, -1)", "WrongArgumentValue", "negative")]
    [InlineData("Item([list], 0)", "WrongArgumentValue", "1 or more")]
    [InlineData("Split(\"abc\", \"\")", "WrongArgumentValue", "empty")]
    [InlineData("IIF(\"maybe\", 1, 2)", "WrongArgumentType", "True or False")]
    public void Refuses(string expression, string errorId, string expected)
    {
        MappingException e = Subject.Fails(expression, ("list", new[] { "a", "b", "a" }));
        Assert.Equal(errorId, e.ErrorId);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void IgnoreFlow_gives_the_marker_for_nothing_and_the_value_for_something()
    {
        Assert.Same(IgnoredFlow.Instance, Subject.Evaluate("IgnoreFlowIfNullOrEmpty([a])"));
        Assert.Same(IgnoredFlow.Instance, Subject.Evaluate("IgnoreFlowIfNullOrEmpty(Split([a], \",\"))", ("a", ",")));
        Assert.Equal("x", Subject.Evaluate("IgnoreFlowIfNullOrEmpty([a])", ("a", "x")));
    }

    [Fact]
    public void References_and_dates_have_a_text()
    {
        Assert.Equal("77aa", Subject.Evaluate("Append([manager], \"\")", ("manager", new SourceReference("77aa"))));
        Assert.Equal("2020-01-31T22:30:00Z", Subject.Evaluate("Append([hired], \"\")", ("hired", new DateTimeOffset(2020, 2, 1, 0, 30, 0, TimeSpan.FromHours(2)))));
    }
}

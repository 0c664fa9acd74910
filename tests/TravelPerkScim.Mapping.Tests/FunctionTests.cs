using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Tests;

/// <summary>Cases of our own; the documented ones are in <see cref="DocumentedCases"/>. Dates are in
/// <see cref="DateFunctionTests"/>.</summary>
public sealed class FunctionTests
{
    [Theory]
    [InlineData("Append([none], \".test\")", ".test")]
    [InlineData("AppRoleAssignments([none])", null)]
    [InlineData("BitAnd(\"12\", 10)", 8L)]
    [InlineData("CStr(CRef(\"CN=Joe\"))", "CN=Joe")]
    [InlineData("CRef([none])", null)]
    [InlineData("ConvertFromBase64(\"SABlAGwAbABvACAAdwBvAHIAbABkACEA\")", "Hello world!")]
    [InlineData("ConvertFromBase64(\"SGVsbG8gd29ybGQh\", UTF8)", "Hello world!")]
    [InlineData("ConvertFromBase64(\"SGVsbG8gd29ybGQh\", ASCII)", "Hello world!")]
    [InlineData("ConvertFromBase64(\"w7E=\", \"UTF8\")", "ñ")]
    [InlineData("ConvertFromBase64(ConvertToBase64(\"Zoë 😀\"), Unicode)", "Zoë 😀")]
    [InlineData("ConvertFromBase64([empty])", "")]
    [InlineData("ConvertFromBase64([none], UTF8)", null)]
    [InlineData("DNComponent(CRef(\"cn=Joe,ou=Staff,dc=contoso\"), 1)", "Joe")]
    [InlineData("DNComponent(\"cn=Joe, ou=Staff ,dc=contoso\", 2)", "Staff")]
    [InlineData("DNComponent(\"cn=Joe\", 2)", null)]
    [InlineData("DNComponent(\"CN=Berg\\\\, Anna,OU=Staff\", 1)", "Berg, Anna")]
    [InlineData("DNComponent(\"CN=\\\"Berg, Anna\\\",OU=Staff\", 1)", "Berg, Anna")]
    [InlineData("DNComponent(\"CN=Zo\\\\C3\\\\AB\\\\2C😀\\\\ ,OU=Staff\", 1)", "Zoë,😀 ")]
    [InlineData("DNComponent(\"CN=Joe+UID=7;OU=Staff\", 1)", "Joe")]
    [InlineData("DNComponent(\"CN=Joe+UID=7;OU=Staff\", 2)", "Staff")]
    [InlineData("DNComponent([none], 1)", null)]
    [InlineData("DNComponent([empty], 1)", null)]
    [InlineData("StringFromSID(\"AQUAAAAAAAUVAAAAoGXPfnhLm1/nfIdwUAQAAA==\")", "S-1-5-21-2127521184-1604012920-1887927527-1104")]
    [InlineData("StringFromSid(\"AQEAAAAAAAUSAAAA\")", "S-1-5-18")]
    [InlineData("StringFromSID(\"S-1-5-18\")", "S-1-5-18")]
    [InlineData("StringFromSID([none])", null)]
    [InlineData("StringFromSID([empty])", "")]
    [InlineData("Prepend(\"t-\", [text])", "t-abc")]
    [InlineData("Prepend(\"t-\", [none])", "t-")]
    [InlineData("IsNothing([none])", true)]
    [InlineData("IsNothing([empty])", false)]
    [InlineData("IsNothing([text])", false)]
    [InlineData("Trim(\" \t Test \")", "Test")]
    [InlineData("Trim([none])", null)]
    [InlineData("Trim([number])", "10")]
    [InlineData("Coalesce([text], Error(\"x\"))", "abc")]
    [InlineData("IIF(IsPresent([text]), [text], IgnoreObjectFlow)", "abc")]
    [InlineData("BitAnd([none], 1)", null)]
    [InlineData("CBool(0)", false)]
    [InlineData("CBool(-1)", true)]
    [InlineData("CBool([truth])", true)]
    [InlineData("CBool([none])", false)]
    [InlineData("CBool(\"no\")", false)]
    [InlineData("CBool([none] = [none])", false)]
    [InlineData("CBool([none] <> \"x\")", false)]
    [InlineData("CBool([text] <> \"x\")", true)]
    [InlineData("CStr([number])", "10")]
    [InlineData("CStr([truth])", "True")]
    [InlineData("CStr([none])", null)]
    [InlineData("Coalesce([none], , [empty], \"x\")", "")]
    [InlineData("ConvertToBase64([empty])", "")]
    [InlineData("ConvertToUTF8Hex(\"ñ\")", "C3B1")]
    [InlineData("InStr(\"repEated\", \"E\", , vbTextCompare)", 2L)]
    [InlineData("InStr(\"repEated\", \"E\")", 4L)]
    [InlineData("InStr(\"repEated\", \"e\", 8)", 0L)]
    [InlineData("InStr(\"abc\", \"\", 2)", 2L)]
    [InlineData("InStr([none], \"e\")", 0L)]
    [InlineData("NormalizeDiacritics(\"Åse Ærøskøbing Łódź Straße ĳ Ḗ ạ́\")", "Ase AEroeskoebing Lodz Strasse ĳ E a")]
    [InlineData("NormalizeDiacritics(\"ИЙ が œ̄ ī́ İı\")", "ИЙ が oe i Ii")]
    [InlineData("NormalizeDiacritics([none])", null)]
    [InlineData("PCase(\"jean-luc O'NEIL\", \" \")", "Jean-luc O'neil")]
    [InlineData("PCase([none])", null)]
    [InlineData("Replace(\"a.b.c\", \".\", , , \"\", , )", "abc")]
    [InlineData("Replace(\"aAa\", \"a\", , , \"b\", , )", "bAb")]
    [InlineData("Replace(\"abc\", \"\", , , \"x\", , )", "abc")]
    [InlineData("Replace([none], \"a\", , , \"b\", , )", null)]
    [InlineData("Replace([none], \"<u>\", , , , , \"<u>@contoso.com\")", null)]
    [InlineData("Replace(\"2024-05-31\", , \"(\\d+)-(\\d+)-(\\d+)\", , \"$3/$2/$1\", , )", "31/05/2024")]
    [InlineData("Replace(\"a1b2\", , \"(?<letter>[a-z])\\d\", \"letter\", \"x\", , )", "x1x2")]
    [InlineData("Replace(\"abc\", , \"x(?<g>y)\", \"g\", , \"xy\", )", "abc")]
    [InlineData("Replace([empty], , \"x(?<g>y)\", \"g\", , \"none\", )", null)]
    [InlineData("Replace(\"ab\", , \"(?<!a)b\", , \"x\", , )", "ab")]
    [InlineData("Replace(\"İI\", , \"(?i)i\", , \"x\", , )", "İx")]
    [InlineData("SingleAppRoleAssignment([one])", "1")]
    [InlineData("SingleAppRoleAssignment([none])", null)]
    [InlineData("Word(\"a b\", 3, \" \")", "")]
    [InlineData("Word(\"a b\", 0, \" \")", "")]
    [InlineData("Word([none], 1, \" \")", "")]
    [InlineData("Word(\"a b\", 1, \"\")", "a b")]
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
    public void A_function_gives_the_expected_value(string expression, object? expected) =>
        Assert.Equal(
            expected,
            Subject.Evaluate(
                expression,
                ("empty", ""),
                ("one", "1"),
                ("number", 10L),
                ("truth", true),
                ("text", "abc"),
                ("list", new[] { "a", "b", "a" })
            )
        );

    [Theory]
    [InlineData("Split(\"a, ,b;c\", \",\")", new[] { "a", "b;c" })]
    [InlineData("AppRoleAssignments([list])", new[] { "a", "b", "a" })]
    [InlineData(
        "AppRoleAssignmentsComplex(Item([list], 1))",
        new[] { "{\"primary\":false,\"type\":\"WindowsAzureActiveDirectoryRole\",\"display\":\"a\",\"value\":\"a\"}" }
    )]
    [InlineData("Split(\"a--b\", \"--\")", new[] { "a", "b" })]
    [InlineData("Trim([blanks])", new[] { "a", "b c" })]
    [InlineData("RemoveDuplicates(Split(\"b,a,b\", \",\"))", new[] { "b", "a" })]
    public void A_function_gives_the_expected_list(string expression, string[] expected)
    {
        object? value = Subject.Evaluate(expression, ("list", new[] { "a", "b", "a" }), ("blanks", new[] { " a", "b c\t" }));
        Assert.Equal(expected, Assert.IsAssignableFrom<IEnumerable<object?>>(value));
    }

    [Theory]
    [InlineData("SingleAppRoleAssignment([list])", "SeveralAppRoles", "the user has 2 roles")]
    [InlineData("ConvertFromBase64(\"a\")", "WrongArgumentValue", "Base64")]
    [InlineData("ConvertFromBase64(\"/w==\", UTF8)", "WrongArgumentValue", "in the encoding named")]
    [InlineData("ConvertFromBase64(\"/w==\", ASCII)", "WrongArgumentValue", "in the encoding named")]
    [InlineData("ConvertFromBase64(\"ANg=\")", "WrongArgumentValue", "in the encoding named")]
    [InlineData("ConvertFromBase64(\"YQ==\", \"Latin1\")", "WrongArgumentValue", "must be Unicode, UTF8 or ASCII, but is 'Latin1'")]
    [InlineData("DNComponent(\"Joe\", 1)", "WrongArgumentValue", "distinguished name")]
    [InlineData("DNComponent(\"cn=Joe\", 0)", "WrongArgumentValue", "1 or more")]
    [InlineData("StringFromSID(\"AQEAAAAAAAUS\")", "WrongArgumentValue", "security identifier")]
    [InlineData("StringFromSID(\"x\")", "WrongArgumentValue", "security identifier")]
    [InlineData("Error(\"AccountName is required\")", "ExpressionError", "AccountName is required")]
    [InlineData("Error([none])", "ExpressionError", "without a text")]
    [InlineData("Coalesce([none], IgnoreObjectFlow)", "ObjectFlowIgnored", "leaves the user alone in this cycle")]
    [InlineData("Append(IgnoreObjectFlow, \"x\")", "ObjectFlowIgnored", "column 8")]
    [InlineData("Tirm([list])", "UnknownFunction", "The nearest name is 'Trim'")]
    [InlineData("Upper([list])", "UnknownFunction", "The nearest name is 'ToUpper'")]
    [InlineData("JOIN([list])", "UnknownFunction", "case-sensitive: write Join")]
    [InlineData("Reverse([list])", "UnknownFunction", "about_TravelPerkScim_Expressions lists them")]
    [InlineData("FormatDateTime(\"2024-05-31\", , , )", "MissingArgument", "outputFormat")]
    [InlineData("FormatDateTime(\"2024-05-31\", , )", "MissingArgument", "outputFormat")]
    [InlineData("Append([list], \"x\")", "WrongArgumentType", "a list of 3 values")]
    [InlineData("BitAnd(\"x\", 1)", "WrongArgumentType", "value1 must be an integer")]
    [InlineData("DefaultDomain()", "FunctionNotAvailable", "Write it as a string")]
    [InlineData("Append(SelectUniqueValue(\"a\", \"b\"), \"c\")", "NotAtTopLevel", "outermost")]
    [InlineData("SelectUniqueValue(\"a\")", "WrongArgumentCount", "found 1 argument")]
    [InlineData("InStr(\"a\", \"b\", 0)", "WrongArgumentValue", "1 or more")]
    [InlineData("InStr(\"a\", \"b\", 1, \"loosely\")", "WrongArgumentValue", "vbTextCompare")]
    [InlineData("Replace([list], \"a\")", "MissingArgument", "oldValue with replacementValue")]
    [InlineData("Replace(\"a\", , \"(\", , \"b\")", "InvalidPattern", "not valid")]
    [InlineData("Replace(\"a\", , \"(?<g>a)\", \"h\", \"b\")", "WrongArgumentValue", "group of regexPattern, but is 'h'")]
    [InlineData("RandomString(3, 2, 2, 0, 0)", "WrongArgumentValue", "sum of the minimums")]
    [InlineData("RandomString(257, 0, 0, 0, 0)", "WrongArgumentValue", "0 to 256")]
    [InlineData("RandomString(1, 1, 0, 0, 0, \"0123456789\")", "WrongArgumentValue", "no character")]
    [InlineData("Mid(\"abc\", 0, 1)", "WrongArgumentValue", "1 or more")]
    [InlineData("Mid(\"abc\", 1, -1)", "WrongArgumentValue", "negative")]
    [InlineData("Item([list], 0)", "WrongArgumentValue", "1 or more")]
    [InlineData("Split(\"abc\", \"\")", "WrongArgumentValue", "empty")]
    [InlineData("IIF(\"maybe\", 1, 2)", "WrongArgumentType", "True or False")]
    public void A_function_refuses_a_wrong_argument(string expression, string errorId, string expected)
    {
        MappingException e = Subject.Fails(expression, ("list", new[] { "a", "b", "a" }));
        Assert.Equal(errorId, e.ErrorId);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void IgnoreFlow_gives_the_marker_for_nothing_and_the_value_for_something()
    {
        Assert.Same(IgnoredFlow.Instance, Subject.Evaluate("IgnoreAttributeFlow"));
        Assert.Same(IgnoredFlow.Instance, Subject.Evaluate("IgnoreAttributeFlow()"));
        Assert.Same(IgnoredFlow.Instance, Subject.Evaluate("Coalesce([a], IgnoreAttributeFlow)"));
        Assert.Equal("x", Subject.Evaluate("Coalesce(IgnoreAttributeFlow, [a])", ("a", "x")));
        Assert.Same(IgnoredFlow.Instance, Subject.Evaluate("IgnoreFlowIfNullOrEmpty([a])"));
        Assert.Same(IgnoredFlow.Instance, Subject.Evaluate("IgnoreFlowIfNullOrEmpty(Split([a], \",\"))", ("a", ",")));
        Assert.Equal("x", Subject.Evaluate("IgnoreFlowIfNullOrEmpty([a])", ("a", "x")));
    }

    [Fact]
    public void Values_of_every_type_have_a_text()
    {
        Assert.Equal("7", Subject.Evaluate("CStr([n])", ("n", 7)));
        Assert.Equal("1.25", Subject.Evaluate("CStr([n])", ("n", 1.25m)));
        Assert.Equal(
            "2020-01-31T00:00:00",
            Subject.Evaluate("CStr([d])", ("d", new DateTime(2020, 1, 31, 0, 0, 0, DateTimeKind.Unspecified)))
        );
        Assert.Equal("77aa", Subject.Evaluate("Append([manager], \"\")", ("manager", new SourceReference("77aa"))));
        Assert.Equal(
            "2020-01-31T22:30:00Z",
            Subject.Evaluate("Append([hired], \"\")", ("hired", new DateTimeOffset(2020, 2, 1, 0, 30, 0, TimeSpan.FromHours(2))))
        );
    }

    [Fact]
    public void RandomString_keeps_its_minimums_and_differs_each_time()
    {
        var seen = new HashSet<string>();
        for (int i = 0; i < 200; i++)
        {
            string value = (string)Subject.Evaluate("RandomString(10, 2, 2, 2, 1, \"?,\")")!;
            Assert.Equal(10, value.Length);
            Assert.True(
                value.Count(char.IsAsciiDigit) >= 2 && value.Count(char.IsAsciiLetterUpper) >= 2 && value.Any(char.IsAsciiLetterLower),
                value
            );
            Assert.True(
                value.Count(c => !char.IsAsciiLetterOrDigit(c)) >= 2
                    && !value.Contains('?', StringComparison.Ordinal)
                    && !value.Contains(',', StringComparison.Ordinal),
                value
            );
            Assert.Matches("^[0-9a-z]{6}$", (string)Subject.Evaluate("RandomString(6,3,0,0,3)")!);
            seen.Add(value);
        }

        Assert.Equal(200, seen.Count);
    }

    [Fact]
    public void Guid_is_a_version_4_GUID_and_another_one_each_time()
    {
        string first = (string)Subject.Evaluate("Guid()")!;
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", first);
        Assert.NotEqual(first, Subject.Evaluate("Guid()"));
    }
}

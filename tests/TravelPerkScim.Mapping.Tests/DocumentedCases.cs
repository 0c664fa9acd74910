using System.Globalization;
using System.Text.Json;
using TravelPerkScim.Mapping.Expressions;

namespace TravelPerkScim.Mapping.Tests;

/// <summary>
/// Every case with a result in Entra's "Reference for writing expressions for attribute mappings",
/// and cases of Entra's guides, of exported schemas and of the community.
/// </summary>
public sealed class DocumentedCases
{
    private static readonly JsonElement[] s_cases = [.. Read("entra-expression-vectors.json"), .. Read("entra-expression-vectors-2.json")];

    public static TheoryData<int, string> Cases()
    {
        var data = new TheoryData<int, string>();
        foreach ((int index, JsonElement item) in s_cases.Index())
            data.Add(index, item.GetProperty("expression").GetString()!);
        return data;
    }

    private static JsonElement.ArrayEnumerator Read(string file) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Data", file))).RootElement.EnumerateArray();

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_expressions_in_the_vectors_files_give_the_documented_results(int index, string expression)
    {
        foreach (string culture in (string[])["", "tr-TR", "de-DE"])
        {
            Subject.Under(
                culture,
                () =>
                {
                    (string, object?)[] attributes =
                    [
                        .. s_cases[index].GetProperty("attributes").EnumerateObject().Select(member => (member.Name, Value(member.Value))),
                    ];
                    AssertEqual(s_cases[index].GetProperty("expect"), Subject.Evaluate(expression, attributes));
                }
            );
        }
    }

    [Theory]
    [InlineData("CDate(\"2021-06-30+08:00\")", "6/29/2021 4:00:00 PM")]
    [InlineData("DateAdd(\"ww\", 2, CDate(\"2012-03-16-07:00\"))", "3/30/2012 7:00:00 AM")]
    [InlineData("DateAdd(\"yyyy\", 2, CDate(\"2012-03-16-07:00\"))", "3/16/2014 7:00:00 AM")]
    [InlineData("DateDiff(\"ww\", CDate(\"8/25/2021 5:41:18 PM\"), CDate(\"2012-03-16-07:00\"))", -493L)]
    [InlineData("DateDiff(\"yyyy\", CDate(\"8/25/2021 5:41:18 PM\"), CDate(\"2012-03-16-07:00\"))", -9L)]
    [InlineData("DateDiff(\"d\", CDate(\"2021-08-31+08:00\"), CDate(\"2021-08-31+08:00\"))", 0L)]
    [InlineData("DateDiff(\"s\", \"2021-08-24\", \"2021-08-25\")", 86400L)]
    [InlineData("DateFromNum(129699324000000000)", "1/1/2012 11:00:00 PM")]
    [InlineData("IIF([country]=\"USA\",IIF([state]=\"CA\",\"True\",\"False\"),\"False\")", "True")]
    [InlineData("IIF(IsNullOrEmpty([none]),\"Other\",[none])", null)]
    [InlineData("IIF(IsPresent([none]),[none],\"Other\")", "Other")]
    [InlineData(
        "NumFromDate(Join(\"\", FormatDateTime(\"2020-12-31-08:00\", ,\"yyyy-MM-ddzzz\", \"yyyy-MM-dd\"), \" 23:59:59-08:00\"))",
        132539615990000000L
    )]
    [InlineData(
        "NumFromDate(Join(\"\",FormatDateTime(\"12/31/2020 11:00:00 PM\", ,\"M/d/yyyy hh:mm:ss tt\",\"yyyy-MM-dd\"),\" 23:59:59-08:00\"))",
        132539615990000000L
    )]
    [InlineData("PCase(Join(\" \",\"GREGORY\",\"JAMES\"))", "Gregory James")]
    [InlineData("Replace(\"545 Tremont Street\", ,\"(?<streetNumber>^\\\\d*)\",\"streetNumber\", \"888\", , )", "888 Tremont Street")]
    [InlineData(
        "Replace([empty], , \"\\\\+(?<isdCode>\\\\d* )(?<phoneNumber>\\\\d{10})\", \"phoneNumber\" , , \"+91 8887779999\", )",
        "8887779999"
    )]
    [InlineData("Replace(\"john.doe@contoso.com\", \"@contoso.com\", , ,\"\", ,)", "john.doe")]
    [InlineData("SelectUniqueValue(Join(\"@\", Join(\".\", \"John\", \"Smith\"), \"contoso.com\"), \"x\")", "John.Smith@contoso.com")]
    [InlineData("Switch(ToLower(\"TRUE\"), \"0\", \"true\", \"1\", \"false\", \"0\")", "1")]
    [InlineData("Switch([empty], \"Default Value\", \"true\", \"1\", \"\", \"0\")", "0")]
    [InlineData(
        "Switch(\"1\", , \"1\", IIF(DateDiff(\"d\", \"2024-01-01\", CDate(\"2024-01-09\")) > 5, \"False\", \"True\"), \"0\", \"False\")",
        "False"
    )]
    public void The_expressions_in_the_text_of_the_reference_give_the_documented_results(string expression, object? expected) =>
        Assert.Equal(expected, Subject.Evaluate(expression, ("country", "USA"), ("state", "CA"), ("empty", "")));

    private static object? Value(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
            JsonValueKind.Array => value.EnumerateArray().Select(item => item.GetString()).ToArray(),
            _ => value.GetString(),
        };

    private static void AssertEqual(JsonElement expected, object? actual)
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.Null:
                Assert.Null(actual);
                break;
            case JsonValueKind.Object:
                Assert.Same(IgnoredFlow.Instance, actual);
                break;
            case JsonValueKind.Array:
                Assert.Equal(
                    expected.EnumerateArray().Select(item => item.GetString()),
                    Assert.IsAssignableFrom<IEnumerable<object?>>(actual)
                );
                break;
            case JsonValueKind.Number:
                Assert.Equal(expected.GetInt64(), Convert.ToInt64(actual, CultureInfo.InvariantCulture));
                break;
            case JsonValueKind.String:
                Assert.Equal(expected.GetString(), actual);
                break;
            default:
                Assert.Equal(expected.GetBoolean(), actual);
                break;
        }
    }
}

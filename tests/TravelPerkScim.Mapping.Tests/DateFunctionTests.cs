using Microsoft.Extensions.Time.Testing;
using TravelPerkScim.Mapping.Expressions;

namespace TravelPerkScim.Mapping.Tests;

public sealed class DateFunctionTests
{
    [Theory]
    [InlineData("CDate([none])", null)]
    [InlineData("CDate([empty])", null)]
    [InlineData("CDate([moment])", "1/31/2020 10:30:00 PM")]
    [InlineData("CDate(\"2020-01-31\")", "1/31/2020 12:00:00 AM")]
    [InlineData("CDate(\"2020-01-31Z\")", "1/31/2020 12:00:00 AM")]
    [InlineData("CDate(\"31 January 2020 13:05\")", "1/31/2020 1:05:00 PM")]
    [InlineData("CDate(\"10:30\")", "1/1/0001 10:30:00 AM")]
    [InlineData("DateAdd(\"m\", 1, \"2024-01-31\")", "2/29/2024 12:00:00 AM")]
    [InlineData("DateAdd(\"h\", -25, \"2024-03-01\")", "2/28/2024 11:00:00 PM")]
    [InlineData("DateAdd(\"n\", 1, \"2024-03-01\")", "3/1/2024 12:01:00 AM")]
    [InlineData("DateAdd(\"s\", \"90\", \"2024-03-01\")", "3/1/2024 12:01:30 AM")]
    [InlineData("DateAdd(\"d\", 1, [none])", null)]
    [InlineData("DateDiff(\"yyyy\", \"2023-12-31\", \"2024-01-01\")", 1L)]
    [InlineData("DateDiff(\"m\", \"2024-01-31\", \"2024-02-01\")", 1L)]
    [InlineData("DateDiff(\"d\", \"2024-01-01T23:00Z\", \"2024-01-02T22:00Z\")", 0L)]
    [InlineData("DateDiff(\"ww\", \"2024-01-06\", \"2024-01-07\")", 1L)]
    [InlineData("DateDiff(\"d\", [none], \"2024-01-07\")", null)]
    [InlineData("DateFromNum([none])", null)]
    [InlineData("DateFromNum(NumFromDate(\"2024-05-31T08:00:00+02:00\"))", "5/31/2024 6:00:00 AM")]
    [InlineData("FormatDateTime([none], , \"yyyy\", \"yyyy\")", null)]
    [InlineData("FormatDateTime(\"31.05.2024\", \"dd.MM.yyyy\", \"yyyy/MM/dd\")", "2024/05/31")]
    [InlineData("FormatDateTime(\" 31.05.2024 \", , \"dd.MM.yyyy\", \"d MMMM yyyy\")", "31 May 2024")]
    [InlineData(
        "FormatDateTime(\"2024-05-31 23:00 -02:00\", \"AssumeLocal, AdjustToUniversal\", \"yyyy-MM-dd HH:mm zzz\", \"yyyy-MM-dd HH:mm\")",
        "2024-06-01 01:00"
    )]
    [InlineData("FormatDateTime(\"2024-05-31 23:00\", \"DateTimeStyles.AssumeLocal\", \"yyyy-MM-dd HH:mm\", \"HH:mm K\")", "23:00 Z")]
    [InlineData("FormatDateTime(CDate(\"2024-05-31\"), , \"M/d/yyyy h:mm:ss tt\", \"yyyy-MM-dd\")", "2024-05-31")]
    [InlineData("FormatDateTime([moment], , \"yyyy-MM-ddTHH:mm:ssZ\", \"dd/MM\")", "31/01")]
    [InlineData("FormatDateTime([moment], , , \"dd/MM\")", "31/01")]
    [InlineData("FormatDateTime([moment], , \"yyyy-MM-dd\", \"dd/MM\")", "31/01")]
    [InlineData("FormatDateTime(CDate(\"2024-05-31\"), , , \"yyyy\")", "2024")]
    [InlineData("FormatDateTime(CDate(\"2024-05-31\"), , \"\", \"yyyy\")", "2024")]
    [InlineData("FormatDateTime(\"2024-05-31\", , \"dd.MM.yyyy\")", "31.05.2024")]
    [InlineData("FormatDateTime(DateAdd(\"yyyy\", 5, CDate(\"2025-01-15\")), , \"yyyy-MM-dd\", \"yyyy-MM-dd\")", "2030-01-15")]
    [InlineData("FormatDateTime([none], , , \"yyyy\")", null)]
    [InlineData("FormatDateTime([empty], , , \"yyyy\")", null)]
    public void A_date_function_gives_the_expected_value(string expression, object? expected)
    {
        foreach (string culture in (string[])["", "tr-TR", "de-DE", "ar-SA"])
        {
            Subject.Under(
                culture,
                () =>
                    Assert.Equal(
                        expected,
                        Subject.Evaluate(
                            expression,
                            ("empty", ""),
                            ("moment", new DateTimeOffset(2020, 2, 1, 0, 30, 0, TimeSpan.FromHours(2)))
                        )
                    )
            );
        }
    }

    [Theory]
    [InlineData("CDate(\"yesterday\")", "expression must be a date such as", "'yesterday'")]
    [InlineData("DateAdd(\"q\", 1, \"2024-01-01\")", "yyyy, m, d, ww, h, n or s", "'q'")]
    [InlineData("DateAdd([none], 1, \"2024-01-01\")", "yyyy, m, d, ww, h, n or s", "missing")]
    [InlineData("DateAdd(\"yyyy\", 9000, \"2024-01-01\")", "out of the years", "'9000'")]
    [InlineData("DateAdd(\"d\", 9223372036854775807, \"2024-01-01\")", "out of the years", "")]
    [InlineData("DateAdd(\"m\", -9223372036854775807, \"2024-01-01\")", "out of the years", "")]
    [InlineData("DateFromNum(9223372036854775807)", "between the years 1601 and 9999", "")]
    [InlineData("DateFromNum(-1)", "between the years 1601 and 9999", "")]
    [InlineData("NumFromDate(\"1600-12-31\")", "before 1601", "")]
    [InlineData("FormatDateTime(\"x\", , , \"yyyy\")", "must be a date such as", "'x'")]
    [InlineData("FormatDateTime(\"x\", , \"yyyy\", \"yyyy\")", "must have the format 'yyyy'", "")]
    [InlineData("FormatDateTime(\"x\", , \"5.1\", \"yyyy\")", "must have the format '5.1'", "")]
    [InlineData("FormatDateTime(\"2024\", , \"yyyy\", \"%\")", ".NET date format", "'%'")]
    [InlineData("FormatDateTime(\"2024\", \"Loose\", \"yyyy\", \"yyyy\")", "DateTimeStyles", "'Loose'")]
    public void A_date_function_refuses_a_wrong_argument(string expression, string rule, string found)
    {
        MappingException e = Subject.Fails(expression);
        Assert.Contains(rule, e.Message, StringComparison.Ordinal);
        Assert.Contains(found, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Now_is_the_clock_that_was_given_in_UTC()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2021, 7, 2, 17, 33, 38, TimeSpan.FromHours(2)));
        CompiledExpression now = MappingExpression.Parse("Now()").Compile(timeProvider: clock);
        Assert.Equal("7/2/2021 3:33:38 PM", now.Evaluate(Subject.Object(now.Layout)));
        clock.Advance(TimeSpan.FromHours(12));
        Assert.Equal("7/3/2021 3:33:38 AM", now.Evaluate(Subject.Object(now.Layout)));
    }

    [Theory]
    [InlineData("Append([a], Now())", true)]
    [InlineData("Guid()", true)]
    [InlineData("RandomString(6,3,0,0,3)", true)]
    [InlineData("CDate([a])", false)]
    public void An_expression_that_depends_on_time_or_chance_is_volatile(string expression, bool expected) =>
        Assert.Equal(expected, MappingExpression.Parse(expression).Volatile);
}

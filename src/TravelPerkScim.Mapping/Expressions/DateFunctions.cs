using System.Globalization;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>Dates. They pass from function to function as text, <c>M/d/yyyy h:mm:ss tt</c> in UTC.</summary>
internal static class DateFunctions
{
    private const DateTimeStyles DefaultStyles =
        DateTimeStyles.RoundtripKind | DateTimeStyles.AllowLeadingWhite | DateTimeStyles.AllowTrailingWhite;

    public static ExpressionFunction[] All { get; } =
    [
        new(
            "CDate(expression)",
            "A date in UTC as M/d/yyyy h:mm:ss tt.",
            call =>
            {
                Func<SourceObject, DateTimeOffset?> date = call.Date(0);
                return source => date(source) is { } moment ? DateText.Format(moment) : null;
            }
        ),
        new("DateAdd(interval, value, dateTime)", "A date moved by yyyy, m, d, ww, h, n (minutes) or s.", Add),
        new("DateDiff(interval, date1, date2)", "date2 minus date1 in yyyy, m, d, ww, h, n (minutes) or s.", Difference),
        new("DateFromNum(value)", "The date of an Active Directory file time.", FromNumber),
        new("FormatDateTime(source, dateTimeStyles?, inputFormat?, outputFormat?)", "A date from one format in another.", Format)
        {
            MinArguments = 3,
        },
        new("Now()", "The current moment in UTC.", call => _ => DateText.Format(call.Compiler.TimeProvider.GetUtcNow()))
        {
            Volatile = true,
        },
        new("NumFromDate(value)", "The Active Directory file time of an ISO 8601 date.", ToNumber),
    ];

    private static Evaluator Add(FunctionCall call)
    {
        Func<SourceObject, DateInterval> interval = call.Meaning(0, name => Interval(call, name));
        Func<SourceObject, long?> value = call.Integer(1);
        Func<SourceObject, DateTimeOffset?> date = call.Date(2);
        return source =>
        {
            if (date(source) is not { } moment || value(source) is not { } count)
                return null;
            try
            {
                return DateText.Format(interval(source).Add(moment, count));
            }
            catch (Exception e) when (e is ArgumentOutOfRangeException or OverflowException)
            {
                throw call.Wrong(1, "moves the date out of the years 1 to 9999", count, "WrongArgumentValue");
            }
        };
    }

    private static Evaluator Difference(FunctionCall call)
    {
        Func<SourceObject, DateInterval> interval = call.Meaning(0, name => Interval(call, name));
        Func<SourceObject, DateTimeOffset?> first = call.Date(1),
            second = call.Date(2);
        return source =>
        {
            if (first(source)?.UtcDateTime is not { } from || second(source)?.UtcDateTime is not { } to)
                return null;
            return interval(source).Between(from, to);
        };
    }

    private static DateInterval Interval(FunctionCall call, string? name) =>
        DateInterval.Find(name) ?? throw call.Wrong(0, "must be yyyy, m, d, ww, h, n or s", name, "WrongArgumentValue");

    private static Evaluator FromNumber(FunctionCall call)
    {
        Func<SourceObject, long?> value = call.Integer(0);
        return source =>
        {
            if (value(source) is not { } ticks)
                return null;
            try
            {
                return DateText.Format(DateTimeOffset.FromFileTime(ticks));
            }
            catch (ArgumentOutOfRangeException)
            {
                throw call.Wrong(0, "must be a file time between the years 1601 and 9999", ticks, "WrongArgumentValue");
            }
        };
    }

    private static Evaluator ToNumber(FunctionCall call)
    {
        Func<SourceObject, DateTimeOffset?> date = call.Date(0);
        return source =>
            date(source) switch
            {
                null => null,
                { Year: < 1601 } moment => throw call.Wrong(0, "must not be before 1601", moment, "WrongArgumentValue"),
                { } moment => moment.ToFileTime(),
            };
    }

    private static Evaluator Format(FunctionCall call)
    {
        // Graph's list of functions has the call without styles; the reference has it with them.
        int input = call.Count == 3 ? 1 : 2;
        if (!call.Has(input + 1))
            throw call.Fail("MissingArgument", "outputFormat must not be left empty");
        Evaluator value = call.Any(0);
        Func<SourceObject, string?> inputFormat = call.Text(input),
            outputFormat = call.Text(input + 1);
        DateTimeStyles styles = input == 2 && call.Has(1) ? Styles(call) : DefaultStyles;
        // The result of a date function is a date, whatever format the call expects. So is the date of a source attribute.
        bool computed = call.FunctionOf(0) is "CDate" or "DateAdd" or "DateFromNum" or "Now";
        if (call.TryConstant(input + 1, out _))
            Write(default, null!);
        return source => Read(source) is { } moment ? Write(moment, source) : null;

        DateTimeOffset? Read(SourceObject source)
        {
            object? found = value(source);
            if (found is DateTimeOffset known)
                return known;
            if (call.TextOf(0, found) is not { Length: > 0 } text)
                return null;
            string? format = computed ? null : inputFormat(source);
            if (string.IsNullOrEmpty(format))
                return call.DateOf(0, text);
            return DateText.TryParseExact(text, format, styles, out DateTimeOffset moment)
                ? moment
                : throw call.Wrong(0, $"must have the format '{format}'", text, "WrongArgumentValue");
        }

        string Write(DateTimeOffset moment, SourceObject source)
        {
            string? format = outputFormat(source);
            try
            {
                return call.Bounded(moment.UtcDateTime.ToString(format, CultureInfo.InvariantCulture));
            }
            catch (FormatException)
            {
                throw call.Wrong(input + 1, "must be a .NET date format", format, "WrongArgumentValue");
            }
        }
    }

    private static DateTimeStyles Styles(FunctionCall call)
    {
        if (!call.TryConstant(1, out object? value))
            throw call.Wrong(1, "must be a constant", value);
        string? text = value?.ToString()?.Replace("DateTimeStyles.", "", StringComparison.Ordinal);
        if (string.IsNullOrEmpty(text))
            return DefaultStyles;
        if (Enum.TryParse(text, out DateTimeStyles styles))
            return styles;
        throw call.Wrong(1, "must hold names of .NET DateTimeStyles", value, "WrongArgumentValue");
    }
}

using System.Globalization;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>Dates as the language writes and reads them. A date without an offset is UTC.</summary>
internal static class DateText
{
    private const DateTimeStyles Utc =
        DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal | DateTimeStyles.NoCurrentDateDefault;

    private static readonly string[] s_dateWithOffset = ["yyyy-MM-ddzzz", "yyyy-MM-dd'Z'"];

    /// <summary>What CDate, DateAdd and Now give: <c>M/d/yyyy h:mm:ss tt</c>, in UTC.</summary>
    public static string Format(DateTimeOffset moment) => moment.UtcDateTime.ToString("M/d/yyyy h:mm:ss tt", CultureInfo.InvariantCulture);

    /// <summary>Any form that .NET reads in the invariant culture, and a date with an offset but no time, as Workday writes it.</summary>
    public static bool TryParse(string? text, out DateTimeOffset moment)
    {
        bool parsed =
            DateTime.TryParseExact(
                text,
                s_dateWithOffset,
                CultureInfo.InvariantCulture,
                Utc | DateTimeStyles.AllowWhiteSpaces,
                out DateTime utc
            ) || DateTime.TryParse(text, CultureInfo.InvariantCulture, Utc | DateTimeStyles.AllowWhiteSpaces, out utc);
        moment = parsed ? new DateTimeOffset(utc) : default;
        return parsed;
    }

    /// <summary>A value whose text is a date.</summary>
    public static bool TryRead(object? value, out DateTimeOffset moment)
    {
        moment = default;
        return Values.TryText(value, out string? text) && TryParse(text, out moment);
    }

    /// <summary>One given format. Whatever the styles ask for, the machine's time zone plays no part.</summary>
    public static bool TryParseExact(string text, string format, DateTimeStyles styles, out DateTimeOffset moment)
    {
        moment = default;
        try
        {
            if (
                !DateTime.TryParseExact(
                    text,
                    format,
                    CultureInfo.InvariantCulture,
                    (styles & DateTimeStyles.AllowWhiteSpaces) | Utc,
                    out DateTime utc
                )
            )
            {
                return false;
            }
            moment = new DateTimeOffset(utc);
            return true;
        }
        catch (FormatException)
        {
            // The format itself makes no sense, which .NET tells only for some formats.
            return false;
        }
    }
}

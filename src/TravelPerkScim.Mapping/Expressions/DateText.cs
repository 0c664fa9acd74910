using System.Globalization;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>Dates as the language writes and reads them. A date without an offset is UTC.</summary>
internal static class DateText
{
    /// <summary>What CDate, DateAdd and Now give: <c>M/d/yyyy h:mm:ss tt</c>, in UTC.</summary>
    public static string Format(DateTimeOffset moment) => moment.UtcDateTime.ToString("M/d/yyyy h:mm:ss tt", CultureInfo.InvariantCulture);

    public static bool TryParse(string? text, out DateTimeOffset moment)
    {
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal | DateTimeStyles.AllowWhiteSpaces;
        return DateTimeOffset.TryParseExact(text, ["yyyy-MM-ddzzz", "yyyy-MM-dd'Z'"], CultureInfo.InvariantCulture, Utc, out moment)
            || DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, Utc, out moment);
    }
}

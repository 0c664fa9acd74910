using System.Buffers;
using System.Collections;
using System.Globalization;

namespace TravelPerkScim.Scim.Schema;

/// <summary>
/// TravelPerk's rules for values, checked before a request is sent. Each rule gives null, or words that follow the attribute's name. They
/// never repeat the value, because it may be personal, and the reader has it already.
/// </summary>
internal static class TravelPerkRules
{
    private static readonly string[] s_dateFormats = ["yyyy-MM-dd", "yyyy/MM/dd"];

    private static readonly SearchValues<char> s_ofPhones = SearchValues.Create("0123456789 -()./\u00a0");

    public static string? Text(object value) => Unless(value is string, "must be text; map an attribute that holds text.");

    public static string? NotBlank(object value)
    {
        const string Blank = "must not be empty; fill it in at the source, or let nothing flow when it is empty.";
        return Text(value) ?? Unless(!string.IsNullOrWhiteSpace((string)value), Blank);
    }

    public static string? EachNotBlank(object value) =>
        value switch
        {
            string => NotBlank(value),
            IEnumerable values => values
                .Cast<object?>()
                .Select(element => NotBlank(element ?? ""))
                .FirstOrDefault(problem => problem is not null),
            _ => Text(value),
        };

    public static string? Boolean(object value) =>
        Unless(
            value is bool || bool.TryParse(value as string, out _),
            "must be true or false; map it with Not([IsSoftDeleted]) or a Switch that gives \"True\" or \"False\"."
        );

    public static string? UserName(object value)
    {
        if (NotBlank(value) is { } problem)
            return problem;
        string text = (string)value;
        if (text.EnumerateRunes().Any(ShownText.IsHidden))
        {
            return "must have no control, zero-width or direction characters, which make it look like another userName; "
                + "correct it at the source.";
        }
        return Unless(
            IsAddress(text) && !text.Any(char.IsWhiteSpace),
            "must be an e-mail address such as ana@example.com; map mail or userPrincipalName to it."
        );
    }

    private static bool IsAddress(string text)
    {
        if (text.Split('@') is not [{ Length: > 0 }, var domain])
            return false;
        string[] labels = domain.Split('.');
        return labels.Length > 1 && !labels.Contains("");
    }

    /// <summary>One of the four values that TravelPerk's clients know. A form with a region, such as en-US, is not among them.</summary>
    public static string? PreferredLanguage(object value) =>
        Text(value)
        ?? Unless(
            value is "en" or "fr" or "de" or "es",
            "must be en, fr, de or es, in lower case and without a region; "
                + "map it with ToLower(Left([preferredLanguage], 2)), or a Switch with a default."
        );

    /// <summary>Checks the form only, because TravelPerk publishes no list of its locales.</summary>
    public static string? Locale(object value)
    {
        if (NotBlank(value) is { } problem)
            return problem;
        string[] parts = ((string)value).Split('-', '_');
        bool beginsWithLanguage = parts[0].Length is 2 or 3 && parts[0].All(char.IsAsciiLetter);
        return Unless(beginsWithLanguage && parts[1..].All(IsSubtag), "must be a language tag such as en or en-gb.");
    }

    private static bool IsSubtag(string part) => part.Length is >= 1 and <= 8 && part.All(char.IsAsciiLetterOrDigit);

    /// <summary>Country code and number. E.164 allows 15 digits, and no country has numbers of fewer than 7 with the code.</summary>
    public static string? Phone(object value)
    {
        if (NotBlank(value) is { } problem)
            return problem;
        string text = ((string)value).Trim();
        bool hasCountryCode = text is ['+', >= '1' and <= '9', ..];
        bool hasLength = text.Count(char.IsAsciiDigit) is >= 7 and <= 15;
        return Unless(
            hasCountryCode && hasLength && !text.AsSpan(1).ContainsAnyExcept(s_ofPhones),
            "must be a phone number with + and country code, such as +34 912345678, without letters or extension; "
                + "correct it at the source."
        );
    }

    public static string? Gender(object value) =>
        Text(value) ?? Unless(value is "M" or "F", "must be M or F; map other spellings with a Switch, or let nothing flow.");

    public static string? DateOfBirth(object value) =>
        Unless(
            value is DateOnly || IsDate(value as string),
            "must be a date that exists, written YYYY-MM-DD or YYYY/MM/DD; map other forms with FormatDateTime."
        );

    private static bool IsDate(string? text) =>
        DateOnly.TryParseExact(text, s_dateFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static string? Unless(bool isKept, string problem) => isKept ? null : problem;
}

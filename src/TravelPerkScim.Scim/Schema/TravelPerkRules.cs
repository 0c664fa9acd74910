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

    public static string? Text(object value) => value is string ? null : "must be text; map an attribute that holds text.";

    public static string? NotBlank(object value) =>
        Text(value)
        ?? (
            string.IsNullOrWhiteSpace((string)value)
                ? "must not be empty; fill it in at the source, or let nothing flow when it is empty."
                : null
        );

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
        value is bool || (value is string text && bool.TryParse(text, out _))
            ? null
            : "must be true or false; map it with Not([IsSoftDeleted]) or a Switch that gives \"True\" or \"False\".";

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
        int at = text.IndexOf('@', StringComparison.Ordinal);
        string domain = text[(at + 1)..];
        bool looksRight =
            at > 0
            && !domain.Contains('@', StringComparison.Ordinal)
            && !text.Any(char.IsWhiteSpace)
            && domain.Contains('.', StringComparison.Ordinal)
            && domain.Split('.').All(label => label.Length > 0);
        return looksRight ? null : "must be an e-mail address such as ana@example.com; map mail or userPrincipalName to it.";
    }

    /// <summary>One of the four values that TravelPerk's clients know. A form with a region, such as en-US, is not among them.</summary>
    public static string? PreferredLanguage(object value) =>
        Text(value)
        ?? (
            value is "en" or "fr" or "de" or "es"
                ? null
                : "must be en, fr, de or es, in lower case and without a region; "
                    + "map it with ToLower(Left([preferredLanguage], 2)), or a Switch with a default."
        );

    /// <summary>Checks the form only, because TravelPerk publishes no list of its locales.</summary>
    public static string? Locale(object value)
    {
        if (NotBlank(value) is { } problem)
            return problem;
        string[] parts = ((string)value).Split('-', '_');
        bool shaped =
            parts[0].Length is 2 or 3
            && parts[0].All(char.IsAsciiLetter)
            && parts.Skip(1).All(part => part.Length is >= 1 and <= 8 && part.All(char.IsAsciiLetterOrDigit));
        return shaped ? null : "must be a language tag such as en or en-gb.";
    }

    /// <summary>Country code and number. E.164 allows 15 digits, and no country has numbers of fewer than 7 with the code.</summary>
    public static string? Phone(object value)
    {
        if (NotBlank(value) is { } problem)
            return problem;
        string text = ((string)value).Trim();
        int digits = text.Count(char.IsAsciiDigit);
        bool shaped =
            text[0] == '+'
            && text.Length > 1
            && text[1] is >= '1' and <= '9'
            && digits is >= 7 and <= 15
            && text.Skip(1).All(c => char.IsAsciiDigit(c) || c is ' ' or '-' or '(' or ')' or '.' or '/' or '\u00a0');
        return shaped
            ? null
            : "must be a phone number with + and country code, such as +34 912345678, without letters or extension; "
                + "correct it at the source.";
    }

    public static string? Gender(object value) =>
        Text(value) ?? (value is "M" or "F" ? null : "must be M or F; map other spellings with a Switch, or let nothing flow.");

    public static string? DateOfBirth(object value) =>
        value is DateOnly
        || (value is string text && DateOnly.TryParseExact(text, s_dateFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            ? null
            : "must be a date that exists, written YYYY-MM-DD or YYYY/MM/DD; map other forms with FormatDateTime.";
}

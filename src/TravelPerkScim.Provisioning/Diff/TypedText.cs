using System.Globalization;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Provisioning.Diff;

/// <summary>One text for each value of a type, whichever way a source or a service writes it.</summary>
internal static class TypedText
{
    /// <summary>The text by which a value is compared; null for types that text itself compares.</summary>
    public static string? Of(ScimAttributeType type, string text) =>
        type switch
        {
            ScimAttributeType.Boolean => bool.TryParse(text, out bool flag) ? (flag ? "true" : "false") : null,
            ScimAttributeType.Integer or ScimAttributeType.Decimal => Number(text),
            ScimAttributeType.DateTime => Moment(text),
            _ => null,
        };

    /// <summary>A service may hold as a number or a Boolean what the mapping knows as text: its own type decides then.</summary>
    public static bool SameAs(object current, string desired) =>
        current switch
        {
            bool flag => bool.TryParse(desired, out bool wanted) && wanted == flag,
            long or double => Number(desired) is { } number && number == Number(Written(current)),
            _ => false,
        };

    /// <summary>A value as invariant text; moments in the form of RFC 3339.</summary>
    public static string Written(object value) =>
        value switch
        {
            DateTimeOffset moment => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };

    // A decimal keeps the zeros it was written with; dividing takes them off.
    private static string? Number(string text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number)
            ? (number / 1.000000000000000000000000000000000m).ToString(CultureInfo.InvariantCulture)
            : null;

    private static string? Moment(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset moment)
            ? Written(moment)
            : null;
}

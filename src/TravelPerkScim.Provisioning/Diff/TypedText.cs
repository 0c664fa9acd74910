using System.Globalization;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Provisioning.Diff;

/// <summary>One text for each value of a type, in whatever form a source or a service writes the value.</summary>
internal static class TypedText
{
    private static readonly Dictionary<ScimAttributeType, Func<string, string?>> s_forms = new()
    {
        [ScimAttributeType.Boolean] = Truth,
        [ScimAttributeType.Integer] = Number,
        [ScimAttributeType.Decimal] = Number,
        [ScimAttributeType.DateTime] = Moment,
    };

    /// <summary>The text by which a value of a type is compared; null for types whose values are compared as they are.</summary>
    public static string? Of(ScimAttributeType type, string text) => s_forms.GetValueOrDefault(type)?.Invoke(text);

    /// <summary>Compares a number or a Boolean of the service with the mapping's text, by the service's type.</summary>
    public static bool SameAs(object current, string desired) =>
        current switch
        {
            bool => Truth(desired) == Truth(Written(current)),
            long or double => Number(desired) is { } number && number == Number(Written(current)),
            _ => false,
        };

    /// <summary>A value as invariant text; moments in the form of RFC 3339.</summary>
    public static string Written(object value) =>
        value switch
        {
            DateTimeOffset moment => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };

    private static string? Truth(string text) => bool.TryParse(text, out bool flag) ? flag.ToString().ToLowerInvariant() : null;

    // A decimal keeps its trailing zeros. The division removes them.
    private static string? Number(string text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number)
            ? (number / 1.000000000000000000000000000000000m).ToString(CultureInfo.InvariantCulture)
            : null;

    private static string? Moment(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset moment)
            ? Written(moment)
            : null;
}

using System.Collections;
using System.Globalization;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>
/// The one form in which values that tell users apart are compared: without what services change in a text, and with their case folded
/// unless the attribute is case-exact.
/// Every index, query and stored key uses it, so that two values are one name everywhere or nowhere.
/// </summary>
internal static class MatchKey
{
    /// <summary>The value as the source has it, to ask a service for; null when there is none, or it is a list.</summary>
    public static string? Text(object? value) =>
        value is string or long or bool
        && Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text
        && !string.IsNullOrWhiteSpace(text)
            ? text
            : null;

    /// <summary>The value as it is compared; null when there is none.</summary>
    public static string? Of(TargetAttribute attribute, object? value) =>
        Text(value) is not { } text ? null
        : attribute.Definition.CaseExact ? NormalText.Of(text)
        : Fold(text);

    /// <summary>A target user's value as it is compared.</summary>
    public static string? Of(TargetAttribute attribute, ScimUser user) => Of(attribute, user.GetValue(attribute.Path));

    /// <summary>The user holds the value, alone or among others.</summary>
    public static bool Holds(ScimUser user, TargetAttribute attribute, string key) =>
        user.GetValue(attribute.Path) switch
        {
            IEnumerable list and not string => list.Cast<object?>().Any(value => Of(attribute, value) == key),
            var value => Of(attribute, value) == key,
        };

    /// <summary>Equal for two texts whose normal forms an ordinal comparison without case calls equal, and for no others: "ſmith" is not
    /// "smith".</summary>
    public static string Fold(string text) => Folded(NormalText.Of(text));

    private static string Folded(string text) =>
        string.Create(
            text.Length,
            text,
            static (folded, from) =>
            {
                for (int i = 0; i < from.Length; i++)
                    folded[i] = Fold(from[i]);
            }
        );

    // The invariant upper case of some letters is another letter to an ordinal comparison; such a letter stays as it is.
    private static char Fold(char letter)
    {
        char upper = char.ToUpperInvariant(letter);
        return
            char.IsAscii(letter)
            || new ReadOnlySpan<char>(in letter).Equals(new ReadOnlySpan<char>(in upper), StringComparison.OrdinalIgnoreCase)
            ? upper
            : letter;
    }
}

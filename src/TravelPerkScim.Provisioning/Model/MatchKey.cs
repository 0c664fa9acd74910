using System.Collections;
using System.Globalization;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>
/// The one form in which values that tell users apart are compared. The form leaves out what services change in a text, and folds the case
/// unless the attribute is case-exact. Every index, query and stored key uses the form, so that two values are equal everywhere or nowhere.
/// </summary>
internal static class MatchKey
{
    /// <summary>The value as the source has it, for a query; null when there is no value, or when the value is a list.</summary>
    public static string? Text(object? value)
    {
        if (value is not (string or long or bool))
            return null;
        string text = Convert.ToString(value, CultureInfo.InvariantCulture)!;
        return string.IsNullOrWhiteSpace(text) ? null : text;
    }

    /// <summary>The value as it is compared; null when there is no value.</summary>
    public static string? Of(TargetAttribute attribute, object? value)
    {
        if (Text(value) is not { } text)
            return null;
        return attribute.Definition.CaseExact ? NormalText.Of(text) : Fold(text);
    }

    /// <summary>A user's value as it is compared.</summary>
    /// <param name="values">The user's values, by slot.</param>
    /// <param name="attribute">The attribute.</param>
    public static string? In(object?[] values, TargetAttribute attribute) => Of(attribute, values[attribute.Slot]);

    /// <summary>The value that TravelPerk shows of the user, as it is compared; null when there is none, or when the user was not
    /// read.</summary>
    public static string? Shown(DesiredUser user, TargetAttribute attribute) => Of(attribute, user.Current?[attribute.Slot]);

    /// <summary>A target user's value as it is compared.</summary>
    public static string? Of(TargetAttribute attribute, ScimUser user) => Of(attribute, user.GetValue(attribute.Path));

    /// <summary>The user holds the value, as its only value or in a list.</summary>
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

    // An ordinal comparison takes the invariant upper case of some letters for another letter. Such a letter stays as it is.
    private static char Fold(char letter)
    {
        char upper = char.ToUpperInvariant(letter);
        if (char.IsAscii(letter))
            return upper;
        bool isSameLetter = new ReadOnlySpan<char>(in letter).Equals(new ReadOnlySpan<char>(in upper), StringComparison.OrdinalIgnoreCase);
        return isSameLetter ? upper : letter;
    }
}

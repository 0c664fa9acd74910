using System.Text;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>What speaks for it that a TravelPerk user is the person whom a source account stands for, beside the matching value: that one
/// can be given to another person.</summary>
internal static class SamePerson
{
    private static readonly string[] s_names = ["givenName", "familyName"];

    /// <summary>Given and family name are what the source says. Where the mapping has neither, or no value is there, nothing speaks for
    /// it.</summary>
    public static bool NamesAgree(BoundMapping bound, object?[] desired, object?[] current)
    {
        List<TargetAttribute> names = [.. bound.Attributes.Where(IsName)];
        return names.Exists(a => Text(desired[a.Slot]) is not null) && names.TrueForAll(a => Agrees(desired[a.Slot], current[a.Slot]));
    }

    /// <summary>The account that the TravelPerk user's externalId names, where it is another one than the source's; null when it is the
    /// same, or none.</summary>
    public static string? OtherAccount(BoundMapping bound, object?[] desired, object?[] current) =>
        bound.Attributes.FirstOrDefault(a => a.IsCore("externalId")) is { } externalId
        && MatchKey.Text(current[externalId.Slot]) is { } other
        && MatchKey.Fold(other) != MatchKey.Fold(MatchKey.Text(desired[externalId.Slot]) ?? "")
            ? other
            : null;

    /// <summary>Given or family name.</summary>
    public static bool IsName(TargetAttribute attribute) =>
        attribute.Path is { SchemaUrn: null or TravelPerkSchema.CoreUser, SubAttribute: { } part, ValueFilter: null }
        && string.Equals(attribute.Path.Attribute, "name", StringComparison.OrdinalIgnoreCase)
        && s_names.Contains(part, StringComparer.OrdinalIgnoreCase);

    private static bool Agrees(object? desired, object? current) =>
        desired is not IgnoredFlow && string.Equals(Text(desired), Text(current), StringComparison.OrdinalIgnoreCase);

    private static string? Text(object? value)
    {
        if (value is not string text || text.Trim() is not { Length: > 0 } name)
            return null;
        try
        {
            return name.Normalize(NormalizationForm.FormC);
        }
        catch (ArgumentException)
        {
            // Half a surrogate pair has no normal form.
            return name;
        }
    }
}

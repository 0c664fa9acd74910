using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>Says whether a TravelPerk user and a source account are the same person. The matching value alone does not prove that, because
/// the value can be given to another person.</summary>
internal static class SamePerson
{
    private static readonly string[] s_names = ["givenName", "familyName"];

    /// <summary>Given and family name agree with the source. False where the mapping has neither name, or where the source has no
    /// value.</summary>
    public static bool NamesAgree(BoundMapping bound, object?[] desired, object?[] current)
    {
        List<TargetAttribute> names = [.. bound.Attributes.Where(IsName)];
        return names.Exists(a => Text(desired[a.Slot]) is not null) && names.TrueForAll(a => Agrees(desired[a.Slot], current[a.Slot]));
    }

    /// <summary>The other account that the TravelPerk user's externalId names; null when it names this account, or none.</summary>
    public static string? OtherAccount(BoundMapping bound, object?[] desired, object?[] current)
    {
        if (bound.ExternalIdOf(current) is not { } named)
            return null;
        string own = bound.ExternalIdOf(desired) ?? "";
        return MatchKey.Fold(named) == MatchKey.Fold(own) ? null : named;
    }

    /// <summary>Given or family name.</summary>
    public static bool IsName(TargetAttribute attribute) =>
        attribute.Path is { SchemaUrn: null or TravelPerkSchema.CoreUser, SubAttribute: { } part, ValueFilter: null }
        && string.Equals(attribute.Path.Attribute, "name", StringComparison.OrdinalIgnoreCase)
        && s_names.Contains(part, StringComparer.OrdinalIgnoreCase);

    private static bool Agrees(object? desired, object? current) =>
        desired is not IgnoredFlow && string.Equals(Text(desired), Text(current), StringComparison.OrdinalIgnoreCase);

    private static string? Text(object? value) =>
        value is string text && text.Trim() is { Length: > 0 } name ? NormalText.Composed(name) : null;
}

using TravelPerkScim.Mapping.Schema;

namespace TravelPerkScim.Mapping.Check;

/// <summary>Recognizes a schema that was downloaded from another application than TravelPerk's.</summary>
internal static class OtherApplication
{
    private const int Named = 4;

    // The gallery's names are "TravelPerk" and "Perk". Every non-gallery application that speaks SCIM is "customappsso".
    private static readonly string[] s_own = ["perk", "customappsso"];

    private static readonly HashSet<string> s_ofTravelPerk = SynchronizationSchema.Default.TargetUser!.AttributeNames.ToHashSet(
        StringComparer.OrdinalIgnoreCase
    );

    /// <summary>What kind of schema it is and the way out; null when it may be TravelPerk's.</summary>
    public static string? Find(SynchronizationSchema schema)
    {
        SynchronizationRule[] rules = [.. schema.SynchronizationRules.OrderBy(rule => rule.Priority)];
        SynchronizationRule? rule = rules.FirstOrDefault(rule => rule.UserMappings.Any()) ?? rules.FirstOrDefault();
        if (rule?.TargetDirectoryName is not { Length: > 0 } target || s_own.Any(name => Contains(target, name)))
            return null;
        if (Foreign(rule) is not { } foreign)
            return null;
        string from = rule.SourceDirectoryName is { Length: > 0 } source ? $"from '{source}' " : "";
        return $"The schema is that of another application: it provisions {from}to '{target}', {foreign}. "
            + "Download the schema of the application that provisions TravelPerk, or start from Get-ScimMapping -Default.";
    }

    /// <summary>What of the users' mapping cannot be TravelPerk's; null when all of it can.</summary>
    private static string? Foreign(SynchronizationRule rule)
    {
        IEnumerable<AttributeMapping> mappings = rule.UserMappings.SelectMany(mapping => mapping.AttributeMappings);
        string[] mapped = [.. mappings.Select(mapping => mapping.TargetAttributeName)];
        if (mapped.Length == 0)
            return "and maps no users";
        string[] foreign = [.. mapped.Where(name => !s_ofTravelPerk.Contains(name))];
        if (foreign.Length == 0 || mapped.Any(name => Contains(name, ":travelperk:")))
            return null;
        string names = string.Join(", ", foreign.Take(Named));
        string more = foreign.Length > Named ? ", ..." : "";
        return $"and {foreign.Length} of the {mapped.Length} attributes that it maps are not TravelPerk's ({names}{more})";
    }

    private static bool Contains(string text, string part) => text.Contains(part, StringComparison.OrdinalIgnoreCase);
}

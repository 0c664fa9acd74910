using TravelPerkScim.Mapping.Schema;

namespace TravelPerkScim.Mapping.Check;

/// <summary>Recognizes a schema that was downloaded from another application than TravelPerk's.</summary>
internal static class OtherApplication
{
    private const int Named = 4;

    // The gallery's names are "TravelPerk" and "Perk". Every non-gallery application that speaks SCIM is "customappsso".
    private static readonly string[] s_own = ["perk", "customappsso"];

    /// <summary>What kind of schema it is and the way out; null when it may be TravelPerk's.</summary>
    public static string? Find(SynchronizationSchema schema)
    {
        SynchronizationRule[] rules = [.. schema.SynchronizationRules.OrderBy(rule => rule.Priority)];
        SynchronizationRule? rule = rules.FirstOrDefault(MapsUsers) ?? rules.FirstOrDefault();
        if (rule?.TargetDirectoryName is not { Length: > 0 } target || s_own.Any(name => Contains(target, name)))
            return null;
        string[] mapped =
        [
            .. rule
                .ObjectMappings.Where(IsOfUsers)
                .SelectMany(mapping => mapping.AttributeMappings)
                .Select(mapping => mapping.TargetAttributeName),
        ];
        if (mapped.Any(name => Contains(name, ":travelperk:")))
            return null;
        var known = SynchronizationSchema
            .Default.TargetUser!.Attributes.Select(attribute => attribute.Name)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        string[] foreign = [.. mapped.Where(name => !known.Contains(name))];
        if (foreign.Length == 0 && mapped.Length > 0)
            return null;
        string from = rule.SourceDirectoryName is { Length: > 0 } source ? $"from '{source}' " : "";
        string what = mapped.Length == 0 ? "and maps no users" : Describe(foreign, mapped.Length);
        return $"The schema is that of another application: it provisions {from}to '{target}', {what}. "
            + "Download the schema of the application that provisions TravelPerk, or start from Get-ScimMapping -Default.";
    }

    private static string Describe(string[] foreign, int mapped)
    {
        string names = string.Join(", ", foreign.Take(Named));
        string more = foreign.Length > Named ? ", ..." : "";
        return $"and {foreign.Length} of the {mapped} attributes that it maps are not TravelPerk's ({names}{more})";
    }

    private static bool Contains(string text, string part) => text.Contains(part, StringComparison.OrdinalIgnoreCase);

    private static bool MapsUsers(SynchronizationRule rule) => rule.ObjectMappings.Any(IsOfUsers);

    private static bool IsOfUsers(ObjectMapping mapping) =>
        string.Equals(mapping.SourceObjectName, "User", StringComparison.OrdinalIgnoreCase);
}

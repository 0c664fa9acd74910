using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Resolves short names of extension attributes: costCenter for urn:...:enterprise:2.0:User:costCenter.</summary>
internal static class TargetAttributeName
{
    /// <summary>The whole name of a target attribute. An unknown or ambiguous name stays as it is.</summary>
    public static string Resolve(string name, IEnumerable<string> known)
    {
        string[] found = [.. known.Where(path => Means(name, path)).Distinct(StringComparer.OrdinalIgnoreCase)];
        return found.Length == 1 ? found[0] : name;
    }

    /// <summary>The attributes that TravelPerk publishes, and those of a mapping and its target directory.</summary>
    public static IEnumerable<string> Known(SynchronizationSchema schema)
    {
        IEnumerable<string> own = schema
            .UserMapping.AttributeMappings.Select(mapping => mapping.TargetAttributeName)
            .Concat(schema.TargetAttributes);
        // The spelling of the mapping file counts: roles[primary eq "True"].value is the same path as its canonical form.
        return own.Concat(TravelPerkSchema.UserAttributes.Select(attribute => attribute.Path.ToString()))
            .Distinct(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Whether a typed name means this attribute: the name is its path, the part after an extension's URN, or the form in tables
    /// (enterprise: costCenter).</summary>
    public static bool Means(string asked, string path) =>
        string.Equals(asked, path, StringComparison.OrdinalIgnoreCase)
        || path.EndsWith(":" + asked.Replace(": ", ":2.0:User:", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
}

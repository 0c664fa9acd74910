using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>The short names by which people call attributes of extensions: costCenter for urn:...:enterprise:2.0:User:costCenter.</summary>
internal static class TargetAttributeName
{
    /// <summary>The whole name of one of TravelPerk's attributes; a name that is none of them, or could be two, stays as it is.</summary>
    public static string Resolve(string name)
    {
        string[] found = [.. TravelPerkSchema.UserAttributes.Select(attribute => attribute.Path.ToString()).Where(path => Means(name, path))];
        return found.Length == 1 ? found[0] : name;
    }

    /// <summary>Whether somebody means this attribute: by its path, by its part after an extension's URN, or by the form that tables show (enterprise: costCenter).</summary>
    public static bool Means(string asked, string path) =>
        string.Equals(asked, path, StringComparison.OrdinalIgnoreCase)
        || path.EndsWith(":" + asked.Replace(": ", ":2.0:User:", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
}

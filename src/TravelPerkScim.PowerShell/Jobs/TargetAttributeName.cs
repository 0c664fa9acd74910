using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>The short names by which people call attributes of extensions: costCenter for urn:...:enterprise:2.0:User:costCenter.</summary>
internal static class TargetAttributeName
{
    /// <summary>The whole name of one of TravelPerk's attributes; a name that is none of them, or could be two, stays as it is.</summary>
    public static string Resolve(string name)
    {
        string[] found = [.. TravelPerkSchema.UserAttributes.Select(attribute => attribute.Path.ToString()).Where(path => Is(path, name))];
        return found.Length == 1 ? found[0] : name;
    }

    /// <summary>The name without the URN of its extension.</summary>
    public static string Short(string path) => path.StartsWith("urn:", StringComparison.OrdinalIgnoreCase) ? path[(path.LastIndexOf(':') + 1)..] : path;

    private static bool Is(string path, string name) =>
        string.Equals(path, name, StringComparison.OrdinalIgnoreCase) || string.Equals(Short(path), name, StringComparison.OrdinalIgnoreCase);
}

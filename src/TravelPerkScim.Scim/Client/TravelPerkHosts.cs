namespace TravelPerkScim.Scim.Client;

/// <summary>TravelPerk's own services, each of which answers at an old and a new host name with the same users.</summary>
public static class TravelPerkHosts
{
    private static readonly string[][] s_services =
    [
        ["app.perk.com", "app.travelperk.com"],
        ["app.sandbox-perk.com", "app.sandbox-travelperk.com"],
    ];

    /// <summary>True for two SCIM roots that are known to be one service.</summary>
    public static bool AreOneService(Uri one, Uri other) =>
        s_services.Any(names => Has(names, one) && Has(names, other))
        && (one.Scheme, one.Port) == (other.Scheme, other.Port)
        && string.Equals(one.AbsolutePath.TrimEnd('/'), other.AbsolutePath.TrimEnd('/'), StringComparison.Ordinal);

    /// <summary>True for an https address of TravelPerk itself. A key may travel there even if only a file names the address.</summary>
    public static bool IsTravelPerk(Uri uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        return uri is { IsAbsoluteUri: true, Scheme: "https", IsDefaultPort: true, UserInfo: "" }
            && s_services.Any(names => Has(names, uri));
    }

    private static bool Has(string[] names, Uri uri) => names.Contains(uri.IdnHost, StringComparer.OrdinalIgnoreCase);
}

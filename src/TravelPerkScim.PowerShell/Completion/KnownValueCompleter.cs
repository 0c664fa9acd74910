using System.Collections;

namespace TravelPerkScim.PowerShell.Completion;

/// <summary>Offers the known values of TravelPerk. Other values may be typed: only the service knows all of them.</summary>
public sealed class KnownValueCompleter : ValueCompleter
{
    private static readonly string[] s_addresses =
    [
        "https://app.perk.com/api/v2/scim",
        "https://app.travelperk.com/api/v2/scim",
        "https://app.sandbox-perk.com/api/v2/scim",
        "https://app.sandbox-travelperk.com/api/v2/scim",
    ];

    private static readonly Dictionary<string, string[]> s_values = new(StringComparer.OrdinalIgnoreCase)
    {
        ["PreferredLanguage"] = ["en", "fr", "de", "es"],
        ["Locale"] = ["en", "en-gb", "fr", "de", "es"],
        ["Gender"] = ["M", "F"],
        ["Scope"] = ["scim:read", "scim:write", "scim:delete"],
        ["BaseUri"] = s_addresses,
        ["Target"] = s_addresses,
    };

    private protected override IEnumerable<string> Values(string parameter, IDictionary bound) => s_values.GetValueOrDefault(parameter, []);
}

using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace TravelPerkScim.PowerShell.Completion;

/// <summary>Offers the known values of TravelPerk. Other values may be typed: only the service knows all of them.</summary>
public sealed class KnownValueCompleter : IArgumentCompleter
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

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    )
    {
        string prefix = Completions.Unquote(wordToComplete);
        return s_values.TryGetValue(parameterName, out string[]? values)
            ? Completions.Of(values.Where(value => value.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            : [];
    }
}

using System.Diagnostics.CodeAnalysis;

namespace TravelPerkScim.Provisioning.Job;

/// <summary>Accepts addresses of Azure Key Vault and no others, because job.json must not send a token of this machine to another service.
/// Source: "About Azure Key Vault, DNS suffixes for base URL".</summary>
public static class KeyVaultAddress
{
    private static readonly string[] s_suffixes = ["vault.azure.net", "vault.usgovcloudapi.net", "vault.azure.cn"];

    /// <summary>Takes the address of a vault, such as <c>https://contoso.vault.azure.net</c>.</summary>
    /// <param name="text">The address as job.json has it.</param>
    /// <param name="vault">The vault, with a slash at its end.</param>
    /// <param name="scope">The scope of a token for it.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Uri? vault, [NotNullWhen(true)] out string? scope)
    {
        (vault, scope) = (null, null);
        if (
            !Uri.TryCreate(text, UriKind.Absolute, out Uri? uri)
            || uri is not { Scheme: "https", IsDefaultPort: true, UserInfo: "", AbsolutePath: "/", Query: "", Fragment: "" }
        )
        {
            return false;
        }

        string[] labels = uri.Host.Split('.', 2);
        if (
            labels is not [{ Length: >= 3 and <= 24 } name, { } suffix]
            || !s_suffixes.Contains(suffix, StringComparer.Ordinal)
            || !name.HasOnlyLettersDigitsOr("-")
        )
        {
            return false;
        }

        (vault, scope) = (uri, $"https://{suffix}/.default");
        return true;
    }

    /// <summary>A name that a secret of a vault may have.</summary>
    public static bool IsSecretName([NotNullWhen(true)] string? name) =>
        name is { Length: >= 1 and <= 127 } && name.HasOnlyLettersDigitsOr("-");
}

using System.Text.RegularExpressions;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.SingleSignOn;

/// <summary>
/// The addresses of a TravelPerk company that single sign-on needs. Source: "Configure TravelPerk for Single sign-on with Microsoft Entra
/// ID".
/// </summary>
/// <param name="Identifier">TravelPerk's entity id.</param>
/// <param name="ReplyUrl">The address that Entra's answer goes to.</param>
/// <param name="SignOnUrl">The address at which people begin to sign in.</param>
public sealed partial record TravelPerkAddresses(string Identifier, string ReplyUrl, string SignOnUrl)
{
    /// <summary>The addresses of a company.</summary>
    /// <param name="company">The first part of <c>contoso.travelperk.com</c>.</param>
    /// <param name="applicationId">The id at the end of TravelPerk's entity id, or that entity id whole, as TravelPerk's settings show
    /// it.</param>
    /// <exception cref="SourceException"><c>TravelPerkAddressInvalid</c>.</exception>
    public static TravelPerkAddresses Of(string company, string applicationId)
    {
        ArgumentNullException.ThrowIfNull(company);
        ArgumentNullException.ThrowIfNull(applicationId);
        string name = company.Trim().ToLowerInvariant();
        if (!CompanyForm().IsMatch(name))
        {
            throw new SourceException(
                "TravelPerkAddressInvalid",
                "The company is the first part of its TravelPerk address: contoso of https://contoso.travelperk.com. "
                    + "It has letters, digits and hyphens."
            );
        }
        string id = applicationId.Trim();
        if (EntityForm().Match(id) is { Success: true } entity)
        {
            if (!entity.Groups["company"].Value.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                throw new SourceException(
                    "TravelPerkAddressInvalid",
                    $"The entity id is that of '{entity.Groups["company"].Value}', and the company is '{name}'. "
                        + "Copy both from the same TravelPerk account."
                );
            }
            id = entity.Groups["id"].Value;
        }
        return IdForm().IsMatch(id)
            ? new TravelPerkAddresses(
                $"https://{name}.travelperk.com/accounts/saml2/metadata/{id}",
                $"https://{name}.travelperk.com/accounts/saml2/callback/{id}/?acs",
                $"https://{name}.travelperk.com/"
            )
            : throw new SourceException(
                "TravelPerkAddressInvalid",
                "The application id is what follows /metadata/ in the SP entity id that TravelPerk shows "
                    + "under Settings, Integrations, SSO, SAML. Copy it, or the whole entity id, from there."
            );
    }

    /// <summary>The addresses that go with an entity id of TravelPerk's; null when it is none.</summary>
    public static TravelPerkAddresses? From(string identifier) =>
        EntityForm().Match(identifier) is { Success: true } entity ? Of(entity.Groups["company"].Value, entity.Groups["id"].Value) : null;

    /// <summary>Whether an address is one of a SAML integration with TravelPerk, this or another.</summary>
    internal static bool IsTravelPerks(string address) => OwnForm().IsMatch(address);

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex CompanyForm();

    [GeneratedRegex("^[A-Za-z0-9_-]{1,128}$", RegexOptions.CultureInvariant)]
    private static partial Regex IdForm();

    [GeneratedRegex(
        "^https://(?<company>[A-Za-z0-9-]{1,63})\\.travelperk\\.com/accounts/saml2/metadata/(?<id>[A-Za-z0-9_-]{1,128})/?$",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex EntityForm();

    [GeneratedRegex("^https://[^/]{1,253}\\.travelperk\\.com/accounts/saml2/", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex OwnForm();
}

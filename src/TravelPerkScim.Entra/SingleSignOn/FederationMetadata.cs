using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Xml;
using System.Xml.Linq;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.SingleSignOn;

/// <summary>The public metadata of the sign-in service for an application: its identity, its address and its certificates.</summary>
/// <param name="EntityId">The identity provider's entity id.</param>
/// <param name="LoginUrl">The address for requests to sign in; null when the metadata has none.</param>
/// <param name="Thumbprints">Thumbprints of the certificates that it signs with.</param>
public sealed record FederationMetadata(string EntityId, string? LoginUrl, IReadOnlyList<string> Thumbprints)
{
    /// <summary>Entra's metadata has some ten thousand characters. A longer text is not Entra's.</summary>
    private const int LongestText = 1024 * 1024;

    private static readonly XNamespace s_saml = "urn:oasis:names:tc:SAML:2.0:metadata";
    private static readonly XNamespace s_signature = "http://www.w3.org/2000/09/xmldsig#";

    /// <summary>The address of the metadata. No sign-in is needed.</summary>
    /// <param name="authorityHost">The cloud's sign-in host.</param>
    /// <param name="tenantId">Id of the tenant.</param>
    /// <param name="appId">Application (client) id.</param>
    public static Uri Address(Uri authorityHost, string tenantId, string appId) =>
        new(
            authorityHost,
            $"/{Uri.EscapeDataString(tenantId)}/federationmetadata/2007-06/federationmetadata.xml?appid={Uri.EscapeDataString(appId)}"
        );

    /// <summary>
    /// The entity id and login URL that a tenant has by rule. Source: "Federation metadata" and "National clouds" in the Entra
    /// documentation.
    /// </summary>
    public static (string EntityId, string LoginUrl) Expected(Uri authorityHost, string tenantId)
    {
        string issuer = authorityHost.Host.EndsWith(".cn", StringComparison.OrdinalIgnoreCase) ? "sts.chinacloudapi.cn" : "sts.windows.net";
        return ($"https://{issuer}/{tenantId}/", new Uri(authorityHost, $"/{tenantId}/saml2").AbsoluteUri);
    }

    /// <summary>Reads it. The request carries no token.</summary>
    /// <exception cref="SourceException"><c>EntraMetadataUnreadable</c>.</exception>
    public static async Task<FederationMetadata> ReadAsync(
        EntraDirectory directory,
        string tenantId,
        string appId,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(directory);
        Uri address = Address(directory.Options.AuthorityHost, tenantId, appId);
        try
        {
            using HttpResponseMessage response = await directory.GetWithoutTokenAsync(address, cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
                throw Unreadable(address, string.Create(CultureInfo.InvariantCulture, $"it answers {(int)response.StatusCode}"));
            byte[] text = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            return text.Length <= LongestText ? Parse(text) : throw Unreadable(address, "the answer is larger than any that is read");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException or InvalidDataException)
        {
            throw Unreadable(address, "it cannot be reached", e);
        }
        catch (Exception e) when (e is XmlException or FormatException or CryptographicException)
        {
            throw Unreadable(address, "the answer is no metadata", e);
        }
    }

    private static FederationMetadata Parse(byte[] text)
    {
        // A document type could have files read or the memory filled. Metadata has no document type.
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = LongestText,
        };
        using var reader = XmlReader.Create(new MemoryStream(text), settings);
        XElement root = XDocument.Load(reader).Root!;
        string entityId =
            root.Name == s_saml + "EntityDescriptor" && (string?)root.Attribute("entityID") is { Length: > 0 } id
                ? id
                : throw new FormatException("There is no entity id.");
        XElement? provider = root.Element(s_saml + "IDPSSODescriptor");
        return new FederationMetadata(
            entityId,
            (string?)provider?.Elements(s_saml + "SingleSignOnService").FirstOrDefault()?.Attribute("Location"),
            [
                .. (provider?.Elements(s_saml + "KeyDescriptor") ?? [])
                    .Where(key => (string?)key.Attribute("use") is null or "signing")
                    .Descendants(s_signature + "X509Certificate")
                    .Select(key => Thumbprint(key.Value))
                    .Distinct(),
            ]
        );
    }

    private static string Thumbprint(string base64)
    {
        using var certificate = new X509Certificate2(Convert.FromBase64String(base64));
        return certificate.Thumbprint;
    }

    private static SourceException Unreadable(Uri address, string why, Exception? inner = null) =>
        new(
            "EntraMetadataUnreadable",
            $"The federation metadata at {address.Host} cannot be read: {why}. "
                + $"Check the network and the proxy; {address} opens in any browser.",
            inner
        );
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using TravelPerkScim.Entra.Http;

namespace TravelPerkScim.Entra.SingleSignOn;

/// <summary>The public part of a certificate that Entra signs with.</summary>
/// <param name="Thumbprint">SHA-1 of the certificate, in capital hexadecimal digits.</param>
/// <param name="Name">Its subject, or the name it was given.</param>
/// <param name="NotBefore">From when it is valid.</param>
/// <param name="NotAfter">Until when.</param>
/// <param name="IsActive">Whether Entra signs with it.</param>
public sealed record SigningCertificate(string Thumbprint, string Name, DateTimeOffset NotBefore, DateTimeOffset NotAfter, bool IsActive)
{
    /// <summary>The certificate as PEM text; null when Graph did not give it.</summary>
    public string? Pem { get; init; }

    /// <summary>The key identifier that its entries in the service principal share.</summary>
    internal string? Identifier { get; init; }

    /// <summary>Whether Entra can sign with it at that time.</summary>
    public bool IsValid(DateTimeOffset now) => NotAfter > now;

    /// <summary>The certificates among the keys of a service principal.</summary>
    /// <param name="principal">The service principal.</param>
    internal static IReadOnlyList<SigningCertificate> Read(JsonElement principal)
    {
        string? active = JsonText.Of(principal, "preferredTokenSigningKeyThumbprint");
        return
        [
            .. JsonText
                .Items(principal, "keyCredentials")
                .Where(key => JsonText.Of(key, "usage") == "Verify")
                .Select(key => One(key, active))
                .OfType<SigningCertificate>()
                .OrderByDescending(one => one.NotAfter),
        ];
    }

    private static SigningCertificate? One(JsonElement key, string? active)
    {
        string? identifier = JsonText.Of(key, "customKeyIdentifier");
        byte[]? raw = Bytes(JsonText.Of(key, "key"));
        string name = JsonText.OrEmpty(key, "displayName");
        string? pem = null,
            thumbprint = Bytes(identifier) is { Length: SHA1.HashSizeInBytes } hash ? Convert.ToHexString(hash) : null;
        if (raw is not null)
        {
            try
            {
                using var certificate = new X509Certificate2(raw);
                (thumbprint, name, pem) = (certificate.Thumbprint, certificate.Subject, certificate.ExportCertificatePem());
            }
            catch (CryptographicException)
            {
                // Not a certificate: only the entry's own fields are known.
            }
        }
        return thumbprint is null || JsonText.Time(key, "endDateTime") is not { } end
            ? null
            : new SigningCertificate(
                thumbprint,
                name,
                JsonText.Time(key, "startDateTime") ?? DateTimeOffset.MinValue,
                end,
                thumbprint.Equals(active, StringComparison.OrdinalIgnoreCase)
            )
            {
                Pem = pem,
                Identifier = identifier,
            };
    }

    private static byte[]? Bytes(string? base64)
    {
        byte[] buffer = new byte[(base64?.Length ?? 0) * 3 / 4 + 3];
        return base64 is { Length: > 0 and < 65536 } && Convert.TryFromBase64String(base64, buffer, out int length)
            ? buffer[..length]
            : null;
    }
}

using System.Text.Json.Nodes;
using TravelPerkScim.Entra.Reading;

namespace TravelPerkScim.Entra.SingleSignOn;

/// <summary>The single sign-on of an enterprise application.</summary>
public sealed record SignOnState
{
    /// <summary>The application.</summary>
    public required EntraApplication Application { get; init; }

    /// <summary><c>saml</c> and others; null when that was never set.</summary>
    public string? Mode { get; init; }

    /// <summary>Entity ids of the service that people sign in to. The first is sent.</summary>
    public IReadOnlyList<string> Identifiers { get; init; } = [];

    /// <summary>Addresses that Entra's answer may go to.</summary>
    public IReadOnlyList<string> ReplyUrls { get; init; } = [];

    /// <summary>The address at which people begin to sign in.</summary>
    public string? SignOnUrl { get; init; }

    /// <summary>Mail addresses that are told that a certificate ends.</summary>
    public IReadOnlyList<string> NotificationAddresses { get; init; } = [];

    /// <summary>The certificates, the one that lasts longest first.</summary>
    public IReadOnlyList<SigningCertificate> Certificates { get; init; } = [];

    /// <summary>The claims of the portal's policy; empty while the gallery's defaults hold, null when they could not be read.</summary>
    public IReadOnlyList<SignOnClaim>? Claims { get; init; }

    /// <summary>Names of claims mapping policies, which put the portal's claims out of force; null when they could not be read.</summary>
    public IReadOnlyList<string>? MappingPolicies { get; init; }

    /// <summary>Id of the tenant that owns the application; null when Graph does not say.</summary>
    public string? TenantId { get; init; }

    /// <summary>The certificate that Entra signs with.</summary>
    public SigningCertificate? Active => Certificates.FirstOrDefault(one => one.IsActive);

    internal string? RegistrationId { get; init; }

    internal JsonObject? Policy { get; init; }
}

/// <summary>The single sign-on that an application should have.</summary>
/// <param name="Addresses">The addresses of the TravelPerk company.</param>
public sealed record SignOnSettings(TravelPerkAddresses Addresses)
{
    /// <summary>
    /// At most so many addresses are told of a certificate's end ("Update servicePrincipal", notificationEmailAddresses).
    /// </summary>
    public const int MaxNotificationAddresses = 5;

    /// <summary>Mail addresses that are told that a certificate ends, five at most; null leaves them as they are.</summary>
    public IReadOnlyList<string>? NotificationAddresses { get; init; }

    /// <summary>Whether claims are set. Default: true. National clouds have no interface for it.</summary>
    public bool SetsClaims { get; init; } = true;
}

/// <summary>One change, which is confirmed before it is made.</summary>
/// <param name="Name">The setting.</param>
/// <param name="To">Its new value.</param>
public sealed record SignOnChange(string Name, string To);

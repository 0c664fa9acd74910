using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Applications;

/// <summary>Single sign-on of an enterprise application, with the values that TravelPerk needs.</summary>
public sealed class EntraSingleSignOn
{
    internal EntraSingleSignOn(string application, string applicationId)
    {
        Application = application;
        ApplicationId = applicationId;
    }

    /// <summary>Display name of the enterprise application.</summary>
    public string Application { get; }

    /// <summary>Object id of its service principal.</summary>
    public string ApplicationId { get; }

    /// <summary><c>saml</c> when single sign-on is set up; null when it is not.</summary>
    public string? Mode { get; init; }

    /// <summary>To paste into TravelPerk: entity id of the identity provider. Null when the tenant's id is not known.</summary>
    public string? IdentityProviderEntityId { get; init; }

    /// <summary>To paste into TravelPerk: login URL of the identity provider. Null when the tenant's id is not known.</summary>
    public string? IdentityProviderLoginUrl { get; init; }

    /// <summary>To paste into TravelPerk: the active X.509 certificate in PEM. Null when none is active.</summary>
    public string? IdentityProviderCertificate { get; init; }

    /// <summary>The steps to take in TravelPerk by hand, which has no interface for them.</summary>
    public IReadOnlyList<string> InTravelPerk { get; init; } = [];

    /// <summary>TravelPerk's entity ids; the first is sent.</summary>
    public IReadOnlyList<string> Identifier { get; init; } = [];

    /// <summary>The addresses that Entra may answer to.</summary>
    public IReadOnlyList<string> ReplyUrl { get; init; } = [];

    /// <summary>The address where people begin; null when it was never set.</summary>
    public string? SignOnUrl { get; init; }

    /// <summary>
    /// Each claim with the source of its value; empty while the gallery's defaults hold, null when they cannot be read.
    /// </summary>
    public IReadOnlyList<string>? Claim { get; init; }

    /// <summary>Names of claims mapping policies, which override the portal's claims; null when they cannot be read.</summary>
    public IReadOnlyList<string>? ClaimsMappingPolicy { get; init; }

    /// <summary>The addresses that get mail before the certificate ends.</summary>
    public IReadOnlyList<string> NotificationEmail { get; init; } = [];

    /// <summary>The signing certificates, the longest valid one first.</summary>
    public IReadOnlyList<EntraSigningCertificate> Certificate { get; init; } = [];

    /// <summary>A text from Entra with its control characters escaped, for the views.</summary>
    public static string? Shown(string? text) => ShownText.OfAny(text);

    /// <inheritdoc/>
    public override string ToString() => $"{Application}: {Mode ?? "not set"}";
}

using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Applications;

/// <summary>Single sign-on of an enterprise application, and what TravelPerk has to be told of it.</summary>
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

    /// <summary><c>saml</c> when single sign-on is set up; null when nothing is.</summary>
    public string? Mode { get; init; }

    /// <summary>To paste into TravelPerk: entity id of the identity provider. Null when the tenant's id is not known.</summary>
    public string? IdentityProviderEntityId { get; init; }

    /// <summary>To paste into TravelPerk: login URL of the identity provider. Null when the tenant's id is not known.</summary>
    public string? IdentityProviderLoginUrl { get; init; }

    /// <summary>To paste into TravelPerk: the active X.509 certificate in PEM. Null when none is active.</summary>
    public string? IdentityProviderCertificate { get; init; }

    /// <summary>What to do in TravelPerk by hand, which has no interface for it.</summary>
    public IReadOnlyList<string> InTravelPerk { get; init; } = [];

    /// <summary>TravelPerk's entity ids; the first is sent.</summary>
    public IReadOnlyList<string> Identifier { get; init; } = [];

    /// <summary>Where Entra's answers may go.</summary>
    public IReadOnlyList<string> ReplyUrl { get; init; } = [];

    /// <summary>Where people begin; null when it was never set.</summary>
    public string? SignOnUrl { get; init; }

    /// <summary>
    /// Each claim with where its value comes from; empty while the gallery's defaults hold, null when they cannot be read.
    /// </summary>
    public IReadOnlyList<string>? Claim { get; init; }

    /// <summary>Names of claims mapping policies, which put the portal's claims out of force; null when they cannot be read.</summary>
    public IReadOnlyList<string>? ClaimsMappingPolicy { get; init; }

    /// <summary>Who is told that the certificate ends.</summary>
    public IReadOnlyList<string> NotificationEmail { get; init; } = [];

    /// <summary>The signing certificates, the one that lasts longest first.</summary>
    public IReadOnlyList<EntraSigningCertificate> Certificate { get; init; } = [];

    /// <summary>A text of Entra's, as a terminal may show it.</summary>
    public static string? Shown(string? text) => ShownText.OfAny(text);

    /// <inheritdoc/>
    public override string ToString() => $"{Application}: {Mode ?? "not set"}";
}

using TravelPerkScim.Entra.Http;

namespace TravelPerkScim.Entra.SingleSignOn;

/// <summary>The values of Entra that are entered in TravelPerk.</summary>
/// <param name="EntityId">Entra's entity id.</param>
/// <param name="LoginUrl">Where TravelPerk sends people to sign in.</param>
/// <param name="Certificate">The active signing certificate as PEM text; null when there is none.</param>
public sealed record SingleSignOnProvider(string EntityId, string LoginUrl, string? Certificate)
{
    /// <summary>The values for an application; null when the tenant's id is not known.</summary>
    public static SingleSignOnProvider? Of(EntraDirectory directory, SignOnState state)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(state);
        if (TenantOf(directory, state) is not { } tenant)
            return null;
        (string entityId, string loginUrl) = FederationMetadata.Expected(directory.Options.AuthorityHost, tenant);
        return new SingleSignOnProvider(entityId, loginUrl, state.Active?.Pem);
    }

    // A connection may know its tenant by a domain name, which no token names as issuer.
    internal static string? TenantOf(EntraDirectory directory, SignOnState state) =>
        new[] { directory.Options.TenantId, state.TenantId }.FirstOrDefault(id => Guid.TryParseExact(id, "D", out _));
}

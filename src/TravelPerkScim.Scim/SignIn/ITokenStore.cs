using System.Security;

namespace TravelPerkScim.Scim.SignIn;

/// <summary>
/// Keeps refresh tokens between sessions, protected. When the task of a write is done, the token is in the store; until then the old token
/// is still there. TravelPerk rotates refresh tokens, so the stored token is the only way to sign in again unattended.
/// </summary>
/// <remarks>Every member throws <see cref="ScimException"/> with <c>TokenStoreUnavailable</c> when there is no store, or it
/// refuses.</remarks>
public interface ITokenStore
{
    /// <summary>Called right before a token is spent. A store that several processes use refuses where another process may spend the same
    /// token.</summary>
    Task BeforeRenewalAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Null when nothing is stored by this name. The caller disposes of the token.</summary>
    Task<SecureString?> ReadAsync(string name, CancellationToken cancellationToken);

    /// <summary>Replaces the token that is stored by this name.</summary>
    Task WriteAsync(string name, SecureString refreshToken, CancellationToken cancellationToken);

    /// <summary>Does nothing when nothing is stored by this name.</summary>
    Task RemoveAsync(string name, CancellationToken cancellationToken);
}

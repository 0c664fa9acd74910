using System.Security;

namespace TravelPerkScim.Scim.SignIn;

/// <summary>
/// Keeps refresh tokens between sessions, protected. A write has reached the store when its task is done, and until then the old token is
/// still there:
/// TravelPerk rotates refresh tokens, so whatever is stored is the only way back in.
/// </summary>
/// <remarks>Every member throws <see cref="ScimException"/> with <c>TokenStoreUnavailable</c> when there is no store, or it
/// refuses.</remarks>
public interface ITokenStore
{
    /// <summary>Null when nothing is stored by this name. The caller disposes of the token.</summary>
    Task<SecureString?> ReadAsync(string name, CancellationToken cancellationToken);

    /// <summary>Replaces what is stored by this name.</summary>
    Task WriteAsync(string name, SecureString refreshToken, CancellationToken cancellationToken);

    /// <summary>Does nothing when nothing is stored by this name.</summary>
    Task RemoveAsync(string name, CancellationToken cancellationToken);
}

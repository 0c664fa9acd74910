using System.Security;

namespace TravelPerkScim.Scim.SignIn;

/// <summary>The tokens of one token response.</summary>
/// <param name="AccessToken">The access token. TravelPerk's is valid for an hour.</param>
/// <param name="RefreshToken">The refresh token; null when the service gives none.</param>
/// <param name="Scopes">The scopes that were granted.</param>
/// <param name="RefreshOn">From this time on, a new access token is fetched before the next request.</param>
/// <param name="ExpiresOn">From this time on, the service refuses the access token.</param>
internal sealed record TokenSet(
    SecureString AccessToken,
    SecureString? RefreshToken,
    IReadOnlyList<string> Scopes,
    DateTimeOffset RefreshOn,
    DateTimeOffset ExpiresOn
) : IDisposable
{
    public void Dispose()
    {
        AccessToken.Dispose();
        RefreshToken?.Dispose();
    }

    /// <summary>A refresh token, with an access token that has to be fetched.</summary>
    public static TokenSet ToRenew(SecureString refreshToken, IReadOnlyList<string> scopes) =>
        new(Hide(""), refreshToken, scopes, DateTimeOffset.MinValue, DateTimeOffset.MinValue);

    /// <summary>A record would print its members.</summary>
    public override string ToString() => nameof(TokenSet);

    public static SecureString Hide(string text)
    {
        var secret = new SecureString();
        foreach (char c in text)
            secret.AppendChar(c);
        secret.MakeReadOnly();
        return secret;
    }
}

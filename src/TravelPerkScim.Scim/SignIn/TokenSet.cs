using System.Net;
using System.Security;

namespace TravelPerkScim.Scim.SignIn;

/// <summary>What one token response brought.</summary>
/// <param name="AccessToken">Held as a SecureString; TravelPerk gives it an hour.</param>
/// <param name="RefreshToken">Null when the service gives none.</param>
/// <param name="Scopes">What was granted.</param>
/// <param name="RefreshOn">From here on a new one is fetched before the next request.</param>
/// <param name="ExpiresOn">From here on the access token is refused.</param>
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

    /// <summary>Nothing yet but a refresh token.</summary>
    public static TokenSet ToRenew(SecureString refreshToken, IReadOnlyList<string> scopes) =>
        new(Hide(""), refreshToken, scopes, DateTimeOffset.MinValue, DateTimeOffset.MinValue);

    /// <summary>A record would print its members.</summary>
    public override string ToString() => nameof(TokenSet);

    public static string Reveal(SecureString secret) => new NetworkCredential("", secret).Password;

    public static SecureString Hide(string text)
    {
        var secret = new SecureString();
        foreach (var c in text)
            secret.AppendChar(c);
        secret.MakeReadOnly();
        return secret;
    }
}

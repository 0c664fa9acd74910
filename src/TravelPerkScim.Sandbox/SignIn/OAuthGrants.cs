using System.Security.Cryptography;
using System.Text;

namespace TravelPerkScim.Sandbox.SignIn;

/// <summary>What has been granted: codes, access tokens and refresh tokens, by digest. The prefixes tell a reader of a recording what a
/// secret was.</summary>
internal sealed class OAuthGrants(TimeProvider timeProvider, TimeSpan accessTokenLifetime)
{
    private static readonly TimeSpan s_codeLifetime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_refreshTokenLifetime = TimeSpan.FromDays(30);
    private static readonly TimeSpan s_grace = TimeSpan.FromMinutes(2);

    private readonly object _gate = new();
    private readonly Dictionary<string, Code> _codes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Token> _access = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Token> _refresh = new(StringComparer.Ordinal);
    private int _consents;

    /// <summary>A code for a consent just given.</summary>
    /// <param name="redirectUri">As sent, to be sent again with the code.</param>
    /// <param name="scopes">What was consented to.</param>
    /// <param name="challenge">The S256 challenge (RFC 7636 section 4.2); null when the client sent none.</param>
    public string IssueCode(string redirectUri, IReadOnlyList<string> scopes, string? challenge)
    {
        string code = Random("sandbox-code-");
        lock (_gate)
            _codes[Digest(code)] = new Code(++_consents, redirectUri, scopes, challenge, timeProvider.GetUtcNow() + s_codeLifetime);
        return code;
    }

    /// <exception cref="OAuthErrorException">invalid_grant.</exception>
    public TokenPair Redeem(string code, string? redirectUri, string? verifier)
    {
        lock (_gate)
        {
            if (!_codes.TryGetValue(Digest(code), out Code? found))
                throw OAuthErrorException.InvalidGrant("The code is not valid.");
            if (found.Used)
            {
                // RFC 6749 section 4.1.2: another client has the code too, so its tokens are not to be trusted.
                Revoke(found.Consent);
                throw OAuthErrorException.InvalidGrant("The code was used before.");
            }
            _codes[Digest(code)] = found with { Used = true };
            if (timeProvider.GetUtcNow() >= found.ExpiresOn)
                throw OAuthErrorException.InvalidGrant("The code has expired.");
            if (!string.Equals(redirectUri, found.RedirectUri, StringComparison.Ordinal))
                throw OAuthErrorException.InvalidGrant("The redirect_uri is not the one the code was sent to.");
            if (found.Challenge is not null && (verifier is null || ChallengeOf(verifier) != found.Challenge))
                throw OAuthErrorException.InvalidGrant("The code_verifier does not fit the code_challenge.");
            return Issue(found.Consent, found.Scopes);
        }
    }

    /// <summary>A new pair; the used refresh token works two minutes more, so that an answer that was lost can be asked for
    /// again.</summary>
    /// <exception cref="OAuthErrorException">invalid_grant or invalid_scope.</exception>
    public TokenPair Refresh(string refreshToken, IReadOnlyList<string>? scopes)
    {
        lock (_gate)
        {
            DateTimeOffset now = timeProvider.GetUtcNow();
            if (!_refresh.TryGetValue(Digest(refreshToken), out Token? found) || now >= found.ExpiresOn)
                throw OAuthErrorException.InvalidGrant("The refresh token is not valid, has expired, or was revoked.");
            IReadOnlyList<string> wanted = scopes ?? found.Scopes;
            if (wanted.Except(found.Scopes, StringComparer.Ordinal).Any())
                throw OAuthErrorException.InvalidScope();
            if (found.ExpiresOn > now + s_grace)
                _refresh[Digest(refreshToken)] = found with { ExpiresOn = now + s_grace };
            return Issue(found.Consent, wanted);
        }
    }

    /// <summary>What an access token allows now; null when it is none, has expired or was revoked.</summary>
    public IReadOnlyList<string>? ScopesOf(string accessToken)
    {
        lock (_gate)
        {
            return _access.TryGetValue(Digest(accessToken), out Token? found) && timeProvider.GetUtcNow() < found.ExpiresOn
                ? found.Scopes
                : null;
        }
    }

    /// <summary>Ends every access token, as time does; they can be refreshed.</summary>
    public void ExpireAccessTokens()
    {
        lock (_gate)
            _access.Clear();
    }

    /// <summary>Ends every token, as an administrator who removes the app.</summary>
    public void RevokeAll()
    {
        lock (_gate)
        {
            _access.Clear();
            _refresh.Clear();
        }
    }

    private static string ChallengeOf(string verifier) =>
        Convert.ToBase64String(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static string Random(string prefix) => prefix + RandomNumberGenerator.GetHexString(48, lowercase: true);

    private static string Digest(string secret) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private TokenPair Issue(int consent, IReadOnlyList<string> scopes)
    {
        DateTimeOffset now = timeProvider.GetUtcNow();
        TokenPair pair = new(Random("sandbox-access-"), Random("sandbox-refresh-"), accessTokenLifetime, scopes);
        _access[Digest(pair.AccessToken)] = new Token(consent, scopes, now + accessTokenLifetime);
        _refresh[Digest(pair.RefreshToken)] = new Token(consent, scopes, now + s_refreshTokenLifetime);
        return pair;
    }

    private void Revoke(int consent)
    {
        foreach (Dictionary<string, Token> tokens in new[] { _access, _refresh })
        {
            foreach (string digest in tokens.Keys.Where(digest => tokens[digest].Consent == consent).ToArray())
                _ = tokens.Remove(digest);
        }
    }

    private sealed record Code(
        int Consent,
        string RedirectUri,
        IReadOnlyList<string> Scopes,
        string? Challenge,
        DateTimeOffset ExpiresOn,
        bool Used = false
    );

    private sealed record Token(int Consent, IReadOnlyList<string> Scopes, DateTimeOffset ExpiresOn);
}

internal sealed record TokenPair(string AccessToken, string RefreshToken, TimeSpan Lifetime, IReadOnlyList<string> Scopes);

using System.Net;
using System.Security;
using System.Security.Cryptography;
using System.Text;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.SignIn;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Sandbox.Service;

/// <summary>Checks the credential of a request: <c>ApiKey</c> with <c>Api-Version: 1</c>, or <c>Bearer</c>, and what its scopes allow.
/// Holds digests, never the secrets.</summary>
internal sealed class Gatekeeper
{
    private const string Read = "scim:read";

    private static readonly Dictionary<string, string> s_scopes = new(StringComparer.Ordinal)
    {
        ["GET"] = Read,
        ["DELETE"] = "scim:delete",
    };

    private readonly byte[] _apiKey;
    private readonly byte[][] _bearerTokens;
    private readonly OAuthGrants _grants;

    public Gatekeeper(SecureString apiKey, IReadOnlyList<SecureString> bearerTokens, OAuthGrants grants)
    {
        _grants = grants;
        _apiKey = Digest(SecretText.Reveal(apiKey));
        _bearerTokens = [.. bearerTokens.Select(token => Digest(SecretText.Reveal(token)))];
    }

    /// <summary>Discovery needs no credential, because it tells how to get one (RFC 7643 section 5). A credential that is sent must be
    /// good.</summary>
    /// <exception cref="ScimErrorException">401, or 403 for a scope that was not granted.</exception>
    public void Check(SandboxRequest request)
    {
        string? problem = Problem(request);
        if (problem is not null)
            throw ScimErrorException.Unauthorized(problem);
    }

    /// <summary>The request carries this company's API key.</summary>
    public bool IsKeyOf(SandboxRequest request) =>
        request.Authorization is { } authorization
        && authorization.StartsWith("ApiKey ", StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(Digest(authorization["ApiKey ".Length..].Trim()), _apiKey);

    private string? Problem(SandboxRequest request)
    {
        if (request.Authorization is not { } authorization)
            return request.IsDiscovery ? null : ScimErrorException.NoCredential;
        string scheme = authorization.Split(' ')[0];
        string secret = authorization[scheme.Length..].Trim();
        byte[] presented = Digest(secret);
        return scheme.ToUpperInvariant() switch
        {
            "BEARER" => Known(presented) || Granted(request, secret) ? null : "The access token is not valid.",
            "APIKEY" => ProblemOfKey(request, presented),
            _ => "The authorization scheme is not supported. Use ApiKey or Bearer.",
        };
    }

    private string? ProblemOfKey(SandboxRequest request, byte[] presented)
    {
        if (!CryptographicOperations.FixedTimeEquals(presented, _apiKey))
            return "The API key is not valid.";
        return request.ApiVersion == "1" ? null : "The Api-Version header is missing or not supported. Send Api-Version: 1.";
    }

    /// <exception cref="ScimErrorException">403 (RFC 6750 section 3.1).</exception>
    private bool Granted(SandboxRequest request, string accessToken)
    {
        if (_grants.ScopesOf(accessToken) is not { } scopes)
            return false;
        string needed = request.IsSearch ? Read : s_scopes.GetValueOrDefault(request.Method, "scim:write");
        if (scopes.Contains(needed, StringComparer.Ordinal))
            return true;
        throw new ScimErrorException(HttpStatusCode.Forbidden, null, $"The access token does not have the scope {needed}.").With(
            "WWW-Authenticate",
            $"Bearer realm=\"TravelPerk SCIM\", error=\"insufficient_scope\", scope=\"{needed}\""
        );
    }

    private bool Known(byte[] presented)
    {
        // Every token is compared, so that the time does not tell which token nearly matched.
        bool known = false;
        foreach (byte[] token in _bearerTokens)
            known |= CryptographicOperations.FixedTimeEquals(presented, token);
        return known;
    }

    private static byte[] Digest(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}

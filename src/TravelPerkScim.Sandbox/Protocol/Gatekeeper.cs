using System.Net;
using System.Security;
using System.Security.Cryptography;
using System.Text;

namespace TravelPerkScim.Sandbox.Protocol;

/// <summary>Checks the credential of a request: <c>ApiKey</c> with <c>Api-Version: 1</c>, or <c>Bearer</c>. Holds digests, never the secrets.</summary>
internal sealed class Gatekeeper
{
    private readonly byte[] _apiKey;
    private readonly byte[][] _bearerTokens;

    public Gatekeeper(SecureString apiKey, IReadOnlyList<SecureString> bearerTokens)
    {
        _apiKey = Digest(Secrets.Reveal(apiKey));
        _bearerTokens = [.. bearerTokens.Select(token => Digest(Secrets.Reveal(token)))];
    }

    /// <exception cref="ScimErrorException">401.</exception>
    public void Check(SandboxRequest request)
    {
        string? problem = Problem(request);
        if (problem is not null)
            throw Refusal(problem);
    }

    public static ScimErrorException Refusal(string detail) => new ScimErrorException(HttpStatusCode.Unauthorized, null, detail)
        .With("WWW-Authenticate", "ApiKey realm=\"TravelPerk SCIM\", Bearer realm=\"TravelPerk SCIM\"");

    private string? Problem(SandboxRequest request)
    {
        if (request.Authorization is not { } authorization)
            return "Authentication credentials were not provided.";
        int space = authorization.IndexOf(' ', StringComparison.Ordinal);
        string scheme = space < 0 ? authorization : authorization[..space];
        byte[] presented = Digest(space < 0 ? "" : authorization[(space + 1)..].Trim());
        if (string.Equals(scheme, "Bearer", StringComparison.OrdinalIgnoreCase))
            return Known(presented) ? null : "The access token is not valid.";
        if (!string.Equals(scheme, "ApiKey", StringComparison.OrdinalIgnoreCase))
            return "The authorization scheme is not supported. Use ApiKey or Bearer.";
        if (!CryptographicOperations.FixedTimeEquals(presented, _apiKey))
            return "The API key is not valid.";
        return request.ApiVersion == "1" ? null : "The Api-Version header is missing or not supported. Send Api-Version: 1.";
    }

    private bool Known(byte[] presented)
    {
        // Every token is compared, so that the time tells nothing about which one nearly matched.
        bool known = false;
        foreach (byte[] token in _bearerTokens)
            known |= CryptographicOperations.FixedTimeEquals(presented, token);
        return known;
    }

    private static byte[] Digest(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}

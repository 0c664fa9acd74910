using System.Net;
using System.Security;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.SignIn;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Sandbox.Endpoints;

/// <summary>TravelPerk's two OAuth addresses (RFC 6749 section 3). The administrator's part is played at once: consent, or its
/// denial.</summary>
internal sealed class OAuthEndpoint(string clientId, SecureString clientSecret, OAuthGrants grants)
{
    public const string AuthorizePath = "/oauth2/authorize/";
    public const string TokenPath = "/accounts/oauth2/token/";

    private static readonly string[] s_scopes = ["scim:read", "scim:write", "scim:delete", "expenses:read"];

    private readonly byte[] _clientSecret = Digest(SecretText.Reveal(clientSecret));

    /// <summary>Consent is refused.</summary>
    public bool ConsentDenied { get; set; }

    /// <summary>Null when the request is for something else.</summary>
    public SandboxResponse? Answer(SandboxRequest request) =>
        request.Path switch
        {
            AuthorizePath => Attempt(request, "GET", Authorize),
            TokenPath => Attempt(request, "POST", Exchange),
            _ => null,
        };

    private static SandboxResponse Attempt(SandboxRequest request, string method, Func<SandboxRequest, SandboxResponse> answer)
    {
        if (request.Method != method)
            return OAuthAnswer.MethodNotAllowed(method);
        try
        {
            return answer(request);
        }
        catch (OAuthErrorException error)
        {
            return error.ToResponse();
        }
    }

    /// <summary>RFC 6749 section 4.1.2.1: a wrong client or address redirects no browser; every other error is told to the
    /// client.</summary>
    private SandboxResponse Authorize(SandboxRequest request)
    {
        var parameters = OAuthParameters.OfQuery(request);
        if (parameters.Required("client_id") != clientId)
            throw OAuthErrorException.InvalidRequest("The client_id is not known.");
        string redirectUri = parameters.Required("redirect_uri");
        // RFC 8252 section 7.3: a loopback address may have any port.
        if (
            !Uri.TryCreate(redirectUri, UriKind.Absolute, out Uri? target)
            || target is not { Scheme: "http", IsLoopback: true, Fragment: "" }
        )
        {
            throw OAuthErrorException.InvalidRequest("The redirect_uri is not registered. The sandbox knows those on the loopback.");
        }
        string state = parameters["state"] is { } sent ? "&state=" + Uri.EscapeDataString(sent) : "";
        string answer;
        try
        {
            answer = "code=" + Consent(parameters, redirectUri);
        }
        catch (OAuthErrorException error)
        {
            answer = $"error={error.Error}&error_description={Uri.EscapeDataString(error.Message)}";
        }
        return OAuthAnswer.Redirect($"{redirectUri}{(target.Query.Length > 0 ? '&' : '?')}{answer}{state}");
    }

    private string Consent(OAuthParameters parameters, string redirectUri)
    {
        if (parameters.Required("response_type") != "code")
            throw new OAuthErrorException("unsupported_response_type", "Only response_type=code is supported.");
        string? challenge = parameters["code_challenge"];
        if (challenge is not null && parameters["code_challenge_method"] != "S256")
            throw OAuthErrorException.InvalidRequest("Only code_challenge_method=S256 is supported.");
        IReadOnlyList<string> scopes = Scopes(parameters) ?? throw OAuthErrorException.InvalidScope();
        return ConsentDenied
            ? throw new OAuthErrorException("access_denied", "The administrator denied the request.")
            : grants.IssueCode(redirectUri, scopes, challenge);
    }

    private SandboxResponse Exchange(SandboxRequest request)
    {
        if (
            !string.Equals(request.MediaType, "application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase)
            || request.Body.Length > SandboxRequest.MaxBodyBytes
        )
        {
            throw OAuthErrorException.InvalidRequest("Send the parameters as application/x-www-form-urlencoded.");
        }
        var parameters = OAuthParameters.OfForm(request);
        CheckClient(request, parameters);
        TokenPair pair = parameters.Required("grant_type") switch
        {
            "authorization_code" => grants.Redeem(parameters.Required("code"), parameters["redirect_uri"], parameters["code_verifier"]),
            "refresh_token" => grants.Refresh(parameters.Required("refresh_token"), Scopes(parameters)),
            _ => throw new OAuthErrorException("unsupported_grant_type", "Use authorization_code or refresh_token."),
        };
        return OAuthAnswer.Json(
            HttpStatusCode.OK,
            new JsonObject
            {
                ["access_token"] = pair.AccessToken,
                ["token_type"] = "Bearer",
                ["expires_in"] = (long)pair.Lifetime.TotalSeconds,
                ["refresh_token"] = pair.RefreshToken,
                ["scope"] = string.Join(' ', pair.Scopes),
            }
        );
    }

    /// <summary>RFC 6749 section 2.3.1: in the Authorization header or in the body, not in both.</summary>
    private void CheckClient(SandboxRequest request, OAuthParameters parameters)
    {
        (string? id, string? secret) = (parameters["client_id"], parameters["client_secret"]);
        if (request.Authorization is { } authorization)
        {
            if (secret is not null)
                throw OAuthErrorException.InvalidRequest("The client signs in twice.");
            (id, secret) = Basic(authorization);
        }
        bool known = CryptographicOperations.FixedTimeEquals(Digest(secret ?? ""), _clientSecret);
        if (!known || id != clientId)
            throw OAuthErrorException.InvalidClient();
    }

    private static (string? Id, string? Secret) Basic(string authorization)
    {
        byte[] decoded = new byte[authorization.Length];
        if (
            !authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)
            || !Convert.TryFromBase64String(authorization[6..].Trim(), decoded, out int length)
        )
        {
            return (null, null);
        }
        string[] parts = Encoding.UTF8.GetString(decoded, 0, length).Split(':', 2);
        return parts.Length == 2 ? (SandboxRequest.Decode(parts[0]), SandboxRequest.Decode(parts[1])) : (null, null);
    }

    private static string[]? Scopes(OAuthParameters parameters)
    {
        string[]? scopes = parameters["scope"]?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return scopes?.Except(s_scopes, StringComparer.Ordinal).Any() == true ? throw OAuthErrorException.InvalidScope() : scopes;
    }

    private static byte[] Digest(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}

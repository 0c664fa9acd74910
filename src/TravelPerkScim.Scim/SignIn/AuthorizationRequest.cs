using System.Collections.Specialized;
using System.Security.Cryptography;
using System.Text;
using System.Web;
using Duende.IdentityModel;
using Duende.IdentityModel.Client;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Scim.SignIn;

/// <summary>One request for consent (RFC 6749 section 4.1.1), with the secrets that prove which answer belongs to it.</summary>
internal sealed class AuthorizationRequest
{
    public AuthorizationRequest(OAuthOptions options, Uri redirectUri)
    {
        RedirectUri = redirectUri;
        string challenge = Convert
            .ToBase64String(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)))
            .TrimEnd('=')
            .Replace('+', '-')
            .Replace('/', '_');
        Address = new Uri(
            new RequestUrl(options.Endpoints.Authorize.AbsoluteUri).CreateAuthorizeUrl(
                options.ClientId,
                responseType: "code",
                scope: string.Join(' ', options.Scopes),
                redirectUri: redirectUri.AbsoluteUri,
                state: State,
                codeChallenge: challenge,
                codeChallengeMethod: "S256"
            )
        );
    }

    /// <summary>RFC 7636 section 4.1: 32 random bytes.</summary>
    public string Verifier { get; } = CryptoRandom.CreateUniqueId(32);

    public string State { get; } = CryptoRandom.CreateUniqueId(32);

    public Uri RedirectUri { get; }

    /// <summary>The address for the browser. It holds no secret that outlives the answer.</summary>
    public Uri Address { get; }

    /// <summary>
    /// True when a query answers this request. Any program of this machine, and any page in its browser, can send a query.
    /// </summary>
    public bool IsAnsweredBy(string query) =>
        CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(HttpUtility.ParseQueryString(query)["state"] ?? ""),
            Encoding.UTF8.GetBytes(State)
        );

    /// <summary>The code in the query that the browser came back with.</summary>
    /// <exception cref="ScimException"><c>OAuthDenied</c> or <c>OAuthRefused</c>.</exception>
    public string ReadCode(string query)
    {
        NameValueCollection answer = HttpUtility.ParseQueryString(query);
        string? error = ErrorReader.Clean(answer["error"], text => text);
        if (error == "access_denied")
        {
            throw new ScimException(
                ScimFailure.Credential,
                "OAuthDenied",
                "The administrator denied the access, or may not grant it. Sign in as a TravelPerk administrator and choose Authorize App."
            );
        }
        if (error is null && answer["code"] is { Length: > 0 } code)
            return code;
        string reason = error ?? "no code came";
        string said = ErrorReader.Clean(answer["error_description"], text => text) is { } description
            ? $" The service said: {description}"
            : "";
        throw new ScimException(
            ScimFailure.Credential,
            "OAuthRefused",
            $"TravelPerk did not take the request for consent ({reason}). Check the client id, the scopes and the redirect address "
                + $"{RedirectUri} against the app that TravelPerk registered.{said}"
        );
    }
}

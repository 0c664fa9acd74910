using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Protocol;

namespace TravelPerkScim.Sandbox.SignIn;

/// <summary>Ends an OAuth request with an error code of RFC 6749, as JSON (section 5.2) or in a redirect (section 4.1.2.1).</summary>
internal sealed class OAuthErrorException(string error, string description, HttpStatusCode status = HttpStatusCode.BadRequest)
    : Exception(description)
{
    public string Error => error;

    public static OAuthErrorException InvalidRequest(string description) => new("invalid_request", description);

    public static OAuthErrorException InvalidGrant(string description) => new("invalid_grant", description);

    public static OAuthErrorException InvalidScope() => new("invalid_scope", "The scope is unknown, or more than was granted.");

    public static OAuthErrorException InvalidClient() =>
        new("invalid_client", "The client id or the client secret is not valid.", HttpStatusCode.Unauthorized);

    public SandboxResponse ToResponse()
    {
        SandboxResponse response = OAuthAnswer.Json(status, new JsonObject { ["error"] = error, ["error_description"] = Message });
        return status == HttpStatusCode.Unauthorized ? response.With("WWW-Authenticate", "Basic realm=\"TravelPerk OAuth\"") : response;
    }
}

internal static class OAuthAnswer
{
    /// <summary>RFC 6749 section 5.1: no answer that may hold a token is cached.</summary>
    private static readonly ImmutableArray<(string Name, string Value)> s_uncached =
    [
        ("Cache-Control", "no-store"),
        ("Pragma", "no-cache"),
    ];

    public static SandboxResponse Json(HttpStatusCode status, JsonObject body) =>
        new(status)
        {
            ContentType = "application/json",
            Body = ScimJson.ToBytes(body),
            Headers = s_uncached,
        };

    public static SandboxResponse Redirect(string location) =>
        new SandboxResponse(HttpStatusCode.Found) { Headers = s_uncached }.With("Location", location);

    public static SandboxResponse MethodNotAllowed(string allow) =>
        Json(
                HttpStatusCode.MethodNotAllowed,
                new JsonObject { ["error"] = "invalid_request", ["error_description"] = "The method is not allowed here." }
            )
            .With("Allow", allow);
}

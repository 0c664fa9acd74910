using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace TravelPerkScim.Sandbox.Protocol;

/// <summary>Ends the handling of a request with a SCIM error (RFC 7644 section 3.12).</summary>
internal sealed class ScimErrorException(HttpStatusCode status, string? scimType, string detail) : Exception(detail)
{
    /// <summary>The detail for a request without a credential.</summary>
    public const string NoCredential = "Authentication credentials were not provided.";

    private readonly List<(string Name, string Value)> _headers = [];

    public static ScimErrorException InvalidSyntax(string detail) => new(HttpStatusCode.BadRequest, "invalidSyntax", detail);

    public static ScimErrorException InvalidValue(string detail) => new(HttpStatusCode.BadRequest, "invalidValue", detail);

    public static ScimErrorException InvalidPath(string detail) => new(HttpStatusCode.BadRequest, "invalidPath", detail);

    public static ScimErrorException InvalidFilter(string detail) => new(HttpStatusCode.BadRequest, "invalidFilter", detail);

    public static ScimErrorException NoTarget(string detail) => new(HttpStatusCode.BadRequest, "noTarget", detail);

    public static ScimErrorException Mutability(string detail) => new(HttpStatusCode.BadRequest, "mutability", detail);

    public static ScimErrorException Uniqueness(string detail) => new(HttpStatusCode.Conflict, "uniqueness", detail);

    public static ScimErrorException NotFound(string detail) => new(HttpStatusCode.NotFound, null, detail);

    public static ScimErrorException UserNotFound(string id) => UnknownId($"User {id} not found.");

    public static ScimErrorException GroupNotFound(string id) => UnknownId($"Group {id} not found.");

    /// <summary>401, with the schemes that are known (RFC 9110 section 11.6.1).</summary>
    public static ScimErrorException Unauthorized(string detail) =>
        new ScimErrorException(HttpStatusCode.Unauthorized, null, detail).With(
            "WWW-Authenticate",
            "ApiKey realm=\"TravelPerk SCIM\", Bearer realm=\"TravelPerk SCIM\""
        );

    public static ScimErrorException MethodNotAllowed(string method, string allow) =>
        new ScimErrorException(HttpStatusCode.MethodNotAllowed, null, $"Method {method} is not allowed here.").With("Allow", allow);

    private static ScimErrorException UnknownId(string detail) => new(HttpStatusCode.NotFound, null, detail) { IsUnknownId = true };

    /// <summary>404 since no user or group has the id.</summary>
    private bool IsUnknownId { get; init; }

    public ScimErrorException With(string header, string value)
    {
        _headers.Add((header, value));
        return this;
    }

    public SandboxResponse ToResponse()
    {
        JsonObject error = new() { ["schemas"] = new JsonArray(ScimJson.ErrorUrn) };
        if (scimType is not null)
            error["scimType"] = scimType;
        error["detail"] = Message;
        error["status"] = ((int)status).ToString(CultureInfo.InvariantCulture);
        SandboxResponse response = SandboxResponse.Json(status, ScimJson.ToBytes(error)) with { UnknownId = IsUnknownId };
        foreach ((string name, string value) in _headers)
            response = response.With(name, value);
        return response;
    }
}

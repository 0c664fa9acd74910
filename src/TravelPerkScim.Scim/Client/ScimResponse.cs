using System.Net;
using System.Text.Json.Nodes;

namespace TravelPerkScim.Scim;

/// <summary>A successful answer. Body is null when it was empty.</summary>
/// <param name="Request">What was asked.</param>
/// <param name="Status">2xx.</param>
/// <param name="Body">The JSON.</param>
internal sealed record ScimResponse(ScimRequest Request, HttpStatusCode Status, JsonNode? Body)
{
    /// <summary>The body as a JSON object.</summary>
    public JsonObject Object() => Body as JsonObject ?? throw Invalid(Body is null ? "an empty body" : "JSON that is not an object");

    /// <summary>The body as a resource with an id.</summary>
    public ScimUser User() => User(Object());

    /// <summary>A resource with an id.</summary>
    public ScimUser User(JsonObject resource)
    {
        var user = new ScimUser(resource);
        return string.IsNullOrEmpty(user.Id) ? throw Invalid("a user without an id") : user;
    }

    /// <summary>A group with an id.</summary>
    public ScimGroup Group(JsonObject resource)
    {
        var group = new ScimGroup(resource);
        return string.IsNullOrEmpty(group.Id) ? throw Invalid("a group without an id") : group;
    }

    public ScimException Invalid(string what) =>
        new("InvalidResponse", $"{Request}: the service answered {(int)Status} with {what}. Check that the base URI is the SCIM root.")
        {
            StatusCode = Status,
            OutcomeUnknown = Request.IsWrite,
        };
}

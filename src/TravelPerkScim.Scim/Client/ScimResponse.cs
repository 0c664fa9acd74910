using System.Net;
using System.Text.Json.Nodes;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Scim.Client;

/// <summary>A successful answer. Body is null when it was empty.</summary>
/// <param name="Request">The request.</param>
/// <param name="Status">2xx.</param>
/// <param name="Body">The JSON.</param>
internal sealed record ScimResponse(ScimRequest Request, HttpStatusCode Status, JsonNode? Body)
{
    /// <summary>The body as a JSON object.</summary>
    public JsonObject Object() => Body as JsonObject ?? throw Invalid(Body is null ? "an empty body" : "JSON that is not an object");

    /// <summary>The body as a resource with an id.</summary>
    public ScimUser User() => User(Object());

    /// <summary>The body as the user that was asked for. A cache or a proxy that mixes answers up may return another user.</summary>
    public ScimUser User(string id)
    {
        ScimUser user = User();
        return user.Id == id ? user : throw Another("user", id, user.Id!);
    }

    /// <summary>A resource with an id.</summary>
    public ScimUser User(JsonObject resource)
    {
        var user = new ScimUser(resource);
        return string.IsNullOrEmpty(user.Id) ? throw Invalid("a user without an id") : user;
    }

    /// <summary>The body as the group that was asked for.</summary>
    public ScimGroup Group(string id)
    {
        ScimGroup group = Group(Object());
        return group.Id == id ? group : throw Another("group", id, group.Id!);
    }

    /// <summary>A group with an id.</summary>
    public ScimGroup Group(JsonObject resource)
    {
        var group = new ScimGroup(resource);
        return string.IsNullOrEmpty(group.Id) ? throw Invalid("a group without an id") : group;
    }

    public ScimException Invalid(string what) => Invalid(what, "Check that the base URI is the SCIM root.");

    private ScimException Another(string kind, string id, string other) =>
        Invalid(
            $"{kind} {other} instead of {kind} {id}",
            "Nothing is done with it. A cache or a proxy on the way may mix up answers; if there is none, ask TravelPerk's support."
        );

    private ScimException Invalid(string what, string advice) =>
        new(ScimFailure.Unreadable, "InvalidResponse", $"{Request}: the service answered {(int)Status} with {what}. {advice}")
        {
            StatusCode = Status,
            OutcomeUnknown = Request.IsWrite,
        };
}

using System.Text.Json.Nodes;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Scim.Resources;

/// <summary>A group resource (RFC 7643 4.2). The JSON as received is kept whole; properties are views over it.</summary>
public sealed class ScimGroup
{
    /// <summary>Schema URN of a group.</summary>
    public const string SchemaUrn = "urn:ietf:params:scim:schemas:core:2.0:Group";

    public ScimGroup(JsonObject resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        Resource = resource;
    }

    /// <summary>The service's id of the group: opaque text.</summary>
    public string? Id => Text("id");

    public string? DisplayName => Text("displayName");

    public string? ExternalId => Text("externalId");

    /// <summary>Ids of the members; null when the answer has no <c>members</c>. Some services never show members, and an empty group need
    /// not have the attribute.</summary>
    public IReadOnlyList<string>? Members =>
        JsonLookup.Find(Resource, "members") is JsonArray members
            ? [.. members.Select(JsonLookup.Scalar).Select(JsonLookup.TextOf).OfType<string>()]
            : null;

    /// <summary>The resource as received.</summary>
    public JsonObject Resource { get; }

    /// <summary>The name and id, for messages.</summary>
    public override string ToString() => $"{DisplayName ?? "(no displayName)"} ({Id ?? "no id"})";

    /// <summary>A group to be created (RFC 7644 3.3).</summary>
    public static JsonObject Write(string displayName, string externalId, IEnumerable<string> members) =>
        new()
        {
            ["schemas"] = new JsonArray(SchemaUrn),
            ["displayName"] = displayName,
            ["externalId"] = externalId,
            ["members"] = MembersOf(members),
        };

    /// <summary>The one operation that adds any number of members (RFC 7644 3.5.2.1).</summary>
    public static PatchOperation AddMembers(IEnumerable<string> members) =>
        new(PatchOperationKind.Add, AttributePath.Parse("members"), MembersOf(members));

    /// <summary>
    /// The operation that removes one member by a filter (RFC 7644 3.5.2.2). A server may take a remove of <c>members</c> with a list of
    /// values for a remove of all members.
    /// </summary>
    public static PatchOperation RemoveMember(string member) =>
        new(PatchOperationKind.Remove, new AttributePath(null, "members", ScimFilter.Equal("value", member), null), null);

    private static JsonArray MembersOf(IEnumerable<string> members) => new([.. members.Select(id => new JsonObject { ["value"] = id })]);

    private string? Text(string name) => JsonLookup.TextOf(JsonLookup.Scalar(JsonLookup.Find(Resource, name)));
}

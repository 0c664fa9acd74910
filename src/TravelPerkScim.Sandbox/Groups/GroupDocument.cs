using System.Globalization;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Users;

namespace TravelPerkScim.Sandbox.Groups;

/// <summary>Turns a stored group into its JSON and back (RFC 7643 section 4.2).</summary>
internal sealed class GroupDocument(Uri baseUri, UserStore users)
{
    private readonly string _groupsUri = new Uri(baseUri, "Groups/").AbsoluteUri;

    public string Location(string id) => _groupsUri + id;

    /// <summary>The attributes of a body that a client may write.</summary>
    public static JsonObject Read(JsonObject body)
    {
        ResourceReader.ReadSchemas(body, SchemaDefinition.Group.Urn);
        return ResourceReader.ReadMembers(SchemaDefinition.Group.Attributes, body, "");
    }

    /// <summary>The attributes of a stored group that a client wrote.</summary>
    public static JsonObject Content(StoredGroup group)
    {
        JsonObject content = Empty();
        content["displayName"] = group.DisplayName;
        if (group.ExternalId is { } externalId)
            content["externalId"] = externalId;
        content["members"] = new JsonArray([.. group.Members.Select(id => new JsonObject { ["value"] = Text(id) })]);
        return content;
    }

    public JsonObject Write(StoredGroup group)
    {
        JsonObject resource = Content(group);
        resource["schemas"] = new JsonArray(SchemaDefinition.Group.Urn);
        resource["id"] = group.Id;
        resource["members"] = new JsonArray([
            .. group
                .Members.Select(id => users.Find(Text(id)))
                .OfType<StoredUser>()
                .Select(user => new JsonObject
                {
                    ["value"] = user.IdText,
                    ["$ref"] = users.Location(user),
                    ["type"] = "User",
                    ["display"] = user.DisplayName,
                }),
        ]);
        resource["meta"] = new JsonObject
        {
            ["resourceType"] = "Group",
            ["created"] = Instant(group.Created),
            ["lastModified"] = Instant(group.Modified),
            ["location"] = Location(group.Id),
        };
        return resource;
    }

    /// <summary>The user's JSON with the groups it is in, which the server alone writes (RFC 7643 section 4.1.2).</summary>
    public byte[] WithGroups(StoredUser user, IReadOnlyList<StoredGroup> groups)
    {
        if (groups.Count == 0)
            return user.Json;
        JsonObject resource = ScimJson.ParseStored(user.Json);
        resource["groups"] = new JsonArray([
            .. groups.Select(group => new JsonObject
            {
                ["value"] = group.Id,
                ["$ref"] = Location(group.Id),
                ["display"] = group.DisplayName,
            }),
        ]);
        return ScimJson.ToBytes(resource);
    }

    /// <summary>The user as an answer shows it; <paramref name="groups"/> is null in a service without any.</summary>
    public JsonObject Shown(StoredUser user, GroupStore? groups) =>
        ScimJson.ParseStored(groups is null ? user.Json : WithGroups(user, groups.Of(user.Id)));

    private static JsonObject Empty() => new(new JsonNodeOptions { PropertyNameCaseInsensitive = true });

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);

    private static string Instant(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}

using System.Net;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Protocol;

namespace TravelPerkScim.Sandbox.Endpoints;

/// <summary><c>/ServiceProviderConfig</c>, <c>/ResourceTypes</c> and <c>/Schemas</c> (RFC 7644 section 4).</summary>
internal sealed class DiscoveryEndpoint
{
    private readonly Uri _baseUri;
    private readonly UserSchemas _userSchemas;
    private readonly Dictionary<string, Documents> _documents;

    public DiscoveryEndpoint(Uri baseUri, int pageCap, bool groups, UserSchemas userSchemas)
    {
        _baseUri = baseUri;
        _userSchemas = userSchemas;
        JsonObject[] types = groups ? [UserResourceType(), GroupResourceType()] : [UserResourceType()];
        SchemaDefinition[] published = groups ? [.. userSchemas.All, SchemaDefinition.Group] : [.. userSchemas.All];
        JsonObject[] schemas = [.. published.Select(Schema)];
        _documents = new(StringComparer.Ordinal)
        {
            ["ServiceProviderConfig"] = new(ScimJson.ToBytes(ServiceProviderConfig(pageCap)), []),
            ["ResourceTypes"] = Documents.Of(types, StringComparer.Ordinal),
            ["Schemas"] = Documents.Of(schemas, StringComparer.OrdinalIgnoreCase),
        };
    }

    public SandboxResponse? Answer(SandboxRequest request, string endpoint, string? id)
    {
        if (!_documents.TryGetValue(endpoint, out Documents? documents))
            return null;
        byte[]? body = id is null ? documents.All : documents.ById.GetValueOrDefault(id);
        if (body is null)
            return null;
        if (request.Method != "GET")
            throw ScimErrorException.MethodNotAllowed(request.Method, "GET, HEAD");
        // RFC 7644 section 4: a filter on these endpoints is forbidden, so that no client takes a partial answer for the whole.
        return request.Query("filter") is null
            ? SandboxResponse.Json(HttpStatusCode.OK, body)
            : throw new ScimErrorException(HttpStatusCode.Forbidden, null, $"Filters are not supported on /{endpoint}.");
    }

    private JsonObject Meta(string resourceType, string path) =>
        new() { ["resourceType"] = resourceType, ["location"] = new Uri(_baseUri, path).AbsoluteUri };

    private JsonObject Schema(SchemaDefinition schema)
    {
        JsonObject document = schema.Document.DeepClone().AsObject();
        document["meta"] = Meta("Schema", $"Schemas/{schema.Urn}");
        return document;
    }

    private JsonObject UserResourceType() =>
        new()
        {
            ["schemas"] = new JsonArray("urn:ietf:params:scim:schemas:core:2.0:ResourceType"),
            ["id"] = "User",
            ["name"] = "User",
            ["endpoint"] = "/Users",
            ["description"] = "User accounts",
            ["schema"] = SchemaDefinition.User.Urn,
            ["schemaExtensions"] = new JsonArray([
                .. _userSchemas.Extensions.Select(extension => new JsonObject { ["schema"] = extension.Urn, ["required"] = false }),
            ]),
            ["meta"] = Meta("ResourceType", "ResourceTypes/User"),
        };

    private JsonObject GroupResourceType() =>
        new()
        {
            ["schemas"] = new JsonArray("urn:ietf:params:scim:schemas:core:2.0:ResourceType"),
            ["id"] = "Group",
            ["name"] = "Group",
            ["endpoint"] = "/Groups",
            ["description"] = "Groups of users",
            ["schema"] = SchemaDefinition.Group.Urn,
            ["meta"] = Meta("ResourceType", "ResourceTypes/Group"),
        };

    private JsonObject ServiceProviderConfig(int pageCap) =>
        new()
        {
            ["schemas"] = new JsonArray("urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"),
            ["patch"] = Supported(true),
            ["bulk"] = new JsonObject
            {
                ["supported"] = false,
                ["maxOperations"] = 0,
                ["maxPayloadSize"] = 0,
            },
            ["filter"] = new JsonObject { ["supported"] = true, ["maxResults"] = pageCap },
            ["changePassword"] = Supported(false),
            ["sort"] = Supported(false),
            ["etag"] = Supported(false),
            // As Perk publishes it. RFC 7643 section 5 has no type for its API key, so that the key is in no list.
            ["authenticationSchemes"] = new JsonArray(
                new JsonObject
                {
                    ["type"] = "oauthbearertoken",
                    ["name"] = "OAuth Bearer Token",
                    ["description"] = "Authorization: Bearer, with an OAuth 2.0 access token.",
                    ["specUri"] = "https://www.rfc-editor.org/info/rfc6750",
                    ["primary"] = true,
                }
            ),
            ["meta"] = Meta("ServiceProviderConfig", "ServiceProviderConfig"),
        };

    private static JsonObject Supported(bool supported) => new() { ["supported"] = supported };

    /// <summary>The documents of one endpoint: without an id, and by id.</summary>
    private sealed record Documents(byte[] All, Dictionary<string, byte[]> ById)
    {
        public static Documents Of(JsonObject[] documents, StringComparer ids) =>
            new(
                ScimJson.List(documents.Length, 1, documents),
                documents.ToDictionary(document => document["id"]!.GetValue<string>(), ScimJson.ToBytes, ids)
            );
    }
}

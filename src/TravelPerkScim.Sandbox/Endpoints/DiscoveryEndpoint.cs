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
    private readonly byte[] _serviceProviderConfig;
    private readonly Dictionary<string, byte[]> _resourceTypes;
    private readonly Dictionary<string, byte[]> _schemas;
    private readonly byte[] _allResourceTypes;
    private readonly byte[] _allSchemas;

    public DiscoveryEndpoint(Uri baseUri, int pageCap, bool groups, UserSchemas userSchemas)
    {
        _baseUri = baseUri;
        _userSchemas = userSchemas;
        _serviceProviderConfig = ScimJson.ToBytes(ServiceProviderConfig(pageCap));
        JsonObject[] types = groups ? [UserResourceType(), GroupResourceType()] : [UserResourceType()];
        _resourceTypes = types.ToDictionary(type => type["id"]!.GetValue<string>(), ScimJson.ToBytes, StringComparer.Ordinal);
        _allResourceTypes = ScimJson.List(types.Length, 1, types);
        SchemaDefinition[] published = groups ? [.. userSchemas.All, SchemaDefinition.Group] : [.. userSchemas.All];
        JsonObject[] schemas = [.. published.Select(Schema)];
        _schemas = schemas.ToDictionary(schema => schema["id"]!.GetValue<string>(), ScimJson.ToBytes, StringComparer.OrdinalIgnoreCase);
        _allSchemas = ScimJson.List(schemas.Length, 1, schemas);
    }

    public SandboxResponse? Answer(SandboxRequest request, string endpoint, string? id)
    {
        byte[]? body = endpoint switch
        {
            "ServiceProviderConfig" when id is null => _serviceProviderConfig,
            "ResourceTypes" => id is null ? _allResourceTypes : _resourceTypes.GetValueOrDefault(id),
            "Schemas" => id is null ? _allSchemas : _schemas.GetValueOrDefault(id),
            _ => null,
        };
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
}

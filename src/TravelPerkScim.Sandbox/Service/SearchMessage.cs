using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Endpoints;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Users;

namespace TravelPerkScim.Sandbox.Service;

/// <summary>A query in the body of a POST to <c>.search</c> (RFC 7644 section 3.4.3), read as the GET that asks the same.</summary>
internal static class SearchMessage
{
    public const string SchemaUrn = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

    private static readonly string[] s_lists = ["attributes", "excludedAttributes"];
    private static readonly string[] s_texts = ["filter", "sortBy", "sortOrder"];
    private static readonly string[] s_numbers = ["startIndex", "count"];

    /// <exception cref="ScimErrorException">400: the body is no search request.</exception>
    public static SandboxRequest AsGet(SandboxRequest request)
    {
        JsonObject body = ScimJson.ParseBody(UsersEndpoint.Body(request));
        if (!ResourceReader.ReadSchemas(body).Contains(SchemaUrn))
            throw ScimErrorException.InvalidSyntax($"The schemas attribute must list {SchemaUrn}.");
        List<string> query = [];
        foreach (string name in s_lists)
            Add(name, body[name] is null ? null : string.Join(',', Names(name, body[name]!)));
        foreach (string name in s_texts)
        {
            Add(
                name,
                body[name] is null ? null : ScimJson.Text(body[name]) ?? throw ScimErrorException.InvalidValue($"{name} must be a string.")
            );
        }
        foreach (string name in s_numbers)
            Add(name, body[name] is null ? null : Number(name, body[name]!));
        return request.AsGet(request.Path[..^".search".Length], string.Join('&', query));

        void Add(string name, string? value)
        {
            if (value is not null)
                query.Add($"{name}={Uri.EscapeDataString(value)}");
        }
    }

    private static IEnumerable<string> Names(string name, JsonNode list)
    {
        foreach (
            JsonNode? element in list as JsonArray ?? throw ScimErrorException.InvalidValue($"{name} must be a list of attribute names.")
        )
        {
            yield return ScimJson.Text(element) ?? throw ScimErrorException.InvalidValue($"{name} must be a list of attribute names.");
        }
    }

    private static string Number(string name, JsonNode value) =>
        value is JsonValue scalar && scalar.GetValueKind() == JsonValueKind.Number
            ? scalar.ToJsonString()
            : throw ScimErrorException.InvalidValue(string.Create(CultureInfo.InvariantCulture, $"{name} must be an integer."));
}

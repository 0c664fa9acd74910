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
        ResourceReader.ReadSchemas(body, SchemaUrn);
        List<string> query = [];
        Add(s_lists, Names);
        Add(s_texts, Text);
        Add(s_numbers, Number);
        return request.AsGet(request.Path[..^".search".Length], string.Join('&', query));

        void Add(string[] names, Func<string, JsonNode, string> read)
        {
            foreach (string name in names)
            {
                if (body[name] is { } value)
                    query.Add($"{name}={Uri.EscapeDataString(read(name, value))}");
            }
        }
    }

    private static string Names(string name, JsonNode list)
    {
        string?[]? names = (list as JsonArray)?.Select(ScimJson.Text).ToArray();
        if (names is null || names.Contains(null))
            throw ScimErrorException.InvalidValue($"{name} must be a list of attribute names.");
        return string.Join(',', names);
    }

    private static string Text(string name, JsonNode value) =>
        ScimJson.Text(value) ?? throw ScimErrorException.InvalidValue($"{name} must be a string.");

    private static string Number(string name, JsonNode value) =>
        value.GetValueKind() == JsonValueKind.Number
            ? value.ToJsonString()
            : throw ScimErrorException.InvalidValue(string.Create(CultureInfo.InvariantCulture, $"{name} must be an integer."));
}

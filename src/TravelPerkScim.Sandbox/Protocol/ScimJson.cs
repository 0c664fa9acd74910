using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TravelPerkScim.Sandbox.Protocol;

/// <summary>JSON in and out: names without case on the way in (RFC 7643 section 2.1), readable text on the way out.</summary>
internal static class ScimJson
{
    public const string ErrorUrn = "urn:ietf:params:scim:api:messages:2.0:Error";
    public const string ListResponseUrn = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
    public const string PatchOpUrn = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

    // "+" as \u002B is legal JSON, but a person who reads a recorded answer wants the phone number.
    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonNodeOptions s_reading = new() { PropertyNameCaseInsensitive = true };

    public static byte[] ToBytes(JsonNode node) => ToBytes(node.WriteTo);

    public static byte[] ToBytes(Action<Utf8JsonWriter, JsonSerializerOptions?> write)
    {
        ArrayBufferWriter<byte> buffer = new(1024);
        using (Utf8JsonWriter writer = new(buffer, s_writing))
            write(writer, null);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A list answer (RFC 7644 section 3.4.2).</summary>
    public static byte[] List(int totalResults, int startIndex, IReadOnlyCollection<JsonObject> page) =>
        ToBytes(
            new JsonObject
            {
                ["schemas"] = new JsonArray(ListResponseUrn),
                ["totalResults"] = totalResults,
                ["startIndex"] = startIndex,
                ["itemsPerPage"] = page.Count,
                ["Resources"] = new JsonArray([.. page.Select(resource => resource.DeepClone())]),
            }
        );

    public static JsonObject ParseStored(ReadOnlySpan<byte> json) => JsonNode.Parse(json, s_reading)!.AsObject();

    /// <summary>A request body that is one JSON object without repeated names.</summary>
    /// <exception cref="ScimErrorException">400 invalidSyntax.</exception>
    public static JsonObject ParseBody(ReadOnlyMemory<byte> body)
    {
        try
        {
            if (JsonNode.Parse(body.Span, s_reading) is JsonObject resource)
            {
                Touch(resource);
                return resource;
            }
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            // JsonObject finds a repeated name on first use only, as an ArgumentException. To the sender both are one error.
        }
        throw ScimErrorException.InvalidSyntax("The request body is not a JSON object.");
    }

    /// <summary>The text of a JSON string; null for anything else.</summary>
    public static string? Text(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;

    /// <summary>The objects of a JSON list; none for anything else.</summary>
    public static IEnumerable<JsonObject> Objects(JsonNode? node) => (node as JsonArray ?? []).OfType<JsonObject>();

    private static void Touch(JsonNode? node)
    {
        if (node is JsonObject container)
        {
            foreach ((_, JsonNode? value) in container)
                Touch(value);
        }
        else if (node is JsonArray array)
        {
            foreach (JsonNode? element in array)
                Touch(element);
        }
    }
}

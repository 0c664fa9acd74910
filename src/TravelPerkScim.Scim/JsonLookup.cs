using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TravelPerkScim.Scim;

/// <summary>Reads JSON as SCIM does: names have no case, and a single value counts as a list of one.</summary>
internal static class JsonLookup
{
    // The default encoder writes "+" as \u002B. That is legal, but a server that parses filters by hand then misses the address.
    private static readonly JsonSerializerOptions s_relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A member by name, without case (RFC 7643 2.1); null when absent or JSON null.</summary>
    public static JsonNode? Find(JsonObject container, string name)
    {
        if (container.TryGetPropertyValue(name, out JsonNode? exact))
            return exact;
        return Spelling(container, name) is { } spelled ? container[spelled] : null;
    }

    /// <summary>The name of a member as the container spells it; null when the member is absent.</summary>
    public static string? Spelling(JsonObject container, string name)
    {
        foreach ((string key, _) in container)
        {
            if (string.Equals(key, name, StringComparison.OrdinalIgnoreCase))
                return key;
        }

        return null;
    }

    /// <summary>The elements of an array, the value itself when single, nothing when absent.</summary>
    public static IEnumerable<JsonNode> Elements(JsonNode? node) =>
        node switch
        {
            null => [],
            JsonArray array => array.OfType<JsonNode>(),
            _ => [node],
        };

    /// <summary>The value as string, bool, long or double, or null for another kind. Of a complex value, its <c>value</c>
    /// member.</summary>
    public static object? Scalar(JsonNode? node)
    {
        if (node is JsonObject complex)
            node = Find(complex, "value");
        if (node is not JsonValue value)
            return null;
        if (value.TryGetValue<string>(out string? text))
            return text;
        switch (value.GetValueKind())
        {
            case JsonValueKind.String:
                return value.ToString();
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            case JsonValueKind.Number:
                return Number(value.ToJsonString());
            default:
                return null;
        }
    }

    /// <summary>A scalar that services write as text or as a whole number, such as an id; null for another kind.</summary>
    public static string? TextOf(object? scalar) =>
        scalar switch
        {
            string text => text,
            long number => number.ToString(CultureInfo.InvariantCulture),
            _ => null,
        };

    /// <summary>long when it fits, otherwise double.</summary>
    public static object Number(string json) =>
        long.TryParse(json, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole)
            ? (object)whole
            : double.Parse(json, NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>A scalar as JSON text.</summary>
    public static string Write(object? value) => JsonSerializer.Serialize(value, s_relaxed);
}

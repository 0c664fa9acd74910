using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Scim.Resources;

/// <summary>Writes desired values as the JSON that SCIM wants for the type of the attribute (RFC 7643 2.3 and 2.4).</summary>
internal static class ScimValue
{
    private const string Iso = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";

    public static JsonNode? ToJson(object? value, ScimSchemaAttribute? definition)
    {
        if (value is null or JsonNode)
            return (value as JsonNode)?.DeepClone();
        bool many = value is IEnumerable and not string;
        if (!many && definition is not { MultiValued: true })
        {
            return Single(
                value,
                definition,
                complex: definition is { Type: ScimAttributeType.Reference, SimpleElements: false, Path.SubAttribute: null }
            );
        }

        var array = new JsonArray();
        bool complex = definition is not { SimpleElements: true };
        foreach (object? element in many ? (IEnumerable)value : new[] { value })
        {
            if (element is not null)
                array.Add(element is JsonNode node ? node.DeepClone() : Single(element, definition, complex));
        }

        return array;
    }

    private static JsonNode Single(object value, ScimSchemaAttribute? definition, bool complex)
    {
        if (!complex)
            return Scalar(value, definition?.Type);
        return ComplexText.Read(value) ?? new JsonObject { ["value"] = Scalar(value, definition?.Type) };
    }

    private static JsonValue Scalar(object value, ScimAttributeType? type) =>
        (type, value) switch
        {
            (_, string text) => FromText(text, type),
            (ScimAttributeType.Boolean or null, bool flag) => JsonValue.Create(flag),
            (ScimAttributeType.Integer or ScimAttributeType.Decimal or null, int whole) => JsonValue.Create(whole),
            (ScimAttributeType.Integer or ScimAttributeType.Decimal or null, long whole) => JsonValue.Create(whole),
            (ScimAttributeType.Decimal or null, double number) => JsonValue.Create(number),
            _ => JsonValue.Create(Text(value))!,
        };

    private static JsonValue FromText(string text, ScimAttributeType? type)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        if (type == ScimAttributeType.Boolean && bool.TryParse(text, out bool flag))
            return JsonValue.Create(flag);
        if (type == ScimAttributeType.Integer && long.TryParse(text, NumberStyles.AllowLeadingSign, invariant, out long whole))
            return JsonValue.Create(whole);
        if (type == ScimAttributeType.Decimal && decimal.TryParse(text, NumberStyles.Float, invariant, out decimal number))
            return JsonValue.Create(number);
        return JsonValue.Create(text);
    }

    private static string? Text(object value) =>
        value switch
        {
            bool flag => flag ? "true" : "false",
            DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            DateTime moment => moment.ToUniversalTime().ToString(Iso, CultureInfo.InvariantCulture),
            DateTimeOffset moment => moment.UtcDateTime.ToString(Iso, CultureInfo.InvariantCulture),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture),
        };
}

using System.Text.Json;
using System.Text.Json.Nodes;

namespace TravelPerkScim.Scim.Resources;

/// <summary>A complex value that travels as text: a JSON object with a <c>value</c> member, as Entra's AppRoleAssignmentsComplex
/// gives.</summary>
public static class ComplexText
{
    /// <summary>The object; null when the value is not such a text.</summary>
    public static JsonObject? Read(object? value)
    {
        if (value is not string text || !text.StartsWith('{'))
            return null;
        try
        {
            return JsonNode.Parse(text) is JsonObject whole && JsonLookup.Find(whole, "value") is not null ? whole : null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            // Text that begins with a brace, or an object that names a member twice.
            return null;
        }
    }

    /// <summary>The <c>value</c> member of such a text, or the value itself.</summary>
    public static object? ValueOf(object? value) => JsonLookup.Scalar(Read(value)) ?? value;
}

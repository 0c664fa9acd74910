using System.Text.Json;

namespace TravelPerkScim.Entra.Http;

/// <summary>
/// Text from JSON of a service. Half a surrogate pair, or bytes that are not UTF-8, pass the parser and throw only when the text is read.
/// </summary>
internal static class JsonText
{
    /// <summary>The text; null for another type, and for text that is not Unicode.</summary>
    public static string? Of(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The text of a property; null when the element is no object or has no such text.</summary>
    public static string? Of(JsonElement item, string name) => Property(item, name) is { } value ? Of(value) : null;

    /// <summary>The text of a property; null also for empty text.</summary>
    public static string? NotEmpty(JsonElement item, string name) => Of(item, name) is { Length: > 0 } text ? text : null;

    /// <summary>The elements of a property; none when it is no list.</summary>
    public static JsonElement.ArrayEnumerator Items(JsonElement item, string name) =>
        Property(item, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : default;

    /// <summary>A property; null when the element is no object, has none of this name, or has names that are not Unicode.</summary>
    public static JsonElement? Property(JsonElement item, string name)
    {
        try
        {
            return item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out JsonElement value) ? value : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}

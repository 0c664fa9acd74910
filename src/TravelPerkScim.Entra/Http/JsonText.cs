using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TravelPerkScim.Provisioning.Model;

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
    public static string? Of(JsonElement item, string name) => Of(Property(item, name));

    /// <summary>The text of a member; null when there is no object, or it has no such text.</summary>
    public static string? Of(JsonObject? item, string name) =>
        item?[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>The name of a property; null when it is not Unicode.</summary>
    public static string? NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The text of a property; null also for text without a visible character.</summary>
    public static string? NotBlank(JsonElement item, string name)
    {
        string? text = Of(item, name);
        return string.IsNullOrWhiteSpace(text) ? null : text;
    }

    /// <summary>The text of a property; empty when there is none.</summary>
    public static string OrEmpty(JsonElement item, string name) => Of(item, name) ?? "";

    /// <summary>The text of a property; null also for empty text.</summary>
    public static string? NotEmpty(JsonElement item, string name) => Of(item, name) is { Length: > 0 } text ? text : null;

    /// <summary>The text of a property that every answer of this kind has.</summary>
    /// <exception cref="SourceException"><c>EntraResponseInvalid</c>, with the complaint about the answer.</exception>
    public static string Required(JsonElement item, string name, string complaint) =>
        Of(item, name) ?? throw GraphFailure.Invalid(complaint);

    /// <summary>The elements of a property; none when it is no list.</summary>
    public static JsonElement.ArrayEnumerator Items(JsonElement item, string name) =>
        Property(item, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : default;

    /// <summary>A property that is a list in every answer of this kind.</summary>
    /// <exception cref="SourceException"><c>EntraResponseInvalid</c>, with the complaint about the answer.</exception>
    public static JsonElement RequiredList(JsonElement item, string name, string complaint) =>
        Property(item, name) is { ValueKind: JsonValueKind.Array } list ? list : throw GraphFailure.Invalid(complaint);

    /// <summary>A time; null when there is none.</summary>
    public static DateTimeOffset? Time(JsonElement item, string name) =>
        DateTimeOffset.TryParse(Of(item, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            : null;

    /// <summary>The object of an answer; undefined for an answer without a body.</summary>
    public static JsonElement Root(JsonDocument? answer) => answer?.RootElement ?? default;

    /// <summary>
    /// A property; undefined when the element is no object, has none of this name, or has names that are not Unicode. An undefined element
    /// has no properties, no items and no text.
    /// </summary>
    public static JsonElement Property(JsonElement item, string name)
    {
        try
        {
            return item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out JsonElement value) ? value : default;
        }
        catch (InvalidOperationException)
        {
            return default;
        }
    }

    /// <summary>Whether the element is there. A property that is null is there.</summary>
    public static bool Exists(JsonElement item) => item.ValueKind != JsonValueKind.Undefined;
}

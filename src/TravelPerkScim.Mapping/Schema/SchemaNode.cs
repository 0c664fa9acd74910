using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TravelPerkScim.Mapping.Schema;

/// <summary>
/// One object of a synchronization schema, as a view over its JSON. Members, enum values, order and explicit nulls that the view has no
/// property for stay in the JSON, and are written back as they came.
/// </summary>
public abstract class SchemaNode
{
    private protected SchemaNode(JsonObject json) => Json = json;

    internal JsonObject Json { get; }

    private protected string? GetString([CallerMemberName] string property = "") => ValueOf(property, "a string")?.ToString();

    private protected bool GetBoolean(bool otherwise, [CallerMemberName] string property = "")
    {
        const string Expected = "true or false";
        if (ValueOf(property, Expected) is not { } value)
            return otherwise;
        return bool.TryParse(value.ToString(), out bool parsed) ? parsed : throw Unexpected(value, Expected);
    }

    private protected int GetInteger([CallerMemberName] string property = "")
    {
        const string Expected = "an integer";
        if (ValueOf(property, Expected) is not { } value)
            return 0;
        const NumberStyles Style = NumberStyles.AllowLeadingSign;
        return int.TryParse(value.ToString(), Style, CultureInfo.InvariantCulture, out int parsed)
            ? parsed
            : throw Unexpected(value, Expected);
    }

    private JsonValue? ValueOf(string property, string expected) => Member<JsonValue>(Json, NameOf(property), expected);

    /// <summary>A member that can be one kind of JSON only; null when it is missing or null.</summary>
    internal static T? Member<T>(JsonObject json, string name, string expected)
        where T : JsonNode
    {
        JsonNode? node = json[name];
        return node is null or T ? (T?)node : throw Unexpected(node, expected);
    }

    /// <summary>The value of an enum. Names compare without case, because Graph uses more than one case. A value of a newer service reads
    /// as <paramref name="otherwise"/>.</summary>
    private protected T GetEnum<T>(T otherwise, [CallerMemberName] string property = "")
        where T : struct, Enum
    {
        string? text = GetString(property);
        return Enum.TryParse(text, ignoreCase: true, out T value) && Enum.IsDefined(value) ? value : otherwise;
    }

    private protected T? GetObject<T>(Func<JsonObject, T> view, [CallerMemberName] string property = "")
        where T : SchemaNode => Member<JsonObject>(Json, NameOf(property), "an object") is { } json ? view(json) : null;

    private protected void Set(JsonNode? value, [CallerMemberName] string property = "") =>
        Json[NameOf(property)] = value?.Parent is null ? value : value.DeepClone();

    /// <summary>Sets a member of this module that Entra does not know; null removes it.</summary>
    private protected void Annotate(JsonNode? value, string name)
    {
        if (value is null)
            _ = Json.Remove(name);
        else
            Json[name] = value;
    }

    private protected SchemaList<T> List<T>(Func<JsonObject, T> view, [CallerMemberName] string property = "")
        where T : SchemaNode => new(Json, NameOf(property), view);

    internal static MappingException Unexpected(JsonNode? node, string expected) =>
        new(
            "MappingSchemaInvalid",
            $"The mapping's JSON is not a synchronization schema: {(node is null ? "a null" : node.GetPath())} must be {expected}."
        );

    private static string NameOf(string property) => JsonNamingPolicy.CamelCase.ConvertName(property);
}

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

    private protected string? GetString([CallerMemberName] string property = "") =>
        Json[NameOf(property)] switch
        {
            null => null,
            JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
            JsonValue value => value.ToJsonString(),
            var node => throw Unexpected(node, "a string"),
        };

    private protected bool GetBoolean(bool otherwise, [CallerMemberName] string property = "") =>
        Json[NameOf(property)] switch
        {
            null => otherwise,
            JsonValue value when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False => value.GetValue<bool>(),
            JsonValue value when bool.TryParse(value.ToString(), out bool parsed) => parsed,
            var node => throw Unexpected(node, "true or false"),
        };

    private protected int GetInteger([CallerMemberName] string property = "") =>
        Json[NameOf(property)] switch
        {
            null => 0,
            JsonValue value
                when int.TryParse(value.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int parsed) => parsed,
            var node => throw Unexpected(node, "an integer"),
        };

    /// <summary>The value of an enum. Names compare without case, because Graph uses more than one case. A value of a newer service reads
    /// as <paramref name="otherwise"/>.</summary>
    private protected T GetEnum<T>(T otherwise, [CallerMemberName] string property = "")
        where T : struct, Enum
    {
        string? text = GetString(property);
        return Enum.TryParse(text, ignoreCase: true, out T value) && Enum.IsDefined(value) ? value : otherwise;
    }

    private protected T? GetObject<T>(Func<JsonObject, T> view, [CallerMemberName] string property = "")
        where T : SchemaNode =>
        Json[NameOf(property)] switch
        {
            null => null,
            JsonObject node => view(node),
            var node => throw Unexpected(node, "an object"),
        };

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

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Protocol;

namespace TravelPerkScim.Sandbox.Users;

/// <summary>
/// Reads the attributes a client may write out of a body, by the published schemas: names as published, types checked,
/// read-only and unknown ones left out (RFC 7644 sections 3.3 and 3.5.1), null and empty as unassigned (RFC 7643 section 2.5).
/// </summary>
internal static partial class ResourceReader
{
    private static readonly (Func<JsonNode, JsonNode?> Read, string Expected) s_string = (value => ReadText(value, _ => true), "a string");

    /// <summary>How a value of each type is read, and what is expected where that gives null.</summary>
    private static readonly Dictionary<string, (Func<JsonNode, JsonNode?> Read, string Expected)> s_types = new(StringComparer.Ordinal)
    {
        ["boolean"] = (ReadBoolean, "a boolean"),
        ["integer"] = (value => ReadNumber(value, whole: true), "an integer"),
        ["decimal"] = (value => ReadNumber(value, whole: false), "a decimal number"),
        ["binary"] = (value => ReadText(value, IsBase64), "a string in Base64"),
        ["dateTime"] = (value => ReadText(value, IsMoment), "a date and time such as 2011-05-13T04:42:34Z"),
    };

    public static JsonObject ReadUser(JsonObject body, UserSchemas known)
    {
        HashSet<string> schemas = ReadSchemas(body, known.User.Urn);
        JsonObject content = ReadMembers(known.User.Attributes, body, "");
        foreach (SchemaDefinition extension in known.Extensions)
        {
            if (body[extension.Urn] is not { } node)
                continue;
            if (node is not JsonObject members)
                throw ScimErrorException.InvalidValue($"Attribute '{extension.Urn}' must be an object.");
            // RFC 7643 section 3: schemas lists every schema the representation uses.
            if (!schemas.Contains(extension.Urn))
                throw ScimErrorException.InvalidSyntax($"The body uses {extension.Urn} and its schemas attribute does not list it.");
            JsonObject read = ReadMembers(extension.Attributes, members, extension.Urn + ":");
            if (read.Count > 0)
                content[extension.Urn] = read;
        }
        return content;
    }

    /// <exception cref="ScimErrorException">400 invalidSyntax: the required URN is not among them.</exception>
    public static HashSet<string> ReadSchemas(JsonObject body, string required)
    {
        if (body["schemas"] is not JsonArray { Count: > 0 } array)
            throw ScimErrorException.InvalidSyntax("The schemas attribute is required and must be a list of URNs.");
        string?[] urns = [.. array.Select(ScimJson.Text)];
        if (urns.Contains(null))
            throw ScimErrorException.InvalidSyntax("The schemas attribute must be a list of URNs.");
        HashSet<string> schemas = urns.ToHashSet(StringComparer.OrdinalIgnoreCase)!;
        return schemas.Contains(required)
            ? schemas
            : throw ScimErrorException.InvalidSyntax($"The schemas attribute must list {required}.");
    }

    /// <summary>One attribute's value; null when the value means unassigned.</summary>
    /// <exception cref="ScimErrorException">400 invalidValue: the type is not the published one.</exception>
    public static JsonNode? ReadValue(AttributeDefinition attribute, JsonNode? value, string path)
    {
        if (value is null)
            return null;
        if (!attribute.MultiValued)
            return ReadSingle(attribute, value, path);
        if (value is not JsonArray array)
            throw ScimErrorException.InvalidValue($"Attribute '{path}' must be a list.");
        JsonArray elements = [];
        foreach (JsonNode? element in array)
        {
            if (element is not null && ReadSingle(attribute, element, path) is { } read)
                elements.Add(read);
        }
        return elements.Count == 0 ? null : elements;
    }

    /// <summary>The elements of a multi-valued attribute; a single element counts as a list of one.</summary>
    public static JsonArray ReadElements(AttributeDefinition attribute, JsonNode? value, string path)
    {
        JsonNode? list = value is JsonObject single ? new JsonArray(single.DeepClone()) : value;
        return ReadValue(attribute, list, path)?.AsArray() ?? [];
    }

    public static JsonNode? ReadSingle(AttributeDefinition attribute, JsonNode value, string path)
    {
        if (attribute.Type == "complex")
            return ReadComplex(attribute, value, path);
        (Func<JsonNode, JsonNode?> read, string expected) = s_types.GetValueOrDefault(attribute.Type, s_string);
        return read(value) ?? throw ScimErrorException.InvalidValue($"Attribute '{path}' must be {expected}.");
    }

    private static JsonObject? ReadComplex(AttributeDefinition attribute, JsonNode value, string path)
    {
        if (value is not JsonObject members)
            throw ScimErrorException.InvalidValue($"Attribute '{path}' must be an object.");
        JsonObject read = ReadMembers(attribute.SubAttributes, members, path + ".");
        return read.Count == 0 ? null : read;
    }

    private static JsonNode? ReadNumber(JsonNode value, bool whole) => IsNumber(value, whole) ? value.DeepClone() : null;

    private static JsonValue? ReadText(JsonNode value, Func<string, bool> isValid) =>
        ScimJson.Text(value) is { } text && isValid(text) ? JsonValue.Create(text) : null;

    private static bool IsBase64(string text) => Convert.TryFromBase64String(text, new byte[text.Length], out _);

    public static JsonObject ReadMembers(IReadOnlyList<AttributeDefinition> attributes, JsonObject members, string prefix)
    {
        JsonObject content = new(new JsonNodeOptions { PropertyNameCaseInsensitive = true });
        foreach (AttributeDefinition attribute in attributes)
        {
            if (!attribute.ReadOnly && ReadValue(attribute, members[attribute.Name], prefix + attribute.Name) is { } value)
                content[attribute.Name] = value;
        }
        return content;
    }

    private static bool IsNumber(JsonNode value, bool whole) =>
        value.GetValueKind() == JsonValueKind.Number && (!whole || value.AsValue().TryGetValue(out long _));

    // RFC 7643 section 2.3.5: xsd:dateTime, with a date, a time to the second and, where it is there, a whole offset.
    private static bool IsMoment(string text) =>
        Moment().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    [GeneratedRegex(
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?$",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Moment();

    /// <summary>True and false also as strings: Entra's older dialect sends "True" and "False".</summary>
    private static JsonValue? ReadBoolean(JsonNode value) => bool.TryParse(value.ToString(), out bool flag) ? JsonValue.Create(flag) : null;
}

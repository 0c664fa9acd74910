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
    public static JsonObject ReadUser(JsonObject body, UserSchemas known)
    {
        HashSet<string> schemas = ReadSchemas(body);
        if (!schemas.Contains(known.User.Urn))
            throw ScimErrorException.InvalidSyntax($"The schemas attribute must list {known.User.Urn}.");
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

    public static HashSet<string> ReadSchemas(JsonObject body)
    {
        HashSet<string> schemas = new(StringComparer.OrdinalIgnoreCase);
        if (body["schemas"] is JsonArray { Count: > 0 } array)
        {
            foreach (JsonNode? element in array)
            {
                _ = schemas.Add(
                    ScimJson.Text(element) ?? throw ScimErrorException.InvalidSyntax("The schemas attribute must be a list of URNs.")
                );
            }
            return schemas;
        }
        throw ScimErrorException.InvalidSyntax("The schemas attribute is required and must be a list of URNs.");
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

    public static JsonNode? ReadSingle(AttributeDefinition attribute, JsonNode value, string path)
    {
        switch (attribute.Type)
        {
            case "complex":
                if (value is not JsonObject members)
                    throw ScimErrorException.InvalidValue($"Attribute '{path}' must be an object.");
                JsonObject read = ReadMembers(attribute.SubAttributes, members, path + ".");
                return read.Count == 0 ? null : read;
            case "boolean":
                return ReadBoolean(value) ?? throw ScimErrorException.InvalidValue($"Attribute '{path}' must be a boolean.");
            case "integer":
                return ReadNumber(value, whole: true) ?? throw ScimErrorException.InvalidValue($"Attribute '{path}' must be an integer.");
            case "decimal":
                return ReadNumber(value, whole: false)
                    ?? throw ScimErrorException.InvalidValue($"Attribute '{path}' must be a decimal number.");
            case "binary":
                return ScimJson.Text(value) is { } encoded && Convert.TryFromBase64String(encoded, new byte[encoded.Length], out _)
                    ? JsonValue.Create(encoded)
                    : throw ScimErrorException.InvalidValue($"Attribute '{path}' must be a string in Base64.");
            case "dateTime":
                return ScimJson.Text(value) is { } moment && IsMoment(moment)
                    ? JsonValue.Create(moment)
                    : throw ScimErrorException.InvalidValue($"Attribute '{path}' must be a date and time such as 2011-05-13T04:42:34Z.");
            default:
                return ScimJson.Text(value) is { } text
                    ? JsonValue.Create(text)
                    : throw ScimErrorException.InvalidValue($"Attribute '{path}' must be a string.");
        }
    }

    private static JsonNode? ReadNumber(JsonNode value, bool whole) => IsNumber(value, whole) ? value.DeepClone() : null;

    private static JsonObject ReadMembers(IReadOnlyList<AttributeDefinition> attributes, JsonObject members, string prefix)
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
        value is JsonValue scalar && scalar.GetValueKind() == JsonValueKind.Number && (!whole || scalar.TryGetValue(out long _));

    // RFC 7643 section 2.3.5: xsd:dateTime, with a date, a time to the second and, where it is there, a whole offset.
    private static bool IsMoment(string text) =>
        Moment().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    [GeneratedRegex(
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?$",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Moment();

    /// <summary>True and false also as strings: Entra's older dialect sends "True" and "False".</summary>
    private static JsonValue? ReadBoolean(JsonNode value)
    {
        if (value is JsonValue scalar && scalar.TryGetValue(out bool flag))
            return JsonValue.Create(flag);
        return bool.TryParse(ScimJson.Text(value), out bool parsed) ? JsonValue.Create(parsed) : null;
    }
}

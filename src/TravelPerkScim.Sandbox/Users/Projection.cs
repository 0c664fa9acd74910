using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Sandbox.Users;

/// <summary><c>attributes</c> and <c>excludedAttributes</c> (RFC 7644 section 3.9). <c>id</c> and <c>schemas</c> always come.</summary>
internal sealed class Projection
{
    private readonly List<string[]> _paths;
    private readonly bool _exclude;

    private Projection(List<string[]> paths, bool exclude) => (_paths, _exclude) = (paths, exclude);

    /// <summary>Null when the request asks for the whole resource.</summary>
    public static Projection? Read(SandboxRequest request, UserSchemas schemas)
    {
        if (request.Query("attributes") is { } wanted)
            return new Projection(ReadPaths(wanted, schemas), exclude: false);
        return request.Query("excludedAttributes") is { } unwanted ? new Projection(ReadPaths(unwanted, schemas), exclude: true) : null;
    }

    public byte[] Apply(byte[] json)
    {
        JsonObject resource = ScimJson.ParseStored(json);
        JsonObject result = _exclude ? resource : new JsonObject { ["schemas"] = Take(resource, "schemas"), ["id"] = Take(resource, "id") };
        foreach (string[] path in _paths)
        {
            if (_exclude)
                Remove(result, path);
            else
                Copy(resource, result, path);
        }
        return ScimJson.ToBytes(result);
    }

    private static List<string[]> ReadPaths(string list, UserSchemas schemas)
    {
        List<string[]> paths = [];
        foreach (string text in list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (schemas.Find(text) is { } schema)
            {
                if (schema != schemas.User)
                    paths.Add([schema.Urn]);
            }
            else if (AttributePath.TryParse(text, out AttributePath? path) && path.ValueFilter is null)
            {
                string?[] steps = [path.SchemaUrn, path.Attribute, path.SubAttribute];
                paths.Add([.. steps.OfType<string>()]);
            }
            else
            {
                throw ScimErrorException.InvalidValue($"'{text}' is not an attribute name.");
            }
        }
        return paths;
    }

    private static JsonNode? Take(JsonObject resource, string name) => resource[name]?.DeepClone();

    private static void Copy(JsonNode source, JsonObject target, string[] path)
    {
        if (source is not JsonObject container || Member(container, path[0]) is not { } member)
            return;
        if (path.Length == 1)
            target[member.Key] = member.Value.DeepClone();
        else if (member.Value is JsonArray elements)
            target[member.Key] = new JsonArray([.. elements.Select(element => element is null ? null : Part(element, path[1..]))]);
        else
            Copy(member.Value, PatchValues.Child(target, member.Key), path[1..]);
    }

    private static JsonObject Part(JsonNode element, string[] path)
    {
        JsonObject part = [];
        Copy(element, part, path);
        return part;
    }

    private static void Remove(JsonObject container, string[] path)
    {
        bool always = string.Equals(path[0], "id", StringComparison.OrdinalIgnoreCase) || string.Equals(path[0], "schemas", StringComparison.OrdinalIgnoreCase);
        if (always || Member(container, path[0]) is not { } member)
            return;
        if (path.Length == 1)
            _ = container.Remove(member.Key);
        else if (member.Value is JsonObject inner)
            Remove(inner, path[1..]);
        else if (member.Value is JsonArray elements)
        {
            foreach (JsonObject element in elements.OfType<JsonObject>())
                Remove(element, path[1..]);
        }
    }

    private static (string Key, JsonNode Value)? Member(JsonObject container, string name)
    {
        foreach ((string key, JsonNode? value) in container)
        {
            if (value is not null && string.Equals(key, name, StringComparison.OrdinalIgnoreCase))
                return (key, value);
        }
        return null;
    }
}

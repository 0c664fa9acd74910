using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Protocol;

namespace TravelPerkScim.Sandbox.Users;

/// <summary>
/// <c>attributes</c> and <c>excludedAttributes</c> (RFC 7644 section 3.9). <c>id</c> and <c>schemas</c> always come, and so does what a
/// schema returns always; what it returns on request comes when a query names it. The answer to a write has that in any case.
/// </summary>
internal sealed class Projection
{
    private static readonly HashSet<string> s_always = new(StringComparer.OrdinalIgnoreCase) { "id", "schemas" };

    private readonly List<string[]> _paths;
    private readonly bool _exclude;
    private readonly UserSchemas _schemas;

    private Projection(List<string[]> paths, bool exclude, UserSchemas schemas) => (_paths, _exclude, _schemas) = (paths, exclude, schemas);

    public static Projection Read(SandboxRequest request, UserSchemas schemas)
    {
        if (request.Query("attributes") is { } wanted)
            return new Projection(ReadPaths(wanted, schemas), exclude: false, schemas);
        List<string[]> unwanted = request.Query("excludedAttributes") is { } list ? ReadPaths(list, schemas) : [];
        if (request.Method == "GET")
            unwanted.AddRange(schemas.ReturnedOnRequest);
        return new Projection(unwanted, exclude: true, schemas);
    }

    /// <summary>The request asks for the whole resource.</summary>
    private bool IsWhole => _exclude && _paths.Count == 0;

    public JsonObject Apply(JsonObject resource) => IsWhole ? resource : ScimJson.ParseStored(Apply(ScimJson.ToBytes(resource)));

    public byte[] Apply(byte[] json)
    {
        if (IsWhole)
            return json;
        JsonObject resource = ScimJson.ParseStored(json);
        JsonObject result = _exclude
            ? resource.DeepClone().AsObject()
            : new JsonObject { ["schemas"] = Take(resource, "schemas"), ["id"] = Take(resource, "id") };
        foreach (string[] path in _paths)
        {
            if (_exclude)
                Remove(result, path);
            else
                Copy(resource, result, path);
        }
        foreach (string[] path in _schemas.AlwaysReturned)
            Copy(resource, result, path);
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
            else if (PatchStep.PathOf(text) is { ValueFilter: null } path)
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
            CopyInside(member.Value, target, member.Key, path[1..]);
    }

    private static void CopyInside(JsonNode source, JsonObject target, string name, string[] path)
    {
        JsonObject inside = PatchValues.Child(target, name);
        Copy(source, inside, path);
        if (inside.Count == 0)
            _ = target.Remove(name);
    }

    private static JsonObject Part(JsonNode element, string[] path)
    {
        JsonObject part = [];
        Copy(element, part, path);
        return part;
    }

    private static void Remove(JsonObject container, string[] path)
    {
        if (s_always.Contains(path[0]) || Member(container, path[0]) is not { } member)
            return;
        if (path.Length == 1)
        {
            _ = container.Remove(member.Key);
        }
        else if (member.Value is JsonObject inner)
        {
            Remove(inner, path[1..]);
        }
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

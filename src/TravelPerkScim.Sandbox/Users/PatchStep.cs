using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Sandbox.Users;

internal enum PatchVerb
{
    Add,
    Replace,
    Remove,
}

/// <summary>One operation of a PATCH body (RFC 7644 section 3.5.2), as sent.</summary>
internal sealed record PatchStep(PatchVerb Verb, string? Path, JsonNode? Value)
{
    /// <summary>Entra's older dialect capitalises the names; RFC 7644 section 3.5.2 gives them in lower case.</summary>
    private static readonly Dictionary<string, PatchVerb> s_verbs = new(StringComparer.OrdinalIgnoreCase)
    {
        ["add"] = PatchVerb.Add,
        ["replace"] = PatchVerb.Replace,
        ["remove"] = PatchVerb.Remove,
    };

    /// <summary>The path, read; null without one, and for text that is no path.</summary>
    public AttributePath? Target => PathOf(Path);

    /// <summary>The path that a text is; null for text that is no path.</summary>
    public static AttributePath? PathOf(string? text) => AttributePath.TryParse(text, out AttributePath? path) ? path : null;

    /// <summary>The paths that the operation names, with the value for each: without a path, the names in its value are paths.</summary>
    /// <exception cref="ScimErrorException">400 invalidValue: it has neither.</exception>
    public IEnumerable<(string Path, JsonNode? Value)> Targets()
    {
        if (Path is { } path)
            return [(path, Value)];
        return Value is JsonObject map
            ? Members(map, "")
            : throw ScimErrorException.InvalidValue("An operation without path needs an object of attributes as its value.");
    }

    /// <summary>The names in an object as paths. The server derives schemas from the content, so naming them is harmless, in an extension
    /// too.</summary>
    public static IEnumerable<(string Path, JsonNode? Value)> Members(JsonObject map, string prefix) =>
        map.Where(member => !string.Equals(member.Key, "schemas", StringComparison.OrdinalIgnoreCase))
            .Select(member => (prefix + member.Key, member.Value));

    /// <summary>The operations of a PATCH; none for any other request.</summary>
    public static IReadOnlyList<PatchStep> Of(SandboxRequest request) =>
        request.Method == "PATCH" ? ReadAll(ScimJson.ParseBody(request.Body)) : [];

    public static IReadOnlyList<PatchStep> ReadAll(JsonObject body)
    {
        ResourceReader.ReadSchemas(body, ScimJson.PatchOpUrn);
        return body["Operations"] is JsonArray { Count: > 0 } operations
            ? [.. operations.Select(Read)]
            : throw ScimErrorException.InvalidSyntax("Operations is required and must be a list of operations.");
    }

    private static PatchStep Read(JsonNode? node)
    {
        if (node is not JsonObject operation)
            throw ScimErrorException.InvalidSyntax("Each operation must be an object.");
        if (!s_verbs.TryGetValue(ScimJson.Text(operation["op"]) ?? "", out PatchVerb verb))
            throw ScimErrorException.InvalidSyntax("op must be add, replace or remove.");
        string? path = ScimJson.Text(operation["path"]);
        if (path is null && operation["path"] is not null)
            throw ScimErrorException.InvalidPath("path must be a string.");
        bool isRemove = verb == PatchVerb.Remove;
        if (isRemove && path is null)
            throw ScimErrorException.NoTarget("A remove operation needs a path.");
        if (!isRemove && !operation.ContainsKey("value"))
            throw ScimErrorException.InvalidSyntax("An add or replace operation needs a value.");
        return new PatchStep(verb, path, operation["value"]);
    }
}

using System.Text.Json.Nodes;

namespace TravelPerkScim.PowerShell.Discovery;

/// <summary>A schema that the service publishes (RFC 7643 section 7).</summary>
public sealed class ScimSchema
{
    private readonly JsonObject _resource;

    internal ScimSchema(JsonObject resource)
    {
        _resource = resource;
        Attribute = ScimSchemaAttributeInfo.ReadAll(resource);
    }

    /// <summary>The schema's URN.</summary>
    public string? Id => Json.Text(_resource, "id");

    /// <summary>The schema's name, such as <c>User</c>.</summary>
    public string? Name => Json.Text(_resource, "name");

    /// <summary>The schema's description.</summary>
    public string? Description => Scim.ShownText.OfAny(Json.Text(_resource, "description"));

    /// <summary>The attributes of the schema.</summary>
    public IReadOnlyList<ScimSchemaAttributeInfo> Attribute { get; }

    /// <summary>The resource as the service sent it.</summary>
    public string ToJson() => Json.Indented(_resource);

    /// <inheritdoc/>
    public override string ToString() => Id ?? Name ?? "";
}

/// <summary>One attribute of a published schema (RFC 7643 section 7).</summary>
public sealed class ScimSchemaAttributeInfo
{
    private readonly JsonObject _resource;

    private ScimSchemaAttributeInfo(JsonObject resource)
    {
        _resource = resource;
        SubAttribute = [.. Objects(resource, "subAttributes").Select(sub => new ScimSchemaAttributeInfo(sub))];
    }

    /// <summary>The attribute's name.</summary>
    public string? Name => Json.Text(_resource, "name");

    /// <summary><c>string</c>, <c>boolean</c>, <c>decimal</c>, <c>integer</c>, <c>dateTime</c>, <c>reference</c>, <c>binary</c> or
    /// <c>complex</c>.</summary>
    public string Type => Json.Text(_resource, "type") ?? "string";

    /// <summary>The attribute holds a list.</summary>
    public bool MultiValued => Json.Flag(_resource, "multiValued");

    /// <summary>The attribute must be given.</summary>
    public bool Required => Json.Flag(_resource, "required");

    /// <summary>Values compare case-sensitively.</summary>
    public bool CaseExact => Json.Flag(_resource, "caseExact");

    /// <summary><c>readOnly</c>, <c>readWrite</c>, <c>immutable</c> or <c>writeOnly</c>.</summary>
    public string Mutability => Json.Text(_resource, "mutability") ?? "readWrite";

    /// <summary><c>none</c>, <c>server</c> or <c>global</c>.</summary>
    public string Uniqueness => Json.Text(_resource, "uniqueness") ?? "none";

    /// <summary>The attribute's description.</summary>
    public string? Description => Scim.ShownText.OfAny(Json.Text(_resource, "description"));

    /// <summary>The parts of a complex attribute.</summary>
    public IReadOnlyList<ScimSchemaAttributeInfo> SubAttribute { get; }

    /// <inheritdoc/>
    public override string ToString() => Name ?? "";

    internal static IReadOnlyList<ScimSchemaAttributeInfo> ReadAll(JsonObject schema) =>
        [.. Objects(schema, "attributes").Select(attribute => new ScimSchemaAttributeInfo(attribute))];

    private static IEnumerable<JsonObject> Objects(JsonObject parent, string name) =>
        (parent[name] as JsonArray ?? []).OfType<JsonObject>();
}

using System.Text.Json;
using System.Text.Json.Nodes;

namespace TravelPerkScim.Sandbox.Discovery;

/// <summary>A schema as <c>/Schemas</c> publishes it and as bodies are read by: both come from the one embedded document.</summary>
internal sealed class SchemaDefinition
{
    private SchemaDefinition(JsonObject document)
    {
        Document = document;
        Urn = document["id"]!.GetValue<string>();
        Name = document["name"]!.GetValue<string>();
        Description = document["description"]!.GetValue<string>();
        Attributes = AttributeDefinition.ReadAll(document["attributes"]);
    }

    public string Urn { get; }
    public string Name { get; }
    public string Description { get; }
    public JsonObject Document { get; }
    public IReadOnlyList<AttributeDefinition> Attributes { get; }

    public static SchemaDefinition User { get; } = Load("user");
    /// <summary>Published only where the service has groups.</summary>
    public static SchemaDefinition Group { get; } = Load("group");

    public static IReadOnlyList<SchemaDefinition> Extensions { get; } = [Load("enterprise"), Load("travelperk")];
    public static SchemaDefinition Enterprise => Extensions[0];
    public static SchemaDefinition TravelPerk => Extensions[1];
    public static IReadOnlyList<SchemaDefinition> All { get; } = [User, .. Extensions];

    public static SchemaDefinition? Find(string urn) =>
        All.FirstOrDefault(schema => string.Equals(schema.Urn, urn, StringComparison.OrdinalIgnoreCase));

    public AttributeDefinition? Attribute(string name) => AttributeDefinition.Find(Attributes, name);

    private static SchemaDefinition Load(string name)
    {
        using Stream stream = typeof(SchemaDefinition).Assembly.GetManifestResourceStream($"{name}.schema.json")!;
        return new SchemaDefinition(JsonSerializer.Deserialize<JsonObject>(stream)!);
    }
}

/// <summary>One attribute with its characteristics (RFC 7643 section 7).</summary>
internal sealed class AttributeDefinition
{
    private AttributeDefinition(JsonObject definition)
    {
        // What the documents leave unsaid is RFC 7643 section 2.2's default; written out here so that clients see all of it.
        Name = definition["name"]!.GetValue<string>();
        Type = definition["type"]!.GetValue<string>();
        MultiValued = Default(definition, "multiValued", false);
        Required = Default(definition, "required", false);
        CaseExact = Default(definition, "caseExact", Type == "reference");
        ReadOnly = Default(definition, "mutability", "readWrite") == "readOnly";
        _ = Default(definition, "returned", "default");
        _ = Default(definition, "uniqueness", "none");
        SubAttributes = ReadAll(definition["subAttributes"]);
        if (IsComplex)
            _ = definition.Remove("caseExact");
    }

    public string Name { get; }
    public string Type { get; }
    public bool MultiValued { get; }
    public bool Required { get; }
    public bool CaseExact { get; }
    public bool ReadOnly { get; }
    public IReadOnlyList<AttributeDefinition> SubAttributes { get; }
    public bool IsComplex => Type == "complex";

    public AttributeDefinition? SubAttribute(string name) => Find(SubAttributes, name);

    public static IReadOnlyList<AttributeDefinition> ReadAll(JsonNode? definitions) =>
        definitions is JsonArray array ? [.. array.Select(definition => new AttributeDefinition(definition!.AsObject()))] : [];

    /// <summary>Attribute names compare without case (RFC 7643 section 2.1).</summary>
    public static AttributeDefinition? Find(IReadOnlyList<AttributeDefinition> attributes, string name) =>
        attributes.FirstOrDefault(attribute => string.Equals(attribute.Name, name, StringComparison.OrdinalIgnoreCase));

    private static T Default<T>(JsonObject definition, string characteristic, T value)
    {
        if (definition[characteristic] is { } node)
            return node.GetValue<T>();
        definition[characteristic] = JsonValue.Create(value);
        return value;
    }
}

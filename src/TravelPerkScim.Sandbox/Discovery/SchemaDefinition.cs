using System.Text.Json;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Protocol;

namespace TravelPerkScim.Sandbox.Discovery;

/// <summary>A schema as <c>/Schemas</c> publishes it and as bodies are read by: both come from the one embedded document.</summary>
internal sealed class SchemaDefinition
{
    private SchemaDefinition(JsonObject document)
    {
        Document = document;
        Urn = ScimJson.Text(document["id"]) ?? throw new ArgumentException("A schema needs an id (RFC 7643 section 7).", nameof(document));
        Attributes = AttributeDefinition.ReadAll(document["attributes"]);
    }

    public string Urn { get; }
    public JsonObject Document { get; }
    public IReadOnlyList<AttributeDefinition> Attributes { get; }

    public static SchemaDefinition User { get; } = Load("user");

    /// <summary>Published only where the service has groups.</summary>
    public static SchemaDefinition Group { get; } = Load("group");

    public static SchemaDefinition Enterprise { get; } = Load("enterprise");
    public static SchemaDefinition TravelPerk { get; } = Load("travelperk");

    /// <summary>Perk's expense extension, which a service has only when it is asked for.</summary>
    public static JsonObject Expense => Load("expense").Document;

    public bool Is(string urn) => string.Equals(Urn, urn, StringComparison.OrdinalIgnoreCase);

    public AttributeDefinition? Attribute(string name) => AttributeDefinition.Find(Attributes, name);

    /// <summary>A schema document as RFC 7643 section 7 has it; the given object stays as it is.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static SchemaDefinition Read(JsonObject document)
    {
        JsonObject copy = document.DeepClone().AsObject();
        copy["schemas"] ??= new JsonArray("urn:ietf:params:scim:schemas:core:2.0:Schema");
        return new SchemaDefinition(copy);
    }

    /// <summary>This schema with the attributes and sub-attributes of another that it lacks.</summary>
    public SchemaDefinition With(SchemaDefinition other)
    {
        JsonObject document = Document.DeepClone().AsObject();
        Add(document["attributes"]!.AsArray(), Attributes, other.Document["attributes"]);
        return new SchemaDefinition(document);
    }

    private static void Add(JsonArray target, IReadOnlyList<AttributeDefinition> known, JsonNode? definitions)
    {
        foreach (JsonNode? definition in definitions as JsonArray ?? [])
        {
            string name = definition!["name"]!.GetValue<string>();
            if (AttributeDefinition.Find(known, name) is not { } same)
                target.Add(definition.DeepClone());
            else if (target.First(attribute => (string?)attribute!["name"] == same.Name)!["subAttributes"] is JsonArray parts)
                Add(parts, same.SubAttributes, definition["subAttributes"]);
        }
    }

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
        // The documents leave out the defaults of RFC 7643 section 2.2. They are written out here, so that clients see all of them.
        Name =
            ScimJson.Text(definition["name"])
            ?? throw new ArgumentException("Each attribute of a schema needs a name (RFC 7643 section 7).", nameof(definition));
        Type = Default(definition, "type", "string");
        MultiValued = Default(definition, "multiValued", false);
        Required = Default(definition, "required", false);
        CaseExact = Default(definition, "caseExact", Type == "reference");
        Mutability = Default(definition, "mutability", "readWrite");
        Returned = Default(definition, "returned", "default");
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
    public string Mutability { get; }
    public string Returned { get; }
    public bool ReadOnly => Mutability == "readOnly";

    /// <summary>Written once (RFC 7643 section 2.2).</summary>
    public bool Immutable => Mutability == "immutable";

    /// <summary>In no answer and in no filter: never returned, or never to be read, such as a password.</summary>
    public bool Hidden => Returned == "never" || Mutability == "writeOnly";
    public IReadOnlyList<AttributeDefinition> SubAttributes { get; }
    public bool IsComplex => Type == "complex";

    public AttributeDefinition? SubAttribute(string? name) => Find(SubAttributes, name);

    public static IReadOnlyList<AttributeDefinition> ReadAll(JsonNode? definitions) =>
        definitions is JsonArray array ? [.. array.Select(definition => new AttributeDefinition(definition!.AsObject()))] : [];

    /// <summary>Attribute names compare without case (RFC 7643 section 2.1).</summary>
    public static AttributeDefinition? Find(IReadOnlyList<AttributeDefinition> attributes, string? name) =>
        attributes.FirstOrDefault(attribute => string.Equals(attribute.Name, name, StringComparison.OrdinalIgnoreCase));

    private static T Default<T>(JsonObject definition, string characteristic, T value)
    {
        if (definition[characteristic] is { } node)
            return node.GetValue<T>();
        definition[characteristic] = JsonValue.Create(value);
        return value;
    }
}

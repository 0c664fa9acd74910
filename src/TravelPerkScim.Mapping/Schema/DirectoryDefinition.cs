using System.Text.Json.Nodes;

namespace TravelPerkScim.Mapping.Schema;

/// <summary>Types of attributes (Graph <c>attributeType</c>).</summary>
public enum TargetAttributeType
{
    String,
    Boolean,
    Integer,
    DateTime,
    Binary,
    Reference,
}

/// <summary>What one directory holds (Graph <c>directoryDefinition</c>).</summary>
public sealed class DirectoryDefinition : SchemaNode
{
    internal DirectoryDefinition(JsonObject json)
        : base(json) { }

    /// <summary>The name rules refer to.</summary>
    public string? Name => GetString();

    /// <summary>Kinds of objects.</summary>
    public SchemaList<ObjectDefinition> Objects => List(json => new ObjectDefinition(json));
}

/// <summary>A kind of object in a directory (Graph <c>objectDefinition</c>).</summary>
public sealed class ObjectDefinition : SchemaNode
{
    internal ObjectDefinition(JsonObject json)
        : base(json) { }

    /// <summary>The kind: <c>User</c>.</summary>
    public string? Name => GetString();

    /// <summary>Its attributes.</summary>
    public SchemaList<AttributeDefinition> Attributes => List(json => new AttributeDefinition(json));

    /// <summary>The names of its attributes.</summary>
    internal IEnumerable<string> AttributeNames => Attributes.Select(attribute => attribute.Name);
}

/// <summary>One attribute of a kind of object (Graph <c>attributeDefinition</c>).</summary>
public sealed class AttributeDefinition : SchemaNode
{
    // Annotations of OData: a service that does not know one passes over it.
    private const string ScimTypeName = "@travelPerkScim.scimType";
    private const string SimpleElementsName = "@travelPerkScim.simpleElements";

    internal AttributeDefinition(JsonObject json)
        : base(json) { }

    /// <summary>A definition as Entra writes one when an administrator adds an attribute to the target's list.</summary>
    public AttributeDefinition(string name, TargetAttributeType type, bool multivalued, bool caseExact, bool required)
        : base(new JsonObject())
    {
        Set(name, nameof(Name));
        Set(type.ToString(), nameof(Type));
        Set(false, nameof(Anchor));
        Set(caseExact, nameof(CaseExact));
        Set(null, "DefaultValue");
        Set(false, nameof(FlowNullValues));
        Set(multivalued, nameof(Multivalued));
        Set("ReadWrite", "Mutability");
        Set(required, nameof(Required));
        Set(new JsonArray(), "Metadata");
        Set(type == TargetAttributeType.Reference ? new JsonArray(ReferencedObject.User()) : new JsonArray(), nameof(ReferencedObjects));
    }

    /// <summary>The attribute's name, unique in its object.</summary>
    public string Name => GetString() ?? "";

    /// <summary>The type of its values. Default String.</summary>
    public TargetAttributeType Type => GetEnum(TargetAttributeType.String);

    /// <summary>True for the attribute that identifies an object for good.</summary>
    public bool Anchor => GetBoolean(false);

    /// <summary>Must have a value when an object is created.</summary>
    public bool Required => GetBoolean(false);

    /// <summary>The directory sets it itself: mutability ReadOnly.</summary>
    public bool ReadOnly => string.Equals(GetString("Mutability"), "ReadOnly", StringComparison.OrdinalIgnoreCase);

    /// <summary>Holds a list of values.</summary>
    public bool Multivalued => GetBoolean(false);

    /// <summary>Values that differ only in case differ. Default true.</summary>
    public bool CaseExact => GetBoolean(true);

    /// <summary>Whether values that differ only in case differ, where the definition says so ("Exact case"); otherwise what the caller
    /// knows.</summary>
    public bool CaseExactOr(bool otherwise) => GetBoolean(otherwise, nameof(CaseExact));

    /// <summary>Kinds of objects that a reference points to.</summary>
    public IEnumerable<string> ReferencedObjects =>
        List(json => new ReferencedObject(json)).Select(referenced => referenced.ReferencedObjectName).OfType<string>();

    /// <summary>The type that the service's own schema gives, such as decimal, where Entra's types have no name for it; null when Entra's
    /// says all.</summary>
    public string? ScimType
    {
        get => GetString(ScimTypeName);
        set => Annotate(value, ScimTypeName);
    }

    /// <summary>Whether elements of a list, or a reference, are plain values for the service rather than <c>{"value": ...}</c>; null when
    /// that is not known.</summary>
    public bool? SimpleElements
    {
        get => Json[SimpleElementsName] is null ? null : GetBoolean(false, SimpleElementsName);
        set => Annotate(value, SimpleElementsName);
    }

    /// <summary>Null is written as well: an attribute cleared in the source is cleared here. Default false.</summary>
    public bool FlowNullValues => GetBoolean(false);
}

/// <summary>What a reference points to (Graph <c>referencedObject</c>).</summary>
internal sealed class ReferencedObject : SchemaNode
{
    internal ReferencedObject(JsonObject json)
        : base(json) { }

    /// <summary>The kind of object: <c>User</c>.</summary>
    public string? ReferencedObjectName => GetString();

    public static JsonObject User() => new() { ["referencedObjectName"] = "User", ["referencedProperty"] = "id" };
}

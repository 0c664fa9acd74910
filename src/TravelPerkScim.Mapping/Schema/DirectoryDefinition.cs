using System.Text.Json.Nodes;

namespace TravelPerkScim.Mapping;

/// <summary>Types of attributes (Graph <c>attributeType</c>).</summary>
public enum TargetAttributeType { String, Boolean, Integer, DateTime, Binary, Reference }

/// <summary>What one directory holds (Graph <c>directoryDefinition</c>).</summary>
public sealed class DirectoryDefinition : SchemaNode
{
    internal DirectoryDefinition(JsonObject json) : base(json) { }

    /// <summary>The name rules refer to.</summary>
    public string? Name => GetString();

    /// <summary>Kinds of objects.</summary>
    public SchemaList<ObjectDefinition> Objects => List(json => new ObjectDefinition(json));
}

/// <summary>A kind of object in a directory (Graph <c>objectDefinition</c>).</summary>
public sealed class ObjectDefinition : SchemaNode
{
    internal ObjectDefinition(JsonObject json) : base(json) { }

    /// <summary>The kind: <c>User</c>.</summary>
    public string? Name => GetString();

    /// <summary>Its attributes.</summary>
    public SchemaList<AttributeDefinition> Attributes => List(json => new AttributeDefinition(json));
}

/// <summary>One attribute of a kind of object (Graph <c>attributeDefinition</c>).</summary>
public sealed class AttributeDefinition : SchemaNode
{
    internal AttributeDefinition(JsonObject json) : base(json) { }

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

    /// <summary>Null is written as well: an attribute cleared in the source is cleared here. Default false.</summary>
    public bool FlowNullValues => GetBoolean(false);
}

using System.Text.Json.Nodes;

namespace TravelPerkScim.Mapping.Schema;

/// <summary>When an attribute flows (Graph <c>attributeFlowType</c>).</summary>
public enum AttributeFlowType
{
    /// <summary>In creates and updates. The default.</summary>
    Always,

    /// <summary>Only when the object is created.</summary>
    ObjectAddOnly,

    /// <summary>Values are added to a multi-valued attribute, never removed.</summary>
    MultiValueAddOnly,

    /// <summary>A value flows when the target has none.</summary>
    ValueAddOnly,

    /// <summary>The attribute flows when the target lacks it.</summary>
    AttributeAddOnly,
}

/// <summary>What makes an attribute flow (Graph <c>attributeFlowBehavior</c>).</summary>
public enum AttributeFlowBehavior
{
    /// <summary>A change of the value. The default.</summary>
    FlowWhenChanged,

    /// <summary>Any change of the object.</summary>
    FlowAlways,
}

/// <summary>What happens to a user whose value for an attribute the target would refuse.</summary>
public enum InvalidValueAction
{
    /// <summary>The user fails, and none of its attributes is sent. The default.</summary>
    Fail,

    /// <summary>Only the attribute is left out, with a warning.</summary>
    Drop,
}

/// <summary>How one target attribute gets its value (Graph <c>attributeMapping</c>).</summary>
public sealed class AttributeMapping : SchemaNode
{
    private const string OnInvalidName = "@travelPerkScim.onInvalid";

    /// <summary>A mapping without a source, for <c>-Target</c> alone. No value flows until it gets a source.</summary>
    public AttributeMapping(string targetAttributeName)
        : base(new JsonObject())
    {
        DefaultValue = null;
        Set(false, "ExportMissingReferences");
        FlowBehavior = AttributeFlowBehavior.FlowWhenChanged;
        FlowType = AttributeFlowType.Always;
        MatchingPriority = 0;
        TargetAttributeName = targetAttributeName;
        Source = null;
    }

    internal AttributeMapping(JsonObject json)
        : base(json) { }

    /// <summary>The target attribute, as the target's schema names it: <c>userName</c>, <c>name.givenName</c>, <c>phoneNumbers[type eq
    /// "work"].value</c>.</summary>
    public string TargetAttributeName
    {
        get => GetString() ?? "";
        set => Set(value);
    }

    /// <summary>The value of a new object for which the source gives null. Without a source (Entra's mapping type None) it fills the
    /// attribute when the target has no value.</summary>
    public string? DefaultValue
    {
        get => GetString();
        set => Set(value);
    }

    /// <summary>When the attribute flows.</summary>
    public AttributeFlowType FlowType
    {
        get => GetEnum(AttributeFlowType.Always);
        set => Set(value.ToString());
    }

    /// <summary>What makes the attribute flow.</summary>
    public AttributeFlowBehavior FlowBehavior
    {
        get => GetEnum(AttributeFlowBehavior.FlowWhenChanged);
        set => Set(value.ToString());
    }

    /// <summary>0 for an attribute that does not match objects; otherwise its precedence, lowest first.</summary>
    public int MatchingPriority
    {
        get => GetInteger();
        set => Set(value);
    }

    /// <summary>True without a source: Entra's mapping type None. It leaves the target alone, except that the default value fills an empty
    /// attribute.</summary>
    public bool IsNone => Source is null or { IsNone: true };

    /// <summary>What happens to a user whose value the target would refuse. It is an annotation, which Entra ignores.</summary>
    public InvalidValueAction OnInvalid
    {
        get => GetEnum(InvalidValueAction.Fail, OnInvalidName);
        set => Annotate(value == InvalidValueAction.Fail ? null : value.ToString(), OnInvalidName);
    }

    /// <summary>The source of the value, or null.</summary>
    public AttributeMappingSource? Source
    {
        get => GetObject(json => new AttributeMappingSource(json));
        set => Set(value?.Json);
    }
}

namespace TravelPerkScim.Scim.Schema;

/// <summary>The attribute types of RFC 7643 2.3.</summary>
public enum ScimAttributeType
{
    String,
    Boolean,
    Decimal,
    Integer,
    DateTime,
    Binary,
    Reference,
    Complex,
}

/// <summary>One attribute of the target that a path can address, with its type and rules.</summary>
public sealed record ScimSchemaAttribute
{
    public required AttributePath Path { get; init; }

    /// <summary>Type of the value; of each value when multi-valued. A reference without sub-attribute is written as <c>{"value": id}</c>
    /// unless <see cref="SimpleElements"/>.</summary>
    public ScimAttributeType Type { get; init; } = ScimAttributeType.String;

    public bool MultiValued { get; init; }

    /// <summary>Elements of a multi-valued attribute, and the value of a reference, are plain values, not <c>{"value": ...}</c>. Default
    /// false.</summary>
    public bool SimpleElements { get; init; }

    public bool Required { get; init; }

    /// <summary>Two values that differ only in case are different values.</summary>
    public bool CaseExact { get; init; }

    /// <summary>The server sets it; it is never written.</summary>
    public bool ReadOnly { get; init; }

    public string Description { get; init; } = "";

    /// <summary>Checks one desired value against TravelPerk's rule for this attribute. Null when TravelPerk would accept the value;
    /// otherwise the rule and the way out as words that follow the attribute's name: <c>must be M or F; ...</c>. They do not repeat the
    /// value.</summary>
    public Func<object, string?>? Rule { get; init; }
}

namespace TravelPerkScim.Mapping.Source;

/// <summary>One source object. Values: null, string, bool, long, double, DateTimeOffset, SourceReference, or IReadOnlyList of those
/// (multi-valued).</summary>
public sealed class SourceObject
{
    /// <param name="anchor">The immutable source id.</param>
    /// <param name="layout">Which attribute is in which slot.</param>
    public SourceObject(string anchor, SourceLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        Anchor = anchor;
        Layout = layout;
        Values = new object?[layout.Names.Count];
    }

    /// <summary>The immutable source id (Entra objectId).</summary>
    public string Anchor { get; }

    /// <summary>Which attribute is in which slot.</summary>
    public SourceLayout Layout { get; }

    /// <summary>One value a slot.</summary>
    public object?[] Values { get; }

    /// <summary>The value of an attribute by any of its names; null when it has none or the layout does not hold it.</summary>
    public object? this[string name] => Layout.SlotOf(name) is var slot and >= 0 ? Values[slot] : null;

    /// <summary>How errors name the object: its userPrincipalName, else its anchor.</summary>
    internal string DisplayName => this["userPrincipalName"] as string ?? Anchor;
}

/// <summary>A reference to another source object by its anchor (manager).</summary>
public sealed record SourceReference(string Anchor);

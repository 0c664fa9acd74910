namespace TravelPerkScim.Mapping.Expressions;

/// <summary>The value of a mapping for one target attribute of one user when no value is to flow.</summary>
public sealed class IgnoredFlow
{
    private readonly bool _onlyOnUpdate;
    private readonly object? _initial;

    private IgnoredFlow(bool onlyOnUpdate, object? initial) => (_onlyOnUpdate, _initial) = (onlyOnUpdate, initial);

    /// <summary>Nothing flows at all (IgnoreFlowIfNullOrEmpty, IgnoreAttributeFlow).</summary>
    public static IgnoredFlow Instance { get; } = new(onlyOnUpdate: false, initial: null);

    /// <summary>Nothing flows, because the source gives the user as their own manager.</summary>
    public static IgnoredFlow Oneself { get; } = new(onlyOnUpdate: false, initial: null);

    /// <summary>
    /// The source does not say what the value is, which differs from no value. An existing user keeps the value, and a new user gets the
    /// default value. A source attribute has this value when the source's value cannot be read.
    /// </summary>
    public static IgnoredFlow NotGiven { get; } = new(onlyOnUpdate: true, initial: null);

    /// <summary>An existing user keeps the value, and a new user gets this one.</summary>
    public static IgnoredFlow ExceptOnCreate(object value) => new(onlyOnUpdate: true, value);

    /// <summary>The value for a new user; this object itself when no value flows.</summary>
    /// <param name="defaultValue">The mapping's default value, or null.</param>
    public object? OnCreate(object? defaultValue) => _onlyOnUpdate ? _initial ?? defaultValue : this;

    /// <inheritdoc/>
    public override string ToString() => "(not flowed)";
}

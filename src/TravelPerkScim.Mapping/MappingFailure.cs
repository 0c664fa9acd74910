namespace TravelPerkScim.Mapping;

/// <summary>The kind of a <see cref="MappingException"/>: what callers decide by. Several ErrorIds can be of one kind.</summary>
public enum MappingFailure
{
    /// <summary>No caller decides by it.</summary>
    Other,

    /// <summary>The expression leaves the user alone in this cycle (IgnoreObjectFlow).</summary>
    UserIgnored,

    /// <summary>A regular expression is not valid, or takes too long.</summary>
    PatternUnusable,

    /// <summary>The target attribute cannot take the value.</summary>
    ValueNotConvertible,
}

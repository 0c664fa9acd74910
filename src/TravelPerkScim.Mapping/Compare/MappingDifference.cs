namespace TravelPerkScim.Mapping.Compare;

/// <summary>In what two mappings differ.</summary>
[Flags]
public enum MappingDifferenceKinds
{
    /// <summary>In nothing.</summary>
    None = 0,

    /// <summary>The reference maps the attribute, the difference does not.</summary>
    Missing = 1,

    /// <summary>The difference maps the attribute, the reference does not.</summary>
    Added = 2,

    /// <summary>Where the value comes from.</summary>
    Source = 4,

    /// <summary>The default value.</summary>
    Default = 8,

    /// <summary>When the attribute flows ("Apply this mapping").</summary>
    Flow = 16,

    /// <summary>Whether and in which order users are matched by the attribute.</summary>
    Matching = 32,

    /// <summary>Who is in scope.</summary>
    Scope = 64,

    /// <summary>Whether users are created, updated and deleted at all.</summary>
    Actions = 128,

    /// <summary>How the target attribute is defined: its type, its list of values, or that cleared values flow.</summary>
    Definition = 256,
}

/// <summary>One difference between two mappings.</summary>
/// <param name="TargetAttribute">The target attribute; null for what concerns users as a whole: scope and actions.</param>
/// <param name="What">In what they differ.</param>
/// <param name="Reference">The reference's expression, or its scoping filter; null when it has none.</param>
/// <param name="Difference">The difference's expression, or its scoping filter; null when it has none.</param>
/// <param name="Effect">What it does to users that the difference is used and not the reference, in a sentence or a few.</param>
public sealed record MappingDifference(
    string? TargetAttribute,
    MappingDifferenceKinds What,
    string? Reference,
    string? Difference,
    string Effect
);

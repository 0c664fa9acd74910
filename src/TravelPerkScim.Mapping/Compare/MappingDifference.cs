namespace TravelPerkScim.Mapping.Compare;

/// <summary>The kinds of difference between two mappings.</summary>
[Flags]
public enum MappingDifferenceKinds
{
    /// <summary>No difference.</summary>
    None = 0,

    /// <summary>The reference maps the attribute, the difference does not.</summary>
    Missing = 1,

    /// <summary>The difference maps the attribute, the reference does not.</summary>
    Added = 2,

    /// <summary>The source of the value.</summary>
    Source = 4,

    /// <summary>The default value.</summary>
    Default = 8,

    /// <summary>When the attribute flows ("Apply this mapping").</summary>
    Flow = 16,

    /// <summary>Whether and in which order users are matched by the attribute.</summary>
    Matching = 32,

    /// <summary>The users in scope.</summary>
    Scope = 64,

    /// <summary>Whether users are created, updated and deleted at all.</summary>
    Actions = 128,

    /// <summary>How the target attribute is defined: its type, its list of values, or that cleared values flow.</summary>
    Definition = 256,
}

/// <summary>One difference between two mappings.</summary>
/// <param name="TargetAttribute">The target attribute; null for scope and actions, which concern users as a whole.</param>
/// <param name="What">The kinds of difference.</param>
/// <param name="Reference">The reference's expression, or its scoping filter; null when it has none.</param>
/// <param name="Difference">The difference's expression, or its scoping filter; null when it has none.</param>
/// <param name="Effect">The effect on users when the difference is used instead of the reference, in a sentence or a few.</param>
public sealed record MappingDifference(
    string? TargetAttribute,
    MappingDifferenceKinds What,
    string? Reference,
    string? Difference,
    string Effect
);

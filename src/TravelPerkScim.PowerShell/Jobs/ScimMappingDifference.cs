using TravelPerkScim.Mapping.Compare;
using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>One difference between two mappings, as Compare-ScimMapping finds it.</summary>
public sealed class ScimMappingDifference
{
    private readonly MappingDifference _found;

    internal ScimMappingDifference(MappingDifference found) => _found = found;

    /// <summary>The target attribute; null for scope and actions, which concern the whole user.</summary>
    public string? TargetAttribute => ShownText.OfAny(_found.TargetAttribute);

    /// <summary>Missing, Added, or one or more of Source, Default, Flow, Matching, Scope, Actions and Definition.</summary>
    public MappingDifferenceKinds What => _found.What;

    /// <summary>The reference's expression or scoping filter; null when it has none.</summary>
    public string? Reference => ShownText.OfAny(_found.Reference);

    /// <summary>The difference's expression or scoping filter; null when it has none.</summary>
    public string? Difference => ShownText.OfAny(_found.Difference);

    /// <summary>The effect on users when the difference replaces the reference.</summary>
    public string Effect => ShownText.Of(_found.Effect);

    /// <inheritdoc/>
    public override string ToString() => $"{TargetAttribute ?? What.ToString()}: {Effect}";
}

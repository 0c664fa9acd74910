using TravelPerkScim.Mapping.Schema;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Kinds of attribute mapping, as Entra's "Edit Attribute" page names them.</summary>
public enum ScimMappingType : long
{
    /// <summary>The target is left alone; the default value fills an attribute that is empty there.</summary>
    None,

    /// <summary>A source attribute as it is.</summary>
    Direct,

    /// <summary>The same text for everybody.</summary>
    Constant,

    /// <summary>An expression over source attributes.</summary>
    Expression,
}

/// <summary>One attribute mapping of a job, as Get-ScimMapping shows it.</summary>
public sealed class ScimMapping
{
    internal ScimMapping(string? job, AttributeMapping mapping)
    {
        Job = job;
        TargetAttribute = mapping.TargetAttributeName;
        AttributeMappingSource? source = mapping.Source;
        Type = source?.Type switch
        {
            _ when mapping.IsNone => ScimMappingType.None,
            AttributeMappingSourceType.Attribute => ScimMappingType.Direct,
            AttributeMappingSourceType.Constant => ScimMappingType.Constant,
            _ => ScimMappingType.Expression,
        };
        Source = mapping.IsNone ? null : source!.ToString();
        DefaultValue = mapping.DefaultValue;
        MatchingPriority = mapping.MatchingPriority;
        FlowType = mapping.FlowType;
        OnInvalid = mapping.OnInvalid;
    }

    /// <summary>The job's folder; null for the module's default mapping.</summary>
    public string? Job { get; }

    /// <summary>The target attribute.</summary>
    public string TargetAttribute { get; }

    /// <summary>Direct, Constant, Expression or None.</summary>
    public ScimMappingType Type { get; }

    /// <summary>Where the value comes from, as an expression; null when there is only a default value.</summary>
    public string? Source { get; }

    /// <summary>Used when the source gives null, while a user is created; of type None, wherever the target has no value.</summary>
    public string? DefaultValue { get; }

    /// <summary>Matching precedence, lowest first; 0 when the attribute does not match users.</summary>
    public int MatchingPriority { get; }

    /// <summary>Always, or ObjectAddOnly: only while a user is created.</summary>
    public AttributeFlowType FlowType { get; }

    /// <summary>What becomes of a user whose value TravelPerk would refuse: Fail, or Drop for leaving out the attribute alone.</summary>
    public InvalidValueAction OnInvalid { get; }
}

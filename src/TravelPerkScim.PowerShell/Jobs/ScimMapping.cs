using TravelPerkScim.Mapping.Schema;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Kinds of attribute mapping, as Entra's "Edit Attribute" page names them.</summary>
public enum ScimMappingType : long
{
    /// <summary>The target keeps its value; the default value fills an empty attribute.</summary>
    None,

    /// <summary>The value of a source attribute.</summary>
    Direct,

    /// <summary>The same text for every user.</summary>
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

    /// <summary>The source of the value, as an expression; null with a default value alone.</summary>
    public string? Source { get; }

    /// <summary>The value when the source gives null and a user is created. With type None, the value when the target has none.</summary>
    public string? DefaultValue { get; }

    /// <summary>Matching precedence, lowest first; 0 when the attribute does not match users.</summary>
    public int MatchingPriority { get; }

    /// <summary>Always, or ObjectAddOnly: only while a user is created.</summary>
    public AttributeFlowType FlowType { get; }

    /// <summary>The handling of a value that TravelPerk would refuse: Fail, or Drop, which leaves out the attribute alone.</summary>
    public InvalidValueAction OnInvalid { get; }
}

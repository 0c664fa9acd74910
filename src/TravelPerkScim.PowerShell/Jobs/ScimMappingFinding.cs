using TravelPerkScim.Mapping.Check;
using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>One finding of Test-ScimMapping.</summary>
public sealed class ScimMappingFinding
{
    internal ScimMappingFinding(string? job, MappingFinding finding)
    {
        Job = job;
        Severity = finding.Severity;
        FindingId = finding.FindingId;
        TargetAttribute = finding.TargetAttribute;
        Column = finding.Column;
        Message = ShownText.Of(finding.Message);
        SampleUser = finding.SampleUser;
        SourceId = ShownText.OfAny(finding.SourceId);
        Value = ShownText.OfAny(finding.Value);
        EntraValue = ShownText.OfAny(finding.EntraValue);
    }

    /// <summary>The job's folder or the mapping file; null for the module's default mapping.</summary>
    public string? Job { get; }

    /// <summary>Error: the mapping cannot be used. Warning: a probable mistake. Information: a possible fault in the data.</summary>
    public MappingFindingSeverity Severity { get; }

    /// <summary>Stable PascalCase id, such as UnknownSourceAttribute.</summary>
    public string FindingId { get; }

    /// <summary>The target attribute; null for the whole mapping or its scope.</summary>
    public string? TargetAttribute { get; }

    /// <summary>1-based column in the expression, or null.</summary>
    public int? Column { get; }

    /// <summary>The fault and the way out.</summary>
    public string Message { get; }

    /// <summary>Number of the sample user, from 1, for whom Entra gives another value; null in any other finding.</summary>
    public int? SampleUser { get; }

    /// <summary>Source id of the sample user, if it has one.</summary>
    public string? SourceId { get; }

    /// <summary>The value of the expression here; [Redact] where the mapping redacts it.</summary>
    public string? Value { get; }

    /// <summary>The value of the expression in Entra; [Redact] where the mapping redacts it.</summary>
    public string? EntraValue { get; }
}

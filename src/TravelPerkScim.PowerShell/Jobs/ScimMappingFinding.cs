using TravelPerkScim.Mapping.Check;
using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>One thing Test-ScimMapping found about a mapping.</summary>
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

    /// <summary>Error: the mapping cannot be used. Warning: it probably does not do what was meant. Information: worth knowing.</summary>
    public MappingFindingSeverity Severity { get; }

    /// <summary>Stable PascalCase id, such as UnknownSourceAttribute.</summary>
    public string FindingId { get; }

    /// <summary>Whose mapping it is about; null for the mapping as a whole or its scope.</summary>
    public string? TargetAttribute { get; }

    /// <summary>1-based column in the expression, or null.</summary>
    public int? Column { get; }

    /// <summary>What is wrong, and the way out.</summary>
    public string Message { get; }

    /// <summary>Place of the sample user for whom the expression gives something else in Entra, from 1; null in any other
    /// finding.</summary>
    public int? SampleUser { get; }

    /// <summary>Source id of that user, where the sample has one.</summary>
    public string? SourceId { get; }

    /// <summary>What the expression gives here; [Redact] where the mapping redacts it.</summary>
    public string? Value { get; }

    /// <summary>What the expression gives in Entra; [Redact] where the mapping redacts it.</summary>
    public string? EntraValue { get; }
}

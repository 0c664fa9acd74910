namespace TravelPerkScim.Mapping.Check;

/// <summary>How bad a finding is.</summary>
public enum MappingFindingSeverity
{
    /// <summary>Worth knowing.</summary>
    Information,

    /// <summary>The mapping works, but probably not as wanted.</summary>
    Warning,

    /// <summary>The mapping cannot be used.</summary>
    Error,
}

/// <summary>One thing a static check found about a mapping.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="FindingId">Stable PascalCase id. An error has the ErrorId that compiling would give.</param>
/// <param name="TargetAttribute">The target attribute of the mapping; null for the mapping as a whole or its scope.</param>
/// <param name="Column">1-based column in the expression, or null.</param>
/// <param name="Message">What is wrong and the way out.</param>
public sealed record MappingFinding(MappingFindingSeverity Severity, string FindingId, string? TargetAttribute, int? Column, string Message)
{
    /// <summary>1-based place of the sample user for whom another engine gives another result; null in any other finding.</summary>
    public int? SampleUser { get; init; }

    /// <summary>Source id of that user, where the sample has one.</summary>
    public string? SourceId { get; init; }

    /// <summary>What the expression gives here, for people to read; a value that the mapping redacts is [Redact].</summary>
    public string? Value { get; init; }

    /// <summary>What it gives in Entra, likewise.</summary>
    public string? EntraValue { get; init; }
}

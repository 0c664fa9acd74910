namespace TravelPerkScim.PowerShell.Discovery;

/// <summary>Outcome of a check of Test-ScimConnection.</summary>
public enum ConnectionCheckOutcome : long
{
    /// <summary>The check found no fault.</summary>
    Passed,

    /// <summary>Provisioning works with limits.</summary>
    Warning,

    /// <summary>Provisioning does not work.</summary>
    Failed,

    /// <summary>The check could not be made.</summary>
    Skipped,
}

/// <summary>One check of Test-ScimConnection -Detailed.</summary>
/// <param name="Check">The name of the check.</param>
/// <param name="Outcome">Passed, Warning, Failed or Skipped.</param>
/// <param name="Duration">The duration of the check.</param>
/// <param name="Message">The finding.</param>
/// <param name="Advice">The advice; null when there is nothing to do.</param>
public sealed record ConnectionCheck(string Check, ConnectionCheckOutcome Outcome, TimeSpan Duration, string Message, string? Advice)
{
    /// <summary>The finding.</summary>
    public string Message { get; init; } = Scim.ShownText.Of(Message);

    /// <summary>The advice; null when there is nothing to do.</summary>
    public string? Advice { get; init; } = Scim.ShownText.OfAny(Advice);
}

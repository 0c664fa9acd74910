namespace TravelPerkScim.PowerShell.Discovery;

/// <summary>How a check of Test-ScimConnection ended.</summary>
public enum ConnectionCheckOutcome : long
{
    /// <summary>As it should be.</summary>
    Passed,

    /// <summary>Provisioning works, though not at its best.</summary>
    Warning,

    /// <summary>Provisioning does not work.</summary>
    Failed,

    /// <summary>It could not be tried.</summary>
    Skipped,
}

/// <summary>One thing that Test-ScimConnection -Detailed tried.</summary>
/// <param name="Check">What was tried.</param>
/// <param name="Outcome">Passed, Warning, Failed or Skipped.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Message">What was seen.</param>
/// <param name="Advice">What to do; null when there is nothing to be done.</param>
public sealed record ConnectionCheck(string Check, ConnectionCheckOutcome Outcome, TimeSpan Duration, string Message, string? Advice)
{
    /// <summary>What was seen.</summary>
    public string Message { get; init; } = Scim.ShownText.Of(Message);

    /// <summary>What to do; null when there is nothing to be done.</summary>
    public string? Advice { get; init; } = Scim.ShownText.OfAny(Advice);
}

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
public sealed class ConnectionCheck
{
    // A class and not a record: Get-Member would list the compiler's method <Clone>$ of a record.
    internal ConnectionCheck(string check, ConnectionCheckOutcome outcome, TimeSpan duration, string message, string? advice)
    {
        Check = check;
        Outcome = outcome;
        Duration = duration;
        Message = Scim.ShownText.Of(message);
        Advice = Scim.ShownText.OfAny(advice);
    }

    /// <summary>The name of the check.</summary>
    public string Check { get; }

    /// <summary>Passed, Warning, Failed or Skipped.</summary>
    public ConnectionCheckOutcome Outcome { get; }

    /// <summary>The duration of the check.</summary>
    public TimeSpan Duration { get; }

    /// <summary>The finding.</summary>
    public string Message { get; }

    /// <summary>The advice; null when there is nothing to do.</summary>
    public string? Advice { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Check}: {Outcome}";
}

using TravelPerkScim.Scim;

namespace TravelPerkScim.Entra.Hosting;

/// <summary>
/// Why the service runs a job rarely (Graph synchronizationQuarantine): after 6, 12 and 24 hours, then daily, and not at all after 28 days
/// (entra-docs, "Application provisioning in quarantine status").
/// </summary>
public sealed record HostedQuarantine
{
    // Graph synchronizationQuarantine.reason; the thresholds are those of "Application provisioning in quarantine status" and "Enable
    // accidental deletions prevention".
    private static readonly Dictionary<string, (string Meaning, string Advice)> s_reasons = new(StringComparer.OrdinalIgnoreCase)
    {
        ["EncounteredBaseEscrowThreshold"] = (
            "Too many entries failed in one cycle.",
            "Get-EntraProvisioningLog -Status Failure shows why. "
                + "Correct the cause, then run Restart-EntraProvisioningJob -Scope Escrows, QuarantineState."
        ),
        ["EncounteredTotalEscrowThreshold"] = (
            "More than 60,000 entries failed, references included.",
            "Get-EntraProvisioningLog -Status Failure shows why. "
                + "Correct the cause, then run Restart-EntraProvisioningJob -Scope Escrows, QuarantineState."
        ),
        ["EncounteredEscrowProportionThreshold"] = (
            "More than 40 % of at least 5,000 entries, or more than 40,000 of them, failed.",
            "Get-EntraProvisioningLog -Status Failure shows why: most often an attribute that TravelPerk refuses. "
                + "Correct the mapping, then run Restart-EntraProvisioningJob."
        ),
        ["EncounteredQuarantineException"] = (
            "TravelPerk refuses the credentials, or cannot be reached.",
            "Test-EntraProvisioningJob shows which. Authorize the application again or save a new token, "
                + "then run Restart-EntraProvisioningJob -Scope QuarantineState."
        ),
        ["QuarantinedOnDemand"] = (
            "Microsoft put the job in quarantine.",
            "The Service health page of the admin center or a support request tells why. "
                + "Restart-EntraProvisioningJob -Scope QuarantineState ends it."
        ),
        ["TooManyDeletes"] = (
            "A cycle would have disabled or deleted more users than the delete threshold allows.",
            "Get-EntraProvisioningLog -Action Delete -Status Staged lists them. "
                + "To let them go, run Restart-EntraProvisioningJob -Scope ForceDeletes; "
                + "to keep them, put them back in scope and restart."
        ),
        ["IngestionInterrupted"] = (
            "Reading the source was interrupted.",
            "It ends by itself with the next cycle. If it stays, run Restart-EntraProvisioningJob."
        ),
    };

    /// <summary>The service's word for it.</summary>
    public required string Reason
    {
        get;
        init => field = ShownText.Of(value);
    }

    /// <summary>What it means, in a sentence.</summary>
    public string Meaning =>
        s_reasons.TryGetValue(Reason, out (string Meaning, string Advice) known) ? known.Meaning : "The service does not say why.";

    /// <summary>What to do.</summary>
    public string Advice =>
        s_reasons.TryGetValue(Reason, out (string Meaning, string Advice) known)
            ? known.Advice
            : "Test-EntraProvisioningJob and Get-EntraProvisioningLog -Status Failure show what fails. "
                + "Restart-EntraProvisioningJob ends the quarantine.";

    /// <summary>When this quarantine began, UTC.</summary>
    public DateTimeOffset? Began { get; init; }

    /// <summary>When the series of quarantines began, UTC.</summary>
    public DateTimeOffset? SeriesBegan { get; init; }

    /// <summary>Quarantines in the series.</summary>
    public long SeriesCount { get; init; }

    /// <summary>When the service tries again, UTC.</summary>
    public DateTimeOffset? NextAttempt { get; init; }

    /// <summary>The service's error code and text; null when it gives none.</summary>
    public string? Error
    {
        get;
        init => field = ShownText.OfAny(value);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Reason}: {Meaning}";
}

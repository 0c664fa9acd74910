using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>Result of one entry in a cycle.</summary>
public enum OutcomeStatus : long
{
    /// <summary>Done.</summary>
    Success,

    /// <summary>Refused or failed; kept in escrow and retried.</summary>
    Failure,

    /// <summary>Nothing to do after all.</summary>
    Skipped,

    /// <summary>Held back by a threshold, or until it is approved.</summary>
    Staged,
}

/// <summary>How one operation ended; also one line of the provisioning log (Graph provisioningObjectSummary).</summary>
public sealed record ProvisioningOutcome
{
    /// <summary>When it ended, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The cycle it belongs to.</summary>
    public required Guid CycleId { get; init; }

    /// <summary>Of what: a user, or a group.</summary>
    public ProvisioningObjectType ObjectType { get; init; }

    /// <summary>What was done.</summary>
    public required ProvisioningAction Action { get; init; }

    /// <summary>How it ended.</summary>
    public required OutcomeStatus Status { get; init; }

    /// <summary>userName or a group's displayName, or the source id where neither is known.</summary>
    public required string Identity
    {
        get;
        init => field = ShownText.Of(value);
    }

    /// <summary>Source anchor.</summary>
    public required string SourceId { get; init; }

    /// <summary>TravelPerk id, when known.</summary>
    public string? TargetId { get; init; }

    /// <summary>Attributes written; redacted values show as [Redact].</summary>
    public IReadOnlyList<AttributeChange> ModifiedProperties
    {
        get;
        init => field = value.AsShown();
    } = [];

    /// <summary>Entra's error code (MissingValues, DuplicateTargetEntries, ...); null on success.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>Why it was done, or why it failed.</summary>
    public required string Reason
    {
        get;
        init => field = ShownText.Of(value);
    }

    /// <summary>What was left out of a write, or was accepted and not kept; null when there is nothing to tell.</summary>
    public string? Note
    {
        get;
        init => field = ShownText.OfAny(value);
    }

    /// <summary>What to know at a glance: why it failed, what was written, or why, and the note.</summary>
    public string Detail
    {
        get
        {
            string what =
                Status == OutcomeStatus.Success && Action != ProvisioningAction.Disable
                    ? AttributeChange.Describe(ModifiedProperties, Action) ?? Reason
                    : Reason;
            return Note is null ? what : $"{what.TrimEnd('.')}. {Note}";
        }
    }

    /// <summary>How it came about: import, scoping, matching, export. The log keeps the attributes of the request, not its body. Of a
    /// hosted job, the steps that Entra tells.</summary>
    public IReadOnlyList<ProvisioningStep> Steps
    {
        get => field ?? OwnSteps;
        init => field = value.AsShown();
    }

    private IReadOnlyList<ProvisioningStep> OwnSteps =>
        (Operation is { } carried ? carried with { Note = Note } : null) is not { Steps: var steps } ? StepWriter.StepsOf(this).AsShown()
        : Status != OutcomeStatus.Failure ? steps
        : steps.SkipLast(1).Append(steps[^1] with { Status = nameof(OutcomeStatus.Failure), Description = Reason }).ToArray().AsShown();

    /// <summary>What had happened to the user in TravelPerk behind the job's back. The log does not keep it.</summary>
    public ProvisioningDrift Drift => Operation?.Drift ?? ProvisioningDrift.None;

    internal ProvisioningOperation? Operation { get; init; }

    /// <summary>What put the user in scope, of an operation that wrote or failed.</summary>
    internal string? ScopeText
    {
        get => field ?? (Told ? Operation!.Desired?.ScopeReason : null);
        init;
    }

    /// <summary>How the counterpart was found, without a value of the user's.</summary>
    internal string? MatchText
    {
        get => field ?? (Told ? StepWriter.MatchOf(Operation!) : null);
        init;
    }

    private bool Told => Operation is not null && Status is OutcomeStatus.Success or OutcomeStatus.Failure;

    /// <summary>Time it took.</summary>
    public TimeSpan Duration { get; init; }
}

using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>Result of one entry in a cycle.</summary>
public enum OutcomeStatus : long
{
    /// <summary>Done.</summary>
    Success,

    /// <summary>Refused or failed; kept in escrow and retried.</summary>
    Failure,

    /// <summary>There was nothing to do.</summary>
    Skipped,

    /// <summary>Held back by a threshold, or until it is approved.</summary>
    Staged,
}

/// <summary>How one operation ended; also one line of the provisioning log (Graph provisioningObjectSummary).</summary>
public sealed record ProvisioningOutcome
{
    /// <summary>When the operation ended, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The operation's cycle.</summary>
    public required Guid CycleId { get; init; }

    /// <summary>The type of the object: a user, or a group.</summary>
    public ProvisioningObjectType ObjectType { get; init; }

    /// <summary>What was done.</summary>
    public required ProvisioningAction Action { get; init; }

    /// <summary>How the operation ended.</summary>
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

    /// <summary>Why the operation was done, or why it failed.</summary>
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

    /// <summary>What to know at a glance: why the operation failed, what was written, or why, and the note.</summary>
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

    /// <summary>How the operation came about: import, scoping, matching, export. The log keeps the attributes of the request, not its body.
    /// For a hosted job, the steps are those of Entra's log.</summary>
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

    /// <summary>Why the user is in scope; for an operation that wrote or failed.</summary>
    internal string? ScopeText
    {
        get => field ?? (WroteOrFailed ? Operation!.Desired?.ScopeReason : null);
        init;
    }

    /// <summary>How the TravelPerk user was found, without a value of the user.</summary>
    internal string? MatchText
    {
        get => field ?? (WroteOrFailed ? StepWriter.MatchOf(Operation!) : null);
        init;
    }

    private bool WroteOrFailed => Operation is not null && Status is OutcomeStatus.Success or OutcomeStatus.Failure;

    /// <summary>How long the operation took.</summary>
    public TimeSpan Duration { get; init; }
}

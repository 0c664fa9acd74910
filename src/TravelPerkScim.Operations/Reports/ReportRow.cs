using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Review;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Operations.Reports;

/// <summary>One value of a user in a report.</summary>
/// <param name="Attribute">Target attribute path.</param>
/// <param name="Old">The value before, of a comparison the hosted job's; null when there was none, or when it was not read.</param>
/// <param name="New">The value after, of a comparison this job's; null clears it.</param>
public sealed record ReportChange(string Attribute, string? Old, string? New)
{
    // Extension attributes and names are long; the last part says which one it is.
    internal string Label =>
        Attribute.StartsWith("name.", StringComparison.OrdinalIgnoreCase)
            ? Attribute["name.".Length..]
            : Attribute[(Attribute.LastIndexOf(':') + 1)..];

    internal bool IsManager =>
        Label.StartsWith("manager", StringComparison.OrdinalIgnoreCase)
        && !Label.Contains("displayName", StringComparison.OrdinalIgnoreCase);

    internal bool IsHidden => AttributeChange.RedactedText is var hidden && (Old == hidden || New == hidden);

    /// <inheritdoc/>
    public override string ToString() => $"{Label}: {Old ?? "(none)"} -> {New ?? "(none)"}";

    internal static ReportChange Of(AttributeChange change) => new(ShownText.Of(change.Attribute), change.OldValue, change.NewValue);
}

/// <summary>One user or group of a report. Every text in it is shown text.</summary>
public sealed record ReportRow
{
    /// <summary>userName or a group's displayName, or the source id where neither is known.</summary>
    public required string Identity
    {
        get;
        init => field = ShownText.Of(value);
    }

    /// <summary>A user, or a group.</summary>
    public ProvisioningObjectType ObjectType { get; init; }

    /// <summary>What is done.</summary>
    public required ProvisioningAction Action { get; init; }

    /// <summary>
    /// Of a plan: Planned, Problem (it will fail), Staged, or Skipped. Of outcomes: Success, Failure, Skipped or Staged. Of a comparison:
    /// how the two ends differ, as <see cref="EngineDifference"/> names it.
    /// </summary>
    public required string Status { get; init; }

    /// <summary>What TravelPerk had been changed to behind the job's back.</summary>
    public ProvisioningDrift Drift { get; init; }

    /// <summary>What a reviewer looks for first.</summary>
    public IReadOnlyList<ReportMark> Marks => ReportMarks.Of(Action, Drift, Changes);

    /// <summary>Why, or why not.</summary>
    public required string Reason
    {
        get;
        init => field = ShownText.Of(value);
    }

    /// <summary>The error code; null when there is no error.</summary>
    public string? Code
    {
        get;
        init => field = ShownText.OfAny(value);
    }

    /// <summary>What is left out of the request, or was accepted and not kept; null when there is nothing to tell.</summary>
    public string? Note
    {
        get;
        init => field = ShownText.OfAny(value);
    }

    /// <summary>Values before and after.</summary>
    public IReadOnlyList<ReportChange> Changes { get; init; } = [];

    /// <summary>Source anchor.</summary>
    public required string SourceId
    {
        get;
        init => field = ShownText.Of(value);
    }

    /// <summary>TravelPerk id, when known.</summary>
    public string? TargetId
    {
        get;
        init => field = ShownText.OfAny(value);
    }

    /// <summary>When it ended, UTC; null of a plan.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The cycle that an outcome belongs to; null of a plan.</summary>
    public Guid? CycleId { get; init; }

    /// <summary>The reason in one word, where there is one: the code of an error, or the drift.</summary>
    internal string? Label => Code ?? (Drift == ProvisioningDrift.None ? null : Drift.ToString());

    /// <summary>What rows are put together by.</summary>
    internal string Group => Label ?? Reason;

    internal string Tone =>
        Status switch
        {
            "Problem" or nameof(OutcomeStatus.Failure) or nameof(EngineDifference.FailsHere) or nameof(EngineDifference.BothFail) => "bad",
            nameof(OutcomeStatus.Staged) => "warn",
            nameof(OutcomeStatus.Success) => "good",
            "Planned" => "update",
            nameof(OutcomeStatus.Skipped) or nameof(EngineDifference.None) => "none",
            _ => "warn",
        };

    internal static ReportRow Of(ProvisioningOperation operation) =>
        new()
        {
            Identity = operation.Identity,
            ObjectType = operation.ObjectType,
            Action = operation.Action,
            Status =
                operation.Problem is not null ? "Problem"
                : operation.Staged ? "Staged"
                : operation.Action == ProvisioningAction.None ? "Skipped"
                : "Planned",
            Drift = operation.Drift,
            Reason = Without(operation.Identity, operation.Problem ?? operation.Reason),
            Code = operation.ProblemCode,
            Note = operation.Note,
            Changes = [.. operation.Changes.Select(ReportChange.Of)],
            SourceId = operation.SourceId,
            TargetId = operation.TargetId,
        };

    internal static ReportRow Of(ProvisioningOutcome outcome) =>
        new()
        {
            Identity = outcome.Identity,
            ObjectType = outcome.ObjectType,
            Action = outcome.Action,
            Status = outcome.Status.ToString(),
            Drift = outcome.Drift,
            Reason = Without(outcome.Identity, outcome.Reason),
            Code = outcome.ErrorCode,
            Note = outcome.Note,
            Changes = [.. outcome.ModifiedProperties.Select(ReportChange.Of)],
            SourceId = outcome.SourceId,
            TargetId = outcome.TargetId,
            Time = outcome.Time,
            CycleId = outcome.CycleId,
        };

    internal static ReportRow Of(EngineComparison compared) =>
        new()
        {
            Identity = compared.Identity,
            Action = compared.Here?.Action ?? compared.Hosted?.Action ?? ProvisioningAction.None,
            Status = compared.Difference.ToString(),
            Reason = compared.Reason,
            Code = compared.Here?.ProblemCode ?? compared.Hosted?.ErrorCode,
            Note = compared.Here?.Note,
            Changes =
            [
                .. compared.Values.Select(value => new ReportChange(
                    ShownText.Of(value.Attribute),
                    ShownText.OfAny(value.Hosted),
                    ShownText.OfAny(value.Here)
                )),
            ],
            SourceId = compared.SourceId,
            TargetId = compared.TargetId,
        };

    // A problem begins with its user, who stands beside it already.
    private static string Without(string identity, string reason) =>
        reason.StartsWith($"{identity}: ", StringComparison.Ordinal) ? reason[(identity.Length + 2)..] : reason;
}

using System.Collections.Frozen;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>One step of a plan: one user or group, one action, why, and what it would write.</summary>
public sealed record ProvisioningOperation
{
    /// <summary>What it is about: a user, or a group.</summary>
    public ProvisioningObjectType ObjectType { get; init; }

    /// <summary>What it does.</summary>
    public required ProvisioningAction Action { get; init; }

    /// <summary>userName or a group's displayName, or the source id where neither is known.</summary>
    public required string Identity
    {
        get;
        init => field = ShownText.Of(value);
    }

    /// <summary>Source anchor (Entra objectId).</summary>
    public required string SourceId { get; init; }

    /// <summary>TravelPerk id; null for a create.</summary>
    public string? TargetId { get; init; }

    /// <summary>Attributes to be written, with old and new value.</summary>
    public IReadOnlyList<AttributeChange> Changes
    {
        get;
        init => field = value.AsShown();
    } = [];

    /// <summary>Why, in a sentence.</summary>
    public required string Reason
    {
        get;
        init => field = ShownText.Of(value);
    }

    /// <summary>Why it cannot be sent (a value TravelPerk would refuse, several matches); null when it can.</summary>
    public string? Problem
    {
        get;
        init => field = ShownText.OfAny(value);
    }

    /// <summary>Entra's error code for <see cref="Problem"/>.</summary>
    public string? ProblemCode { get; init; }

    /// <summary>True when a threshold holds it back, or it waits for an approval: it is logged, not applied.</summary>
    public bool Staged { get; init; }

    /// <summary>How TravelPerk had moved away from what the job last wrote, without a change in the source; None when it had not, or when
    /// that was not looked at.</summary>
    public ProvisioningDrift Drift { get; init; }

    /// <summary>What to know at a glance: the problem, what is written, or why.</summary>
    public string Detail =>
        Problem
        ?? (
            Staged ? $"Staged: {Reason}"
            : Action == ProvisioningAction.Disable ? Reason
            : AttributeChange.Describe(Changes, Action) ?? Reason
        );

    /// <summary>Folder of the job it was planned for; null when it comes from a file.</summary>
    public string? JobPath => Saved is null ? Origin?.JobPath : null;

    /// <summary>The request that will be sent; null when none will.</summary>
    public ProvisioningRequest? Request => Saved is { } saved ? saved.Request : RequestWriter.Write(this);

    /// <summary>How it came about: import, scoping, matching, export.</summary>
    public IReadOnlyList<ProvisioningStep> Steps => StepWriter.StepsOf(this).AsShown();

    /// <summary>What is left out of the request, and why; null when there is nothing to tell.</summary>
    public string? Note
    {
        get;
        init => field = ShownText.OfAny(value);
    }

    /// <summary>The typed values behind <see cref="Changes"/>; null for Delete.</summary>
    internal DesiredUser? Desired { get; init; }

    /// <summary>Attributes to send, of <see cref="Desired"/>.</summary>
    internal IReadOnlyList<TargetAttribute> Send { get; init; } = [];

    /// <summary>For each user that is referred to: the TravelPerk id, or what stands for it until there is one.</summary>
    internal IReadOnlyDictionary<string, string> References { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>The typed change of a group; null for a user.</summary>
    internal GroupChange? Group { get; init; }

    /// <summary>Anchors whose operation must have ended before this one starts: managers created in the same plan.</summary>
    internal IReadOnlyList<string> After { get; init; } = [];

    /// <summary>Operations that must have succeeded before this one is sent: they give up a unique value that it takes.</summary>
    internal IReadOnlyList<AwaitedOperation> Takes { get; init; } = [];

    /// <summary>Which of the user's operations it is.</summary>
    internal OperationPart Part { get; init; }

    /// <summary>This operation, as another one waits for it.</summary>
    internal AwaitedOperation Awaited => new(Key, SourceId, Identity, "");

    /// <summary>Tells it from the user's other operations.</summary>
    internal string Key => Part == OperationPart.Whole ? SourceId : $"{SourceId} {Part}";

    /// <summary>What the user is to be in the end, where <see cref="Desired"/> is for the moment only.</summary>
    internal DesiredUser? Goal { get; init; }

    /// <summary>Attributes that an interim operation of the same user gave a value for the moment.</summary>
    internal IReadOnlyList<TargetAttribute> Interim { get; init; } = [];

    /// <summary>The plan it was computed in.</summary>
    internal PlanOrigin? Origin { get; set; }

    /// <summary>The entry as it was read from a plan file, whose request is shown as it was reviewed. Null for a computed
    /// operation.</summary>
    internal SavedForm? Saved { get; init; }

    /// <summary>The write may change nothing: an answer without a body does not show whether it did, and a read has to.</summary>
    internal bool Confirm { get; init; }

    /// <summary>For a disable: the user is in scope, and the mapping of active gives False. The job manages it as before.</summary>
    internal bool ByMapping { get; init; }

    /// <summary>For a disable of one who left: given and family name as the source says them, by slot; null when it does not.</summary>
    internal object?[]? Names { get; init; }

    /// <summary>For a disable: the user left the scope or the assignment, and the job no longer manages it afterwards.</summary>
    internal bool Releases { get; init; }

    /// <summary>The account that the TravelPerk user is taken over from: an anchor, or what its externalId names; null where nothing is
    /// taken over.</summary>
    internal string? TakenFrom { get; init; }

    /// <summary>The source user is to be this TravelPerk user from now on, and no other is.</summary>
    internal bool EstablishesLink =>
        this is { ObjectType: ProvisioningObjectType.User, Staged: false, Problem: null, TargetId: not null }
        && (ByMapping || Action is ProvisioningAction.Update or ProvisioningAction.Enable or ProvisioningAction.Link);

    /// <summary>It was reviewed, and is no longer what would be done: <see cref="Problem"/> says why, nothing is sent, and nothing
    /// failed.</summary>
    internal bool Refused { get; init; }
}

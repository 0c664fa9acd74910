using System.Collections.Frozen;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>One step of a plan: one user or group, one action, why, and what it would write.</summary>
public sealed record ProvisioningOperation
{
    /// <summary>The type of the object: a user, or a group.</summary>
    public ProvisioningObjectType ObjectType { get; init; }

    /// <summary>What the operation does.</summary>
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

    /// <summary>Why the operation cannot be sent (a value that TravelPerk would refuse, several matches); null when it can be
    /// sent.</summary>
    public string? Problem
    {
        get;
        init => field = ShownText.OfAny(value);
    }

    /// <summary>Entra's error code for <see cref="Problem"/>.</summary>
    public string? ProblemCode { get; init; }

    /// <summary>True when a threshold holds the operation back, or the operation waits for an approval. It is then logged, not
    /// applied.</summary>
    public bool Staged { get; init; }

    /// <summary>How the user in TravelPerk had moved away from what the job last wrote, without a change in the source. None when it had
    /// not, or when the cycle did not compare.</summary>
    public ProvisioningDrift Drift { get; init; }

    /// <summary>What to know at a glance: the problem, what is written, or why.</summary>
    public string Detail =>
        Problem
        ?? (
            Staged ? $"Staged: {Reason}"
            : Action == ProvisioningAction.Disable ? Reason
            : AttributeChange.Describe(Changes, Action) ?? Reason
        );

    /// <summary>Folder of the job that the operation was planned for; null when the operation comes from a file.</summary>
    public string? JobPath => Saved is null ? Origin?.JobPath : null;

    /// <summary>The request that will be sent; null when no request will be sent.</summary>
    public ProvisioningRequest? Request => Saved is { } saved ? saved.Request : RequestWriter.Write(this);

    /// <summary>How the operation came about: import, scoping, matching, export.</summary>
    public IReadOnlyList<ProvisioningStep> Steps => StepWriter.StepsOf(this).AsShown();

    /// <summary>What is left out of the request, and why; null when there is nothing to tell.</summary>
    public string? Note
    {
        get;
        init => field = ShownText.OfAny(value);
    }

    /// <summary>The typed values behind <see cref="Changes"/>; null for Delete.</summary>
    internal DesiredUser? Desired { get; init; }

    /// <summary>The attributes of <see cref="Desired"/> that are sent.</summary>
    internal IReadOnlyList<TargetAttribute> Send { get; init; } = [];

    /// <summary>For each user that is referred to: the TravelPerk id, or the text that stands for the id until the user is
    /// created.</summary>
    internal IReadOnlyDictionary<string, string> References { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>The typed change of a group; null for a user.</summary>
    internal GroupChange? Group { get; init; }

    /// <summary>Source anchors of managers whose reference this operation does not send. A later operation or a later cycle sends the
    /// reference.</summary>
    internal IReadOnlyList<string> LeftOut { get; init; } = [];

    /// <summary>Anchors whose operation must have ended before this one starts: managers created in the same plan.</summary>
    internal IReadOnlyList<string> After { get; init; } = [];

    /// <summary>Operations that must have succeeded before this one is sent, because they give up a unique value that this one
    /// takes.</summary>
    internal IReadOnlyList<AwaitedOperation> Takes { get; init; } = [];

    /// <summary>The operation's place among the user's operations.</summary>
    internal OperationPart Part { get; init; }

    /// <summary>This operation, for another operation that waits for it.</summary>
    internal AwaitedOperation Awaited => new(Key, SourceId, Identity, "");

    /// <summary>Tells the operation from the user's other operations.</summary>
    internal string Key => Part == OperationPart.Whole ? SourceId : $"{SourceId} {Part}";

    /// <summary>The user's final state, where <see cref="Desired"/> is for the moment only.</summary>
    internal DesiredUser? Goal { get; init; }

    /// <summary>Attributes that an interim operation of the same user gave a value for the moment.</summary>
    internal IReadOnlyList<TargetAttribute> Interim { get; init; } = [];

    /// <summary>The plan that computed the operation.</summary>
    internal PlanOrigin? Origin { get; set; }

    /// <summary>The operation as it was read from a plan file. Its request is shown as it was reviewed. Null for a computed
    /// operation.</summary>
    internal SavedForm? Saved { get; init; }

    /// <summary>The write may change nothing. An answer without a body does not show whether it did, so the user is read
    /// afterwards.</summary>
    internal bool Confirm { get; init; }

    /// <summary>For a disable: the user is in scope, and the mapping of active gives False. The job manages the user as before.</summary>
    internal bool ByMapping { get; init; }

    /// <summary>For a disable of a user who left: given and family name in the source, by slot; null when the source does not give
    /// them.</summary>
    internal object?[]? Names { get; init; }

    /// <summary>For a disable: the user left the scope or the assignment, and the job no longer manages the user afterwards.</summary>
    internal bool Releases { get; init; }

    /// <summary>The account that the TravelPerk user is taken over from: an anchor, or the value of its externalId; null where there is no
    /// takeover.</summary>
    internal string? TakenFrom { get; init; }

    /// <summary>From now on this TravelPerk user belongs to the source user and to no other.</summary>
    internal bool EstablishesLink =>
        this is { ObjectType: ProvisioningObjectType.User, Staged: false, Problem: null, TargetId: not null }
        && (ByMapping || Action is ProvisioningAction.Update or ProvisioningAction.Enable or ProvisioningAction.Link);

    /// <summary>The operation was reviewed, and a new plan would do something else. <see cref="Problem"/> says why. Nothing is sent, and
    /// nothing failed.</summary>
    internal bool Refused { get; init; }
}

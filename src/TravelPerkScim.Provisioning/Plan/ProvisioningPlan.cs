using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>A whole cycle, computed without a write.</summary>
public sealed class ProvisioningPlan
{
    internal ProvisioningPlan(PlanFollowUps basis) => FollowUps = basis;

    /// <summary>Id of the cycle it belongs to.</summary>
    public required Guid CycleId { get; init; }

    /// <summary>Initial or incremental.</summary>
    public required CycleKind Kind { get; init; }

    /// <summary>The steps, in the order they may start in.</summary>
    public required IReadOnlyList<ProvisioningOperation> Operations { get; init; }

    /// <summary>The operations in the order of a review: what takes away first, then by action and name, and the same each time.</summary>
    public IEnumerable<ProvisioningOperation> ForReview =>
        Operations.OrderBy(RankOf).ThenBy(o => o.Action).ThenBy(o => o.Identity, StringComparer.OrdinalIgnoreCase);

    /// <summary>Users that are left alone, each with the reason; empty unless they were asked for.</summary>
    public IReadOnlyList<ProvisioningOperation> Skipped { get; init; } = [];

    /// <summary>What the read of the source proved, and what was left alone.</summary>
    public required CycleCounts Counts { get; init; }

    /// <summary>False when the source read did not reach its end: nothing absent is disabled and the watermark stays.</summary>
    public required bool ReadComplete { get; init; }

    /// <summary>Entries of the source that could not be read or used, in words. They are among <see cref="Warnings"/> too.</summary>
    public IReadOnlyList<string> FaultyEntries
    {
        get;
        init => field = [.. value.Select(ShownText.Of)];
    } = [];

    /// <summary>What was noticed while the source was read and the plan was made, in words.</summary>
    public required IReadOnlyList<string> Warnings
    {
        get;
        init => field = [.. value.Select(ShownText.Of)];
    }

    /// <summary>Requests that planning took.</summary>
    public required long Requests { get; init; }

    internal PlanFollowUps FollowUps { get; }

    /// <summary>The plan is of all users of the job, and its read of the source reached the end.</summary>
    internal bool SeesWholeJob => ReadComplete && Kind.CoversWholeJob();

    /// <summary>The plan writes nothing about a user or group, neither to TravelPerk nor to the state.</summary>
    internal bool IsEmpty => Operations.Count == 0 && FollowUps.IsEmpty;

    private static readonly Dictionary<ProvisioningAction, int> s_ranks = new()
    {
        [ProvisioningAction.Delete] = 0,
        [ProvisioningAction.Disable] = 1,
        [ProvisioningAction.None] = 3,
    };

    private static int RankOf(ProvisioningOperation operation) => s_ranks.GetValueOrDefault(operation.Action, 2);
}

/// <summary>What applying a plan needs beside its operations.</summary>
/// <param name="Bound">The bound mapping that made the plan.</param>
/// <param name="MappingFingerprint">Mapping and scope, reduced.</param>
/// <param name="Began">When planning began, UTC.</param>
/// <param name="Watermark">Where the next incremental read starts.</param>
/// <param name="AlreadyInDesiredState">Users in the desired state whose stored state differs. They are recorded, without a request.</param>
/// <param name="Vanished">Anchors of links whose target no longer exists.</param>
/// <param name="Settled">Anchors of which nothing is left to retry.</param>
/// <param name="Unread">Anchors to be asked for again.</param>
/// <param name="Resolution">What became of creates of an earlier cycle whose outcome was not known.</param>
internal sealed record PlanFollowUps(
    BoundMapping Bound,
    string MappingFingerprint,
    DateTimeOffset Began,
    string? Watermark,
    IReadOnlyList<DesiredUser> AlreadyInDesiredState,
    IReadOnlyList<string> Vanished,
    IReadOnlyCollection<string> Settled,
    IReadOnlyCollection<string> Unread,
    IntentResolution Resolution
)
{
    /// <summary>How often the job's state had been written when the plan was made of it.</summary>
    public required long StateChanges { get; init; }

    /// <summary>When the plan was finished, UTC.</summary>
    public DateTimeOffset Computed { get; init; }

    /// <summary>Whether the target has groups, as it is to be remembered; null when that is known already.</summary>
    public string? GroupsDiscovered { get; init; }

    /// <summary>Anchors of links that the job no longer manages from now on, without a request.</summary>
    public IReadOnlyCollection<string> Released { get; init; } = [];

    /// <summary>Those of <see cref="Unread"/> whom the source does not find by their anchors, and since when.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> NotFound { get; init; } = new Dictionary<string, DateTimeOffset>();

    /// <summary>Anchors that were permanently deleted and whose delete waits until a takeover is decided.</summary>
    public IReadOnlyCollection<string> Undeleted { get; init; } = [];

    /// <summary>What the source gave, as it is to be remembered; null when there is nothing to remember.</summary>
    public GivenAttributes? Given { get; init; }

    /// <summary>Nothing follows for a user or group.</summary>
    public bool IsEmpty =>
        AlreadyInDesiredState.Count == 0
        && Vanished.Count == 0
        && Settled.Count == 0
        && Unread.Count == 0
        && Released.Count == 0
        && Undeleted.Count == 0
        && Resolution.Created.Count == 0
        && Resolution.NotCreated.Count == 0
        && GroupsDiscovered is null;
}

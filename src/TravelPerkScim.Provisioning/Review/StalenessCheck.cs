using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Review;

/// <summary>Compares a reviewed operation with the operations of a new plan for the same user or group.</summary>
internal sealed class StalenessCheck(BoundMapping bound, StateSnapshot snapshot)
{
    private const string ReferenceFollows =
        "The manager has no TravelPerk user and is not among the operations that are applied. "
        + "The reference follows when the manager has one.";

    /// <summary>Returns the new operation if it equals the reviewed one; otherwise the reviewed operation, marked as refused.</summary>
    public ProvisioningOperation Compare(ProvisioningOperation reviewed, IReadOnlyList<ProvisioningOperation> now)
    {
        Dictionary<string, ValueProof> proofs = ImportedOperation.ProofsOf(reviewed, snapshot.Keys);
        ProvisioningOperation? same = now.FirstOrDefault(o => o.Action == reviewed.Action && o.Part == reviewed.Part);
        if (same is null)
        {
            ProvisioningOperation? other = now.Count > 0 ? now[0] : null;
            return
                proofs.Count > 0
                && reviewed.Problem is null
                && other?.Desired is { } user
                && proofs.Keys.All(name => Awaits(name, proofs[name], user, other.Action))
                ? Refuse(reviewed, "ReferenceAwaited", ReferenceFollows)
                : Stale(reviewed, proofs, other, Instead(other));
        }
        if (Another(reviewed, same) is { } why)
            return Stale(reviewed, proofs, same, why);
        if (same.Problem is not null)
            return same;

        Dictionary<string, ValueProof> current = ImportedOperation.ProofsOf(same, snapshot.Keys);
        List<string> awaited =
        [
            .. proofs.Keys.Where(name => !current.ContainsKey(name) && Awaits(name, proofs[name], same.Desired!, same.Action)),
        ];
        List<string> moved =
        [
            .. proofs
                .Keys.Union(current.Keys)
                .Except(awaited)
                .Where(name => proofs.GetValueOrDefault(name) != current.GetValueOrDefault(name)),
        ];
        if (moved.Count > 0)
            return Stale(reviewed, proofs, same, $"what it would do to {string.Join(", ", moved)} is no longer what was reviewed.");
        return awaited.Count > 0 ? same with { Reason = $"{same.Reason} {ReferenceFollows}" } : same;
    }

    /// <summary>Compares an operation on a group, as <see cref="Compare"/> compares one on a user.</summary>
    public ProvisioningOperation CompareGroup(ProvisioningOperation reviewed, IReadOnlyList<ProvisioningOperation> now)
    {
        ProvisioningOperation? same = now.Where(o => o.Action == reviewed.Action).MaxBy(o => o.Staged == reviewed.Staged);
        string? why = same is null ? Instead(now.Count > 0 ? now[0] : null) : Another(reviewed, same);
        if (
            why is null
            && same!.Problem is null
            && ImportedOperation.GroupOf(reviewed)?.Difference(ImportedOperation.GroupOf(same)!, snapshot) is { } what
        )
        {
            why = $"{what} is no longer what was reviewed.";
        }

        return why is null ? same! : Refuse(reviewed, "Stale", $"The group or its members changed since the plan was made: {why}");
    }

    // Why the new operation has another problem or another target; null when it has the same.
    private static string? Another(ProvisioningOperation reviewed, ProvisioningOperation same)
    {
        if (TakesOver(same) && !TakesOver(reviewed))
            return same.Reason;
        if (same.ProblemCode != reviewed.ProblemCode)
            return same.Problem ?? "the problem it had is solved. Plan again.";
        if (same.Problem is not null || same.TargetId == reviewed.TargetId)
            return null;
        string noun = same.ObjectType == ProvisioningObjectType.Group ? "group" : "user";
        return $"the TravelPerk {noun} would be {same.TargetId ?? "a new one"} instead of {reviewed.TargetId ?? "a new one"}.";
    }

    private static bool TakesOver(ProvisioningOperation operation) =>
        operation.Drift is ProvisioningDrift.Inherited or ProvisioningDrift.Takeover;

    /// <summary>Both plans write the same values in the end. Where managers form a circle, one of its users is created without the
    /// reference, which follows later. Another user of the circle may be the first in a new plan.</summary>
    public bool SameInTheEnd(IReadOnlyList<ProvisioningOperation> reviewed, IReadOnlyList<ProvisioningOperation> now)
    {
        return reviewed
                .Concat(now)
                .All(o => o is { Problem: null, TargetId: null, Action: ProvisioningAction.Create or ProvisioningAction.Update })
            && now.Any(o => o.Action == ProvisioningAction.Create)
            && Whole(reviewed).SetEquals(Whole(now));

        HashSet<KeyValuePair<string, ValueProof>> Whole(IReadOnlyList<ProvisioningOperation> operations) =>
            [.. operations.SelectMany(o => ImportedOperation.ProofsOf(o, snapshot.Keys))];
    }

    public static ProvisioningOperation Refuse(ProvisioningOperation reviewed, string code, string why) =>
        reviewed with
        {
            Refused = true,
            ProblemCode = code,
            Problem = why,
            Desired = null,
            Group = null,
            Send = [],
            After = [],
        };

    // The manager was left out of the plan. The reference still names the same manager, who still has no TravelPerk user.
    private bool Awaits(string name, ValueProof reviewed, DesiredUser user, ProvisioningAction action) =>
        bound.Attributes.FirstOrDefault(a => a.Flow.TargetName == name) is { IsReference: true } attribute
        && user.Values[attribute.Slot] is SourceReference manager
        && snapshot.TargetIdOf(manager.Anchor) is null
        && ValueProof.Of(attribute, user, action == ProvisioningAction.Create, snapshot.Keys).New == reviewed.New;

    private static string Instead(ProvisioningOperation? now) =>
        now switch
        {
            null => "nothing is to be done any more.",
            { Problem: { } problem } => problem,
            { Action: ProvisioningAction.None } => now.Reason,
            _ => $"the operation would now be {now.Action}. {now.Reason}",
        };

    private ProvisioningOperation Stale(
        ProvisioningOperation reviewed,
        Dictionary<string, ValueProof> proofs,
        ProvisioningOperation? now,
        string why
    ) => Refuse(reviewed, "Stale", $"{Culprit(reviewed, proofs, now)} changed since the plan was made: {why}");

    private string Culprit(ProvisioningOperation reviewed, Dictionary<string, ValueProof> proofs, ProvisioningOperation? now)
    {
        string? fingerprint = ImportedOperation.Of(reviewed)?.Header.Mapping ?? reviewed.Origin?.Fingerprint;
        if (fingerprint != snapshot.CurrentFingerprint)
            return "The mapping";
        if (LinkMoved(reviewed, now))
            return "A link of the job";
        bool leaves =
            reviewed.Action is ProvisioningAction.Disable or ProvisioningAction.Delete
            || now?.Action is ProvisioningAction.Disable or ProvisioningAction.Delete;
        if (leaves || now?.Desired is not { } user || user.ScopeReason is null)
            return "The source";
        bool creates = reviewed.Action == ProvisioningAction.Create;
        bool sameSource =
            bound
                .Attributes.Where(a => proofs.ContainsKey(a.Flow.TargetName))
                .All(a => ValueProof.Of(a, user, creates, snapshot.Keys).New == proofs[a.Flow.TargetName].New)
            && (now.Action != reviewed.Action || now.Send.All(a => proofs.ContainsKey(a.Flow.TargetName)));
        return sameSource ? "TravelPerk" : "The source";
    }

    // Another cycle applied the operation meanwhile, or linked the TravelPerk user to another source user.
    private bool LinkMoved(ProvisioningOperation reviewed, ProvisioningOperation? now)
    {
        Link? link = snapshot.LinkOf(reviewed.SourceId);
        bool left =
            reviewed.Action is ProvisioningAction.Disable or ProvisioningAction.Delete
            && now is null or { Action: ProvisioningAction.None };
        return now?.ProblemCode == "EntryConflict"
            || (left && link is not { Enabled: true })
            || (reviewed.TargetId is { } target && link is not null && link.TargetId != target);
    }
}

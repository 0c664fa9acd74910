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
        ProvisioningOperation next = NearestTo(reviewed, now);
        Dictionary<string, ValueProof> proofs = ImportedOperation.ProofsOf(reviewed, snapshot.Keys);
        List<string> awaited = ReferencesThatWait(next, proofs);
        if (!IsLike(next, reviewed))
        {
            bool isAllAwaited = reviewed.Problem is null && awaited.Count > 0 && awaited.Count == proofs.Count;
            return isAllAwaited ? Refuse(reviewed, "ReferenceAwaited", ReferenceFollows) : Stale(reviewed, proofs, next, Instead(next));
        }
        if (Another(reviewed, next) is { } why)
            return Stale(reviewed, proofs, next, why);
        return next.Problem is null ? CompareChange(reviewed, proofs, next, awaited) : next;
    }

    private ProvisioningOperation CompareChange(
        ProvisioningOperation reviewed,
        Dictionary<string, ValueProof> proofs,
        ProvisioningOperation next,
        List<string> awaited
    )
    {
        Dictionary<string, ValueProof> current = ImportedOperation.ProofsOf(next, snapshot.Keys);
        awaited.RemoveAll(current.ContainsKey);
        string? what = ImportedOperation.GroupOf(reviewed) is { } group
            ? group.Difference(ImportedOperation.GroupOf(next)!, snapshot)
            : Difference(proofs, current, awaited);
        if (what is not null)
            return Stale(reviewed, proofs, next, $"{what} is no longer what was reviewed.");
        return awaited.Count > 0 ? next with { Reason = $"{next.Reason} {ReferenceFollows}" } : next;
    }

    private static string? Difference(Dictionary<string, ValueProof> reviewed, Dictionary<string, ValueProof> current, List<string> awaited)
    {
        List<string> moved = [.. reviewed.Except(current).Concat(current.Except(reviewed)).Select(proof => proof.Key).Except(awaited)];
        return moved.Count > 0 ? $"what it would do to {string.Join(", ", moved)}" : null;
    }

    /// <summary>The new operation with the reviewed action; where there is none, the first new operation, which may be to do nothing.
    /// A threshold may divide the update of a group into two operations, of which one is staged.</summary>
    private static ProvisioningOperation NearestTo(ProvisioningOperation reviewed, IReadOnlyList<ProvisioningOperation> now) =>
        now.MaxBy(next => (IsLike(next, reviewed), IsLike(next, reviewed) && next.Staged == reviewed.Staged)) ?? Nothing(reviewed);

    private static bool IsLike(ProvisioningOperation next, ProvisioningOperation reviewed) =>
        (next.Action, next.Part) == (reviewed.Action, reviewed.Part);

    private static ProvisioningOperation Nothing(ProvisioningOperation reviewed) =>
        new()
        {
            Action = ProvisioningAction.None,
            Identity = reviewed.Identity,
            SourceId = reviewed.SourceId,
            Reason = "nothing is to be done any more.",
        };

    // Why the new operation has another problem or another target; null when it has the same.
    private static string? Another(ProvisioningOperation reviewed, ProvisioningOperation same)
    {
        if (TakesOver(same) && !TakesOver(reviewed))
            return same.Reason;
        if (same.ProblemCode != reviewed.ProblemCode)
            return same.Problem ?? "the problem it had is solved. Plan again.";
        if (same.Problem is not null || same.TargetId == reviewed.TargetId)
            return null;
        return $"the TravelPerk {same.ObjectType.Noun()} would be {TargetOf(same)} instead of {TargetOf(reviewed)}.";
    }

    private static string TargetOf(ProvisioningOperation operation) => operation.TargetId ?? "a new one";

    private static bool TakesOver(ProvisioningOperation operation) =>
        operation.Drift is ProvisioningDrift.Inherited or ProvisioningDrift.Takeover;

    /// <summary>Both plans write the same values in the end. Where managers form a circle, one of its users is created without the
    /// reference, which follows later. Another user of the circle may be the first in a new plan.</summary>
    public bool SameInTheEnd(IReadOnlyList<ProvisioningOperation> reviewed, IReadOnlyList<ProvisioningOperation> now)
    {
        bool areOfNewUser = reviewed.Concat(now).All(IsOfNewUser) && now.Any(o => o.Action == ProvisioningAction.Create);
        return areOfNewUser && ProofsOf(reviewed).SetEquals(ProofsOf(now));
    }

    private static bool IsOfNewUser(ProvisioningOperation operation) =>
        operation is { Problem: null, TargetId: null, Action: ProvisioningAction.Create or ProvisioningAction.Update };

    private HashSet<KeyValuePair<string, ValueProof>> ProofsOf(IReadOnlyList<ProvisioningOperation> operations) =>
        [.. operations.SelectMany(o => ImportedOperation.ProofsOf(o, snapshot.Keys))];

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

    /// <summary>The reviewed references whose managers are the same and have no TravelPerk user, because they were left out of the
    /// plan.</summary>
    private List<string> ReferencesThatWait(ProvisioningOperation next, Dictionary<string, ValueProof> proofs)
    {
        if (next.Desired is not { } user)
            return [];
        IEnumerable<TargetAttribute> waiting = bound.Attributes.Where(a => Waits(user, a) && IsReviewed(user, a, next.Action, proofs));
        return [.. waiting.Select(a => a.Flow.TargetName)];
    }

    private bool Waits(DesiredUser user, TargetAttribute attribute) =>
        attribute.IsReference && user.Values[attribute.Slot] is SourceReference manager && snapshot.TargetIdOf(manager.Anchor) is null;

    /// <summary>The source gives the attribute the value that was reviewed.</summary>
    private bool IsReviewed(
        DesiredUser user,
        TargetAttribute attribute,
        ProvisioningAction action,
        Dictionary<string, ValueProof> proofs
    ) =>
        proofs.TryGetValue(attribute.Flow.TargetName, out ValueProof? proof)
        && ValueProof.Of(attribute, user, action == ProvisioningAction.Create, snapshot.Keys).New == proof.New;

    private static string Instead(ProvisioningOperation next) =>
        next switch
        {
            { Problem: { } problem } => problem,
            { Action: ProvisioningAction.None } => next.Reason,
            _ => $"the operation would now be {next.Action}. {next.Reason}",
        };

    private ProvisioningOperation Stale(
        ProvisioningOperation reviewed,
        Dictionary<string, ValueProof> proofs,
        ProvisioningOperation next,
        string why
    ) => Refuse(reviewed, "Stale", $"{Culprit(reviewed, proofs, next)} changed since the plan was made: {why}");

    private string Culprit(ProvisioningOperation reviewed, Dictionary<string, ValueProof> proofs, ProvisioningOperation next)
    {
        if (reviewed.ObjectType == ProvisioningObjectType.Group)
            return "The group or its members";
        string? fingerprint = ImportedOperation.Of(reviewed)?.Header.Mapping ?? reviewed.Origin?.Fingerprint;
        if (fingerprint != snapshot.CurrentFingerprint)
            return "The mapping";
        if (LinkMoved(reviewed, next))
            return "A link of the job";
        bool departs = reviewed.Action.IsDeparture() || next.Action.IsDeparture();
        return !departs && HasSameSource(reviewed, proofs, next) ? "TravelPerk" : "The source";
    }

    /// <summary>The source gives the values that were reviewed, and no further ones.</summary>
    private bool HasSameSource(ProvisioningOperation reviewed, Dictionary<string, ValueProof> proofs, ProvisioningOperation next)
    {
        if (next.Desired is not { ScopeReason: not null } user)
            return false;
        bool isSame = bound
            .Attributes.Where(a => proofs.ContainsKey(a.Flow.TargetName))
            .All(a => IsReviewed(user, a, reviewed.Action, proofs));
        bool writesMore = next.Action == reviewed.Action && !next.Send.All(a => proofs.ContainsKey(a.Flow.TargetName));
        return isSame && !writesMore;
    }

    // Another cycle applied the operation meanwhile, or linked the TravelPerk user to another source user.
    private bool LinkMoved(ProvisioningOperation reviewed, ProvisioningOperation next)
    {
        if (next.ProblemCode == "EntryConflict")
            return true;
        Link? link = snapshot.LinkOf(reviewed.SourceId);
        bool isDone = next.Action == ProvisioningAction.None && reviewed.Action.IsDeparture() && link is not { Enabled: true };
        return isDone || ((link?.TargetId, reviewed.TargetId) is ({ } linked, { } target) && linked != target);
    }
}

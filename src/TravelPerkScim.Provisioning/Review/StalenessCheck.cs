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
            ProvisioningOperation? other = First(now);
            if (OnlyReferencesWait(reviewed, proofs, other))
                return Refuse(reviewed, "ReferenceAwaited", ReferenceFollows);
            return Stale(reviewed, proofs, other, Instead(other));
        }
        if (Another(reviewed, same) is { } why)
            return Stale(reviewed, proofs, same, why);
        return same.Problem is null ? CompareValues(reviewed, proofs, same) : same;
    }

    private ProvisioningOperation CompareValues(
        ProvisioningOperation reviewed,
        Dictionary<string, ValueProof> proofs,
        ProvisioningOperation same
    )
    {
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
        string? why = same is null ? Instead(First(now)) : Another(reviewed, same) ?? OtherChange(reviewed, same);
        return why is null ? same! : Refuse(reviewed, "Stale", $"The group or its members changed since the plan was made: {why}");
    }

    // Why the change of the group is not the reviewed one; null when it is.
    private string? OtherChange(ProvisioningOperation reviewed, ProvisioningOperation same)
    {
        if (same.Problem is not null)
            return null;
        string? what = ImportedOperation.GroupOf(reviewed)?.Difference(ImportedOperation.GroupOf(same)!, snapshot);
        return what is null ? null : $"{what} is no longer what was reviewed.";
    }

    private static ProvisioningOperation? First(IReadOnlyList<ProvisioningOperation> operations) =>
        operations.Count > 0 ? operations[0] : null;

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

    // The manager was left out of the plan. The reference still names the same manager, who still has no TravelPerk user.
    private bool Awaits(string name, ValueProof reviewed, DesiredUser user, ProvisioningAction action)
    {
        TargetAttribute? attribute = bound.Attributes.FirstOrDefault(a => a.Flow.TargetName == name);
        if (attribute is not { IsReference: true } || user.Values[attribute.Slot] is not SourceReference manager)
            return false;
        if (snapshot.TargetIdOf(manager.Anchor) is not null)
            return false;
        return ValueProof.Of(attribute, user, action == ProvisioningAction.Create, snapshot.Keys).New == reviewed.New;
    }

    /// <summary>The reviewed operation would write nothing but references to managers who have no TravelPerk user yet.</summary>
    private bool OnlyReferencesWait(ProvisioningOperation reviewed, Dictionary<string, ValueProof> proofs, ProvisioningOperation? other)
    {
        if (proofs.Count == 0 || reviewed.Problem is not null || other?.Desired is not { } user)
            return false;
        return proofs.All(proof => Awaits(proof.Key, proof.Value, user, other.Action));
    }

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
        if (now?.Desired is not { ScopeReason: not null } user)
            return "The source";
        if (reviewed.Action.IsDeparture() || now.Action.IsDeparture())
            return "The source";
        return HasSameSource(reviewed, proofs, now, user) ? "TravelPerk" : "The source";
    }

    /// <summary>The source gives the values that were reviewed, and no further ones.</summary>
    private bool HasSameSource(
        ProvisioningOperation reviewed,
        Dictionary<string, ValueProof> proofs,
        ProvisioningOperation now,
        DesiredUser user
    )
    {
        bool creates = reviewed.Action == ProvisioningAction.Create;
        foreach (TargetAttribute attribute in bound.Attributes)
        {
            if (!proofs.TryGetValue(attribute.Flow.TargetName, out ValueProof? proof))
                continue;
            if (ValueProof.Of(attribute, user, creates, snapshot.Keys).New != proof.New)
                return false;
        }
        return now.Action != reviewed.Action || now.Send.All(a => proofs.ContainsKey(a.Flow.TargetName));
    }

    // Another cycle applied the operation meanwhile, or linked the TravelPerk user to another source user.
    private bool LinkMoved(ProvisioningOperation reviewed, ProvisioningOperation? now)
    {
        if (now?.ProblemCode == "EntryConflict")
            return true;
        Link? link = snapshot.LinkOf(reviewed.SourceId);
        bool nothingIsLeft = now is null or { Action: ProvisioningAction.None };
        if (nothingIsLeft && reviewed.Action.IsDeparture() && link is not { Enabled: true })
            return true;
        return link is not null && reviewed.TargetId is { } target && link.TargetId != target;
    }
}

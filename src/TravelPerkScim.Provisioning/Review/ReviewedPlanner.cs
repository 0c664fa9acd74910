using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Review;

/// <summary>
/// Makes a plan of reviewed operations. Only the users of these operations are planned again. An operation is applied when the new plan has
/// the same operation, and is refused otherwise. So a plan file needs no unredacted values, and a change in the source or in the target is
/// noticed.
/// </summary>
internal sealed class ReviewedPlanner(ProvisioningJob job, CyclePlanner planner, StateSnapshot snapshot)
{
    /// <exception cref="ProvisioningException"><c>PlanForAnotherJob</c>.</exception>
    public async Task<ProvisioningPlan> PlanAsync(
        IDirectorySource source,
        IReadOnlyList<ProvisioningOperation> reviewed,
        Guid? approved,
        CancellationToken cancellationToken
    )
    {
        string key = ReviewedOrigin.KeyOf(snapshot.Salt);
        foreach (ProvisioningOperation operation in reviewed)
            EnsureOurs(operation, key);
        // Where managers form a circle, one user has two operations. The same operation on one user counts once.
        List<ProvisioningOperation> distinct = [.. reviewed.DistinctBy(o => (o.SourceId, o.TargetId, o.Action, o.Part, o.Staged))];
        ILookup<bool, ProvisioningOperation> edited = distinct.Where(o => o.Action != ProvisioningAction.None).ToLookup(IsEdited);
        ILookup<ProvisioningObjectType, ProvisioningOperation> sound = edited[false].ToLookup(o => o.ObjectType);
        List<ProvisioningOperation> groups = [.. sound[ProvisioningObjectType.Group]],
            users = [.. sound[ProvisioningObjectType.User]];
        HashSet<string> anchors = SourceIds(users);
        ProvisioningPlan now = await PlanAgainAsync(source, users, groups.Count > 0, approved, cancellationToken).ConfigureAwait(false);

        var acceptance = new Acceptance(snapshot, approved);
        foreach (ProvisioningOperation operation in distinct.Where(o => o.Action == ProvisioningAction.None))
            acceptance.Rest.Add(operation with { Desired = null });
        acceptance.Rest.AddRange(edited[true].Select(RefusedEdit));
        AcceptCurrent(users, groups, now, acceptance);
        // The order is that of the new plan, which has managers before their reports.
        IEnumerable<ProvisioningOperation> accepted = now
            .Operations.Where(acceptance.Accepted.ContainsKey)
            .Select(o => acceptance.Accepted[o]);
        return Reviewed(now, [.. accepted, .. acceptance.Rest], anchors);
    }

    /// <summary>Plans the users of the reviewed operations again, and no others.</summary>
    private Task<ProvisioningPlan> PlanAgainAsync(
        IDirectorySource source,
        List<ProvisioningOperation> users,
        bool withGroups,
        Guid? approved,
        CancellationToken cancellationToken
    )
    {
        Dictionary<string, string> owners = snapshot.OwnersByTarget();
        HashSet<string> anchors = SourceIds(users);
        // A takeover is planned again only when the former owner is proved to be gone again.
        var former = users
            .Select(o => o.TargetId)
            .OfType<string>()
            .Select(id => owners.GetValueOrDefault(id))
            .OfType<string>()
            .Except(anchors, StringComparer.Ordinal)
            .ToHashSet(StringComparer.Ordinal);
        HashSet<string> absent = SourceIds(users.Where(o => o.Action == ProvisioningAction.Disable));
        absent.UnionWith(former);
        HashSet<string> deleted = SourceIds(users.Where(o => o.Action == ProvisioningAction.Delete));
        var options = new PlanOptions(new ReviewedSource(source, absent, deleted), CycleKind.OnDemand)
        {
            Identities = [.. anchors, .. former],
            Approved = approved,
            WithGroups = withGroups,
        };
        return planner.PlanAsync(options, cancellationToken);
    }

    private static HashSet<string> SourceIds(IEnumerable<ProvisioningOperation> operations) =>
        operations.Select(o => o.SourceId).ToHashSet(StringComparer.Ordinal);

    private static ProvisioningOperation RefusedEdit(ProvisioningOperation operation) =>
        StalenessCheck.Refuse(
            operation,
            "PlanTampered",
            "The operation was edited in the file since the plan was made. "
                + "Plan again; to leave an operation out, remove the whole operation."
        );

    private void AcceptCurrent(
        List<ProvisioningOperation> users,
        List<ProvisioningOperation> groups,
        ProvisioningPlan now,
        Acceptance acceptance
    )
    {
        var staleness = new StalenessCheck(now.FollowUps.Bound, snapshot);
        ILookup<string, ProvisioningOperation> bySource = now.Operations.ToLookup(o => o.SourceId, StringComparer.Ordinal);
        foreach (IGrouping<string, ProvisioningOperation> user in users.GroupBy(o => o.SourceId, StringComparer.Ordinal))
        {
            List<ProvisioningOperation> fresh = [.. bySource[user.Key]];
            foreach ((ProvisioningOperation before, ProvisioningOperation after) in Compared([.. user], fresh, staleness))
                acceptance.Add(before, after, fresh.Find(o => o.Action == after.Action && o.Part == after.Part));
        }
        foreach (ProvisioningOperation group in groups)
        {
            ProvisioningOperation compared = staleness.Compare(group, [.. bySource[group.SourceId]]);
            acceptance.Add(group, compared, compared);
        }
    }

    private static List<(ProvisioningOperation Reviewed, ProvisioningOperation Checked)> Compared(
        List<ProvisioningOperation> reviewed,
        List<ProvisioningOperation> fresh,
        StalenessCheck staleness
    ) =>
        WithoutHalfExchange(
            staleness.SameInTheEnd(reviewed, fresh)
                ? fresh.ConvertAll(o => (o, o))
                : reviewed.ConvertAll(o => (o, staleness.Compare(o, fresh)))
        );

    // A user gets a value for the moment only when the same cycle also writes the final value.
    private static List<(ProvisioningOperation Reviewed, ProvisioningOperation Checked)> WithoutHalfExchange(
        List<(ProvisioningOperation Reviewed, ProvisioningOperation Checked)> pairs
    )
    {
        bool interim = pairs.Exists(pair => pair.Checked.Part == OperationPart.Interim);
        bool final = pairs.Exists(pair => pair.Checked is { Part: OperationPart.Whole, Refused: false });
        return interim && !final ? pairs.ConvertAll(RefusedHalf) : pairs;
    }

    private static (ProvisioningOperation Reviewed, ProvisioningOperation Checked) RefusedHalf(
        (ProvisioningOperation Reviewed, ProvisioningOperation Checked) pair
    )
    {
        if (pair.Checked.Refused)
            return pair;
        ProvisioningOperation refused = StalenessCheck.Refuse(
            pair.Reviewed,
            "Stale",
            "The operation gives the user a value for the moment, "
                + "and the operation that gives the final value is not applied. Plan again."
        );
        return (pair.Reviewed, refused);
    }

    private static ProvisioningPlan Reviewed(ProvisioningPlan now, List<ProvisioningOperation> operations, HashSet<string> anchors)
    {
        PlanFollowUps basis = now.FollowUps with
        {
            AlreadyInDesiredState = [.. now.FollowUps.AlreadyInDesiredState.Where(u => anchors.Contains(u.Anchor))],
            Vanished = [.. now.FollowUps.Vanished.Where(anchors.Contains)],
            Settled = [.. now.FollowUps.Settled.Where(anchors.Contains)],
        };
        return new ProvisioningPlan(basis)
        {
            CycleId = now.CycleId,
            Kind = CycleKind.Reviewed,
            Operations = operations,
            Counts = now.Counts,
            ReadComplete = now.ReadComplete,
            Warnings = now.Warnings,
            Requests = now.Requests,
        };
    }

    private bool IsEdited(ProvisioningOperation operation) =>
        ImportedOperation.Of(operation) is { } imported && imported.Entry.Digest != imported.Header.DigestOf(imported.Entry, snapshot.Salt);

    private void EnsureOurs(ProvisioningOperation operation, string key)
    {
        PlanDocument? file = ImportedOperation.Of(operation)?.Header;
        ProvisioningJob? planned = ReviewedOrigin.Of(operation)?.Job;
        bool ours = file is null ? Equals(planned?.Store, job.Store) : file.JobKey == key;
        if (!ours)
        {
            string? name = file?.Job ?? planned?.Name;
            throw new ProvisioningException(
                "PlanForAnotherJob",
                $"The plan was made for the job '{name}', not for this '{job.Name}' with its state. "
                    + "Apply it with that job, or plan again with Get-ProvisioningPlan."
            )
            {
                Failure = ProvisioningFailure.RequestInvalid,
            };
        }
    }

    /// <summary>What becomes of each reviewed operation.</summary>
    private sealed class Acceptance(StateSnapshot snapshot, Guid? approved)
    {
        /// <summary>Operation of the new plan to the operation that is applied.</summary>
        public Dictionary<ProvisioningOperation, ProvisioningOperation> Accepted { get; } = new(ReferenceEqualityComparer.Instance);

        /// <summary>Operations that are reported and not applied.</summary>
        public List<ProvisioningOperation> Rest { get; } = [];

        public void Add(ProvisioningOperation before, ProvisioningOperation after, ProvisioningOperation? fresh)
        {
            if (after.Refused)
            {
                Rest.Add(after);
                return;
            }
            bool stillWaits = before.Staged && !snapshot.IsApproved(after, approved);
            Accepted[fresh!] = after with { Staged = after.Staged || stillWaits, Drift = before.Drift };
        }
    }
}

using System.Text.Json.Nodes;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Match;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>Computes what a cycle does to groups, once it is known what it does to users. Where the target has no groups, or the source did
/// not list them all, nothing.</summary>
internal sealed class GroupPlanner(
    JobSettings settings,
    StateSnapshot snapshot,
    ScimClient client,
    CycleContext context,
    SourceReading reading
)
{
    private readonly Dictionary<string, SourceGroup> _groups = new(StringComparer.Ordinal);
    private readonly GroupLinkCheck _check = new(client, snapshot);
    private bool _active;

    /// <summary>Linked groups that are not there, or are other groups by now.</summary>
    public int Missing { get; private set; }

    /// <summary>What was found out about the target, to be remembered; null when the target was not asked.</summary>
    public string? Discovered { get; private set; }

    /// <summary>Asks the target once whether it has groups, and again in each initial cycle.</summary>
    public async Task PrepareAsync(CycleKind kind, CancellationToken cancellationToken)
    {
        if (!settings.ProvisionGroups || !reading.GroupsComplete)
            return;
        bool hasGroups = reading.Groups.Count > 0 || snapshot.Groups.Links.Count > 0;
        if (!hasGroups)
            return;
        foreach (SourceGroup group in reading.Groups)
            _groups[group.Anchor] = group;
        string? discovered = snapshot.Groups.Discovered;
        _active = discovered == GroupMemory.Published(true, settings.Target);
        bool isKnown = _active || discovered == GroupMemory.Published(false, settings.Target);
        if (isKnown && kind != CycleKind.Initial)
            return;
        try
        {
            _active = await HasTargetGroupsAsync(cancellationToken).ConfigureAwait(false);
            Discovered = GroupMemory.Published(_active, settings.Target);
        }
        catch (ScimException e) when (e.Kind is not (ScimFailure.Credential or ScimFailure.SecretStore))
        {
            _active = false;
            reading.Warnings.Add($"Whether TravelPerk has groups could not be found out, so groups are left as they are: {e.Message}");
        }
    }

    private async Task<bool> HasTargetGroupsAsync(CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<JsonObject> types = await client.GetResourceTypesAsync(cancellationToken).ConfigureAwait(false);
            return types.Any(IsGroup);
        }
        catch (ScimException e) when (e.Kind is ScimFailure.NotFound or ScimFailure.NotSupported)
        {
            return false;
        }
    }

    private static bool IsGroup(JsonObject type) =>
        string.Equals((string?)type["name"] ?? (string?)type["id"], "Group", StringComparison.OrdinalIgnoreCase);

    /// <summary>Groups that are no longer entitled. The source listed every group that is, or there are none here.</summary>
    public async Task<List<ProvisioningOperation>> DeparturesAsync(CancellationToken cancellationToken)
    {
        if (!_active || !reading.Complete)
            return [];
        var departures = new List<ProvisioningOperation>();
        foreach ((string anchor, GroupLink link) in snapshot.Groups.Links)
        {
            if (!_groups.ContainsKey(anchor) && !IsEscrowed(anchor, ""))
                departures.Add(await CheckedAsync(OperationFactory.Delete(anchor, link), link, cancellationToken).ConfigureAwait(false));
        }
        return departures;
    }

    // Another group is never deleted in the place of the one that was linked.
    private async Task<ProvisioningOperation> CheckedAsync(
        ProvisioningOperation departure,
        GroupLink link,
        CancellationToken cancellationToken
    )
    {
        GroupSighting sighting = await _check.LookAsync(departure.SourceId, link, null, cancellationToken).ConfigureAwait(false);
        if (sighting.Problem is { } problem)
            return OperationFactory.Refuse(departure, problem);
        if (sighting.Ours)
            return departure;
        Missing++;
        if (!sighting.Found)
            return departure;
        GroupMatch match = await MatcherWithout(link)
            .QueryAsync(departure.SourceId, departure.SourceId, cancellationToken)
            .ConfigureAwait(false);
        if (match.Group is not { } group)
            return OperationFactory.Refuse(departure, match.Problem ?? MatchProblem.AnotherGroup(link.TargetId));
        var reason = new OperationReason(ReasonKind.GroupFoundElsewhere, departure.Reason, group.Id!);
        return departure with { TargetId = group.Id, Reason = reason.Text };
    }

    private GroupMatcher MatcherWithout(GroupLink? link) =>
        new(
            client,
            snapshot.Groups.Links.Values.Where(l => l != link).Select(l => l.TargetId).ToHashSet(StringComparer.Ordinal),
            _groups.Keys.ToHashSet(StringComparer.Ordinal)
        );

    /// <summary>Creates and updates.</summary>
    /// <param name="entitlement">What the cycle does to users.</param>
    /// <param name="approved">The cycle whose staged operations are approved; null when none is.</param>
    /// <param name="cancellationToken">Stops the matching.</param>
    public async Task<List<ProvisioningOperation>> OperationsAsync(
        GroupEntitlement entitlement,
        Guid? approved,
        CancellationToken cancellationToken
    )
    {
        if (!_active)
            return [];
        List<WantedGroup> wanted =
        [
            .. _groups.Values.Select(g => new WantedGroup(g, entitlement.MembersOf(g))).Where(w => !IsEscrowed(w.Group.Anchor, w.State)),
        ];
        Dictionary<string, GroupMatch> matches = await MatcherWithout(null)
            .FindAsync([.. wanted.Select(w => w.Group).Where(g => !snapshot.Groups.Links.ContainsKey(g.Anchor))], cancellationToken)
            .ConfigureAwait(false);

        var operations = new List<ProvisioningOperation>();
        foreach (WantedGroup one in wanted)
        {
            string anchor = one.Group.Anchor;
            GroupLink? link = snapshot.Groups.Links.GetValueOrDefault(anchor);
            if (Operation(one, link, matches.GetValueOrDefault(anchor), entitlement) is not { } operation)
                continue;
            if (link is not null && operation.Action == ProvisioningAction.Update)
                operation = await RelinkedAsync(operation, one, link, entitlement, cancellationToken).ConfigureAwait(false);
            operations.Add(operation);
        }
        return WithStagedRemovals(operations, entitlement, approved);
    }

    // A linked group that is another one by now, or is gone, is looked for like one without a link.
    private async Task<ProvisioningOperation> RelinkedAsync(
        ProvisioningOperation operation,
        WantedGroup wanted,
        GroupLink link,
        GroupEntitlement entitlement,
        CancellationToken cancellationToken
    )
    {
        GroupSighting sighting = await _check
            .LookAsync(operation.SourceId, link, operation.Identity, cancellationToken)
            .ConfigureAwait(false);
        if (sighting.Problem is { } problem)
            return OperationFactory.Refuse(operation, problem);
        if (sighting.Ours)
            return operation;
        Missing++;
        GroupMatch match = await MatcherWithout(link)
            .QueryAsync(operation.SourceId, operation.Identity, cancellationToken)
            .ConfigureAwait(false);
        ProvisioningOperation other = Operation(wanted, null, match, entitlement)!;
        ReasonKind lost = sighting.Found ? ReasonKind.ForeignGroupLink : ReasonKind.GroupVanished;
        return other with { Reason = new OperationReason(lost, link.TargetId, other.Reason).Text };
    }

    private ProvisioningOperation? Operation(WantedGroup wanted, GroupLink? link, GroupMatch match, GroupEntitlement entitlement)
    {
        SourceGroup group = wanted.Group;
        string? targetId = link?.TargetId ?? match.Group?.Id;
        ProvisioningOperation operation = OperationFactory.Create(group, targetId, match.Problem);
        if (targetId is null)
            return operation with { Group = wanted.Change, Changes = wanted.Change.Changes(created: true) };
        GroupChange change = link is null ? ChangeOf(wanted, match.Group!, entitlement) : ChangeOf(wanted, link, entitlement);
        if (!change.Differs && link is not null && !snapshot.Groups.Escrows.ContainsKey(group.Anchor))
            return null;
        return operation with
        {
            Action = change.Differs ? ProvisioningAction.Update : ProvisioningAction.Link,
            Reason = new OperationReason(ReasonOf(link, change.Differs)).Text,
            Group = change,
            Changes = change.Changes(created: false),
        };
    }

    private GroupChange ChangeOf(WantedGroup wanted, GroupLink link, GroupEntitlement entitlement) =>
        ChangeOf(wanted, link.Members, entitlement) with
        {
            Rename = IsRenamed(link, wanted.Group),
        };

    private static GroupChange ChangeOf(WantedGroup wanted, ScimGroup group, GroupEntitlement entitlement)
    {
        // Other members of a group that existed before are not this job's.
        HashSet<string> found = [.. (group.Members ?? []).Where(entitlement.Knows)];
        return ChangeOf(wanted, found, entitlement) with { Rename = IsNamedOtherwise(group, wanted.Group), Found = found };
    }

    private static GroupChange ChangeOf(WantedGroup wanted, HashSet<string> current, GroupEntitlement entitlement)
    {
        var desired = wanted.Members.Select(m => m.TargetId).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return wanted.Change with
        {
            Add = [.. wanted.Members.Where(m => m.TargetId is not { } id || !current.Contains(id))],
            Remove = [.. current.Where(id => !desired.Contains(id)).Select(id => new GroupMember(entitlement.OwnerOf(id), id))],
        };
    }

    private static bool IsNamedOtherwise(ScimGroup found, SourceGroup group) =>
        !NormalText.Same(found.DisplayName, group.DisplayName) || found.ExternalId != group.Anchor;

    private bool IsRenamed(GroupLink link, SourceGroup group) => link.Hash != GroupMemory.Hash(snapshot.Salt, group.DisplayName);

    private static ReasonKind ReasonOf(GroupLink? link, bool differs)
    {
        if (link is not null)
            return ReasonKind.GroupChanged;
        return differs ? ReasonKind.GroupMatchDiffers : ReasonKind.GroupMatched;
    }

    // A group that the source shows empty for a moment must not lose all its members. A member who leaves the scope is counted as a
    // departure already.
    private List<ProvisioningOperation> WithStagedRemovals(
        List<ProvisioningOperation> operations,
        GroupEntitlement entitlement,
        Guid? approved
    )
    {
        int removals = operations
            .Where(o => !snapshot.IsApproved(o, approved))
            .Sum(o => o.Group!.Remove.Count(m => !entitlement.IsLeaving(m.Anchor)));
        int memberships = snapshot.Groups.Links.Values.Sum(l => l.Members.Count);
        if (!settings.IsOverThreshold(removals, memberships))
            return operations;
        var split = new List<ProvisioningOperation>();
        foreach (ProvisioningOperation operation in operations)
        {
            GroupChange change = operation.Group!;
            if (change.Remove.Count == 0 || snapshot.IsApproved(operation, approved))
            {
                split.Add(operation);
                continue;
            }
            GroupChange kept = change with { Remove = [] },
                staged = change with { Add = [], Rename = false };
            if (kept.Differs || kept.Found is not null)
                split.Add(operation with { Group = kept, Changes = kept.Changes(false) });
            split.Add(operation with { Group = staged, Changes = staged.Changes(false), Staged = true });
        }
        return split;
    }

    private bool IsEscrowed(string anchor, string state) =>
        snapshot.Groups.Escrows.TryGetValue(anchor, out Escrow? escrow)
        && escrow.HoldsBack(GroupMemory.Hash(snapshot.Salt, state), context.Began);

    /// <summary>An entitled group, with its entitled members.</summary>
    private sealed record WantedGroup(SourceGroup Group, List<GroupMember> Members)
    {
        /// <summary>Name and members, by source ids: a member who gets a target user makes it another state, which is tried at
        /// once.</summary>
        public string State { get; } =
            Group.DisplayName + "\n" + string.Join('\n', Members.Select(m => m.Anchor).Order(StringComparer.Ordinal));

        /// <summary>The change that makes the group.</summary>
        public GroupChange Change =>
            new()
            {
                DisplayName = Group.DisplayName,
                State = State,
                Members = Members,
                Add = Members,
            };
    }
}

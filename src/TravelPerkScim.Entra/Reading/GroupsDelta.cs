using System.Text.Json;
using TravelPerkScim.Entra.Http;

namespace TravelPerkScim.Entra.Reading;

/// <summary>Keeps the groups that matter up to date: the assigned groups, the groups inside them where nested groups count, or every
/// group.</summary>
/// <param name="requests">Sends requests.</param>
/// <param name="nested">Groups inside groups count.</param>
/// <param name="everyGroup">Every group matters, assigned or not.</param>
/// <param name="rule">When groups are followed with filters.</param>
/// <param name="time">Clock.</param>
internal sealed class GroupsDelta(GraphRequests requests, bool nested, bool everyGroup, FilterRule rule, TimeProvider time)
{
    /// <summary>
    /// A group that was named and is not found counts as absent when a read at least this much later does not find it either.
    /// </summary>
    private static readonly TimeSpan s_lag = TimeSpan.FromMinutes(5);

    private readonly GroupReader _reader = new(requests, nested);
    private readonly DeltaLinks _delta = new(requests, "groups", GraphNeed.Groups, ["displayName", "members"]);

    /// <summary>
    /// Reads the changes since the membership's links. When there is none, or one is too old, the groups are read whole: those that matter,
    /// or all groups.
    /// </summary>
    public async Task UpdateAsync(Membership membership, CancellationToken cancellationToken)
    {
        var round = new GroupRound(membership);
        // An assigned group that was not found may only have been late, and a delta would not name it again.
        foreach (Guid id in membership.Groups.Keys.Where(id => membership.Groups[id].IsUnsettled).ToList())
            round.LookUp(id);
        bool filters = PayFilters(membership);
        try
        {
            if (membership.GroupLinks.Count == 0 || !await TryChangesAsync(round, filters, cancellationToken).ConfigureAwait(false))
                await ListAsync(round, everyGroup: !filters, cancellationToken).ConfigureAwait(false);
            // Groups inside groups have turned out to be too many for filters.
            else if (filters && !await TryCoverAsync(round, cancellationToken).ConfigureAwait(false))
                await ListAsync(round, everyGroup: true, cancellationToken).ConfigureAwait(false);
        }
        catch (FilterRefusedException)
        {
            membership.Size = membership.Size?.Unknown();
            await ListAsync(round, everyGroup: true, cancellationToken).ConfigureAwait(false);
        }
        await CompleteAsync(round, cancellationToken).ConfigureAwait(false);
    }

    private bool PayFilters(Membership membership)
    {
        int wanted = membership.AssignedGroups.Union(membership.Groups.Keys).Count();
        bool hadFilters = membership.GroupLinks.Count > 0 && membership.GroupLinks.TrueForAll(link => link.HasFilter);
        return !everyGroup && rule.Pays(wanted, membership.Size?.Groups, hadFilters);
    }

    /// <summary>Lists the groups that matter, or every group.</summary>
    private async Task ListAsync(GroupRound round, bool everyGroup, CancellationToken cancellationToken)
    {
        round.BeginAgain();
        if (!everyGroup && await TryCoverAsync(round, cancellationToken).ConfigureAwait(false))
            return;
        round.BeginAgain();
        await BeginAsync(round, null, cancellationToken).ConfigureAwait(false);
    }

    /// <returns>False when a link is too old.</returns>
    private async Task<bool> TryChangesAsync(GroupRound round, bool filters, CancellationToken cancellationToken)
    {
        Membership membership = round.Membership;
        List<TrackedLink> old = membership.GroupLinks;
        bool hadFilters = old.TrueForAll(link => link.HasFilter);
        Guid[] needed = [.. Needed(membership)];
        bool keepsOld = filters == hadFilters && !(filters && rule.IsScattered(old.Count, needed.Length));
        membership.GroupLinks = [];
        // New links begin before the old ones are read, so that no change falls between.
        if (!keepsOld && filters)
            await FollowAsync(round, needed, cancellationToken).ConfigureAwait(false);
        else if (!keepsOld)
            await FollowAllAsync(round, cancellationToken).ConfigureAwait(false);
        var ends = new List<TrackedLink>();
        try
        {
            await RoundAsync(round, _delta.ChangesAsync(old, ends, cancellationToken), initial: false).ConfigureAwait(false);
        }
        catch (DeltaExpiredException)
        {
            return false;
        }
        if (keepsOld)
            membership.GroupLinks.AddRange(ends);
        return true;
    }

    /// <summary>Follows each group that matters and that no link follows yet: the assigned groups, then the groups inside them. Each level
    /// of nesting takes a request.</summary>
    /// <returns>False when there are too many groups for filters.</returns>
    private async Task<bool> TryCoverAsync(GroupRound round, CancellationToken cancellationToken)
    {
        Membership membership = round.Membership;
        HashSet<Guid> covered = [.. membership.GroupLinks.SelectMany(link => link.Ids!)];
        while (true)
        {
            Guid[] frontier = [.. Needed(membership).Where(covered.Add).Order()];
            if (frontier.Length == 0)
                break;
            if (membership.GroupLinks.Count + frontier.Chunk(rule.IdsInFilter).Count() > rule.MostFilters)
                return false;
            // An old link that still names a group, and that is not read again, has nothing more to tell of the group.
            round.Followed.ExceptWith(frontier);
            await FollowAsync(round, frontier, cancellationToken).ConfigureAwait(false);
        }
        HashSet<Guid> needed = Needed(membership);
        membership.GroupLinks.RemoveAll(link => !needed.Overlaps(link.Ids!));
        return true;
    }

    /// <summary>Follows every group from now on. A known group that no old link follows may have changed since, and is read by
    /// id.</summary>
    private async Task FollowAllAsync(GroupRound round, CancellationToken cancellationToken)
    {
        await _delta.BeginNowAsync(round.Membership.GroupLinks, cancellationToken).ConfigureAwait(false);
        foreach (Guid id in round.Membership.Groups.Keys.Where(id => !round.Followed.Contains(id)).ToList())
            round.LookUp(id);
    }

    /// <summary>Follows these groups with filters. A group that no old link follows is taken as it is listed.</summary>
    private async Task FollowAsync(GroupRound round, Guid[] groups, CancellationToken cancellationToken)
    {
        foreach (Guid id in groups.Where(id => !round.Followed.Contains(id)))
            round.ListAgain(id);
        foreach (Guid[] ids in groups.Order().Chunk(rule.IdsInFilter))
            await BeginAsync(round, ids, cancellationToken).ConfigureAwait(false);
    }

    private static HashSet<Guid> Needed(Membership membership)
    {
        HashSet<Guid> assigned = [.. membership.AssignedGroups];
        return [.. assigned, .. assigned.SelectMany(membership.WithNested).SelectMany(group => group.Groups)];
    }

    private async Task BeginAsync(GroupRound round, Guid[]? ids, CancellationToken cancellationToken)
    {
        try
        {
            await RoundAsync(round, _delta.BeginAsync(ids, round.Membership.GroupLinks, cancellationToken), initial: true)
                .ConfigureAwait(false);
        }
        catch (DeltaExpiredException e)
        {
            throw GraphFailure.Invalid("ended the list of groups before its end", e);
        }
    }

    private async Task RoundAsync(GroupRound round, IAsyncEnumerable<RoundItem> items, bool initial)
    {
        Membership membership = round.Membership;
        // The groups inside assigned groups are known only when all groups were seen.
        HashSet<Guid>? wanted = initial && !nested && !everyGroup ? [.. membership.AssignedGroups] : null;
        await foreach ((TrackedLink link, JsonElement item) in items.ConfigureAwait(false))
        {
            Guid id = GraphValues.Id(item);
            if (initial && round.Followed.Contains(id))
                continue;
            if (!link.IsAbout(id))
            {
                // A group that was not asked for proves nothing, not even its own removal. It is looked up.
                round.LookUp(id);
                continue;
            }
            if (GraphValues.Removal(item) is not null)
            {
                // The group may have been restored in the same round, so it is looked up.
                round.Removed.Add(id);
                round.LookUp(id);
                continue;
            }
            round.Named.Add(id);
            bool isUnknown = round.Unknown.Contains(id);
            if (!isUnknown && membership.Groups.TryGetValue(id, out KeptGroup? kept))
                Apply(round, id, kept, item);
            else if (isUnknown || !initial)
                round.LookUp(id, GroupReader.ChangesOf(item, nested));
            else if (wanted?.Contains(id) is not false)
                Apply(round, id, membership.Groups[id] = new KeptGroup(""), item);
        }
    }

    private void Apply(GroupRound round, Guid id, KeptGroup group, JsonElement item)
    {
        if (!GroupReader.Apply(group, item, nested))
            round.LookUp(id);
    }

    /// <summary>Reads the groups that matter and are not known, and forgets groups that no longer matter.</summary>
    private async Task CompleteAsync(GroupRound round, CancellationToken cancellationToken)
    {
        Membership membership = round.Membership;
        HashSet<Guid> assigned = [.. membership.AssignedGroups];
        var needed = new HashSet<Guid>(everyGroup ? [.. assigned, .. membership.Groups.Keys, .. round.Unknown] : assigned);
        List<Guid> frontier = [.. needed];
        while (frontier.Count > 0)
        {
            Guid[] missing = [.. frontier.Where(id => !membership.Groups.ContainsKey(id))];
            foreach ((Guid id, GroupRead read) in await _reader.ReadAsync(missing, cancellationToken).ConfigureAwait(false))
            {
                KeptGroup group = read.Group is { } whole ? Found(round, id, whole) : WithoutAnswer(round, id, read.State);
                round.ApplyChanges(id, group);
                if (!group.Missing || assigned.Contains(id) || !everyGroup)
                    membership.Groups[id] = group;
            }
            frontier =
            [
                .. frontier.SelectMany(id => membership.Groups.TryGetValue(id, out KeptGroup? kept) ? kept.Groups : []).Where(needed.Add),
            ];
        }
        foreach (Guid id in membership.Groups.Keys.Where(id => !needed.Contains(id)).ToList())
            membership.Groups.Remove(id);
    }

    /// <summary>A group that was just removed may be shown for a moment longer, so the next read asks for it again.</summary>
    private static KeptGroup Found(GroupRound round, Guid id, KeptGroup group) =>
        round.IsRemoved(id)
            ? new KeptGroup(group.DisplayName)
            {
                Users = group.Users,
                Groups = group.Groups,
                Pending = true,
            }
            : group;

    /// <summary>
    /// A group that was named and did not come counts as absent only when the round says that it was removed, or when a later read does not
    /// find it either.
    /// </summary>
    private KeptGroup WithoutAnswer(GroupRound round, Guid id, BatchState state)
    {
        KeptGroup former = round.Former.GetValueOrDefault(id) ?? new KeptGroup("") { Known = false };
        DateTimeOffset now = time.GetUtcNow();
        bool isNotFound = state == BatchState.NotFound;
        bool isLongMissing = former.Missing || now - former.NotFoundSince >= s_lag;
        bool isGone = round.IsRemoved(id) || (isLongMissing && !round.Named.Contains(id));
        if (isNotFound && isGone)
            return new KeptGroup("") { Missing = true };
        DateTimeOffset? first = isNotFound ? now : null;
        return new KeptGroup(former.DisplayName)
        {
            Users = former.Users,
            Groups = former.Groups,
            Known = former.Known && !former.Missing,
            Pending = true,
            NotFoundSince = former.NotFoundSince ?? first,
        };
    }
}

using System.Text.Json;
using Microsoft.Kiota.Abstractions;
using TravelPerkScim.Entra.Http;

namespace TravelPerkScim.Entra.Reading;

/// <summary>Keeps the groups that matter up to date: the assigned groups, the groups inside them where nested groups count, or every
/// group.</summary>
/// <param name="requests">Sends requests.</param>
/// <param name="nested">Groups inside groups count.</param>
/// <param name="everyGroup">Every group matters, assigned or not.</param>
/// <param name="time">Clock.</param>
internal sealed class GroupsDelta(GraphRequests requests, bool nested, bool everyGroup, TimeProvider time)
{
    /// <summary>
    /// A group that was named and is not found counts as absent when a read at least this much later does not find it either.
    /// </summary>
    private static readonly TimeSpan s_lag = TimeSpan.FromMinutes(5);

    private readonly GroupReader _reader = new(requests, nested);

    /// <summary>
    /// Reads all groups, or the changes since the membership's link. When the link is too old, all groups are read.
    /// </summary>
    public async Task UpdateAsync(Membership membership, CancellationToken cancellationToken)
    {
        var round = new GroupRound(membership);
        // An assigned group that was not found may only have been late, and a delta would not name it again.
        foreach (Guid id in membership.Groups.Keys.Where(id => membership.Groups[id].IsUnsettled).ToList())
            round.LookUp(id);
        if (membership.GroupsLink is { } link)
        {
            try
            {
                await RoundAsync(round, requests.ToLink(link), initial: false, cancellationToken).ConfigureAwait(false);
            }
            catch (DeltaExpiredException)
            {
                membership.GroupsLink = null;
            }
        }
        if (membership.GroupsLink is null)
            await ReadAllAsync(round, cancellationToken).ConfigureAwait(false);
        await CompleteAsync(round, cancellationToken).ConfigureAwait(false);
    }

    private async Task ReadAllAsync(GroupRound round, CancellationToken cancellationToken)
    {
        round.BeginAgain();
        RequestInformation first = requests.Client.Groups.Delta.ToGetRequestInformation(options =>
            options.QueryParameters.Select = ["displayName", "members"]
        );
        try
        {
            await RoundAsync(round, GraphRequests.AskForLargePages(first), initial: true, cancellationToken).ConfigureAwait(false);
        }
        catch (DeltaExpiredException e)
        {
            throw GraphFailure.Invalid("ended the list of groups before its end", e);
        }
    }

    private async Task RoundAsync(GroupRound round, RequestInformation first, bool initial, CancellationToken cancellationToken)
    {
        Membership membership = round.Membership;
        // The groups inside assigned groups are known only when all groups were seen.
        HashSet<Guid>? wanted = initial && !nested && !everyGroup ? [.. membership.AssignedGroups] : null;
        var end = new DeltaLink();
        await foreach (JsonElement item in requests.ListAsync(first, GraphNeed.Groups, end, cancellationToken).ConfigureAwait(false))
        {
            Guid id = GraphValues.Id(item);
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
        membership.GroupsLink = end.Value;
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

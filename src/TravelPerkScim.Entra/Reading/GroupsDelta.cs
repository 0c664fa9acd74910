using System.Text.Json;
using Microsoft.Kiota.Abstractions;
using TravelPerkScim.Entra.Http;

namespace TravelPerkScim.Entra.Reading;

/// <summary>Keeps the groups that matter up to date: the assigned ones, those inside them where nested groups count, or every one.</summary>
/// <param name="requests">Sends.</param>
/// <param name="nested">Groups inside groups count.</param>
/// <param name="everyGroup">Every group matters, assigned or not.</param>
internal sealed class GroupsDelta(GraphRequests requests, bool nested, bool everyGroup)
{
    private readonly GroupReader _reader = new(requests, nested);

    /// <summary>Reads the groups anew, or what changed since the membership's link. A link that is too old is a reason to read them anew.</summary>
    public async Task UpdateAsync(Membership membership, CancellationToken cancellationToken)
    {
        var unknown = new HashSet<Guid>();
        if (membership.GroupsLink is { } link)
        {
            try
            {
                await RoundAsync(membership, requests.ToLink(link), initial: false, unknown, cancellationToken).ConfigureAwait(false);
            }
            catch (DeltaExpiredException)
            {
                membership.GroupsLink = null;
            }
        }
        if (membership.GroupsLink is null)
            await ReadAnewAsync(membership, unknown, cancellationToken).ConfigureAwait(false);
        await CompleteAsync(membership, unknown, cancellationToken).ConfigureAwait(false);
    }

    private async Task ReadAnewAsync(Membership membership, HashSet<Guid> unknown, CancellationToken cancellationToken)
    {
        membership.Groups.Clear();
        unknown.Clear();
        RequestInformation first = requests.Client.Groups.Delta.ToGetRequestInformation(options => options.QueryParameters.Select = ["displayName", "members"]);
        try
        {
            await RoundAsync(membership, GraphRequests.AskForLargePages(first), initial: true, unknown, cancellationToken).ConfigureAwait(false);
        }
        catch (DeltaExpiredException e)
        {
            throw GraphFailure.Invalid("ended the list of groups before its end", e);
        }
    }

    private async Task RoundAsync(Membership membership, RequestInformation first, bool initial, HashSet<Guid> unknown, CancellationToken cancellationToken)
    {
        // Which groups are inside assigned ones is known only when all were seen.
        HashSet<Guid>? wanted = initial && !nested && !everyGroup ? [.. membership.AssignedGroups] : null;
        var end = new DeltaLink();
        await foreach (JsonElement item in requests.ListAsync(first, GraphNeed.Groups, end, cancellationToken).ConfigureAwait(false))
        {
            Guid id = GraphValues.Id(item);
            if (GraphValues.Removal(item) is not null || unknown.Contains(id))
            {
                // Perhaps restored in the same round, so it is looked up rather than believed.
                membership.Groups.Remove(id);
                unknown.Add(id);
            }
            else if (membership.Groups.TryGetValue(id, out KeptGroup? kept) && !kept.Missing)
            {
                GroupReader.Apply(kept, item, nested);
            }
            else if (!initial)
            {
                membership.Groups.Remove(id);
                unknown.Add(id);
            }
            else if (wanted?.Contains(id) is not false)
            {
                GroupReader.Apply(membership.Groups[id] = new KeptGroup(""), item, nested);
            }
        }
        membership.GroupsLink = end.Value;
    }

    /// <summary>Reads whole what matters and is not known, and forgets what matters no longer.</summary>
    private async Task CompleteAsync(Membership membership, HashSet<Guid> unknown, CancellationToken cancellationToken)
    {
        HashSet<Guid> assigned = [.. membership.AssignedGroups];
        var needed = new HashSet<Guid>(everyGroup ? [.. assigned, .. membership.Groups.Keys, .. unknown] : assigned);
        List<Guid> frontier = [.. needed];
        while (frontier.Count > 0)
        {
            Guid[] missing = [.. frontier.Where(id => !membership.Groups.ContainsKey(id))];
            foreach ((Guid id, KeptGroup? group) in await _reader.ReadAsync(missing, cancellationToken).ConfigureAwait(false))
            {
                if (group is not null)
                    membership.Groups[id] = group;
                else if (assigned.Contains(id) || !everyGroup)
                    membership.Groups[id] = new KeptGroup("") { Missing = true };
            }
            frontier = [.. frontier.SelectMany(id => membership.Groups.TryGetValue(id, out KeptGroup? kept) ? kept.Groups : []).Where(needed.Add)];
        }
        foreach (Guid id in membership.Groups.Keys.Where(id => !needed.Contains(id)).ToList())
            membership.Groups.Remove(id);
    }
}

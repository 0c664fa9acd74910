using System.Runtime.CompilerServices;
using System.Text.Json;
using TravelPerkScim.Entra.Http;

namespace TravelPerkScim.Entra.Reading;

/// <summary>The changes of one user in a round.</summary>
/// <param name="Present">The round listed the user.</param>
/// <param name="Removal">The round said that the user was removed: changed (restorable) or deleted.</param>
internal readonly record struct UserChange(bool Present, string? Removal)
{
    /// <summary>"Deleted" stays, because a deleted user never comes back.</summary>
    public UserChange With(string? removal) =>
        removal is null ? this with { Present = true } : this with { Removal = Removal == "deleted" ? Removal : removal };
}

/// <summary>The changes of a round.</summary>
internal sealed class UserChanges
{
    public Dictionary<Guid, UserChange> ByUser { get; } = [];

    /// <summary>Number of items without an object id that can be read.</summary>
    public int Nameless { get; set; }
}

/// <summary>Users and their changes.</summary>
internal sealed class UsersDelta(GraphRequests requests, GraphSelect select, FilterRule rule)
{
    private readonly DeltaLinks _delta = new(requests, "users", GraphNeed.Users, select.Delta);

    /// <summary>Whether a read of every user names the entitled users in filters.</summary>
    /// <remarks>A list of entitled users does not name a user who is not entitled. So the entitlement has to be known, and an empty list
    /// would be no proof that every user left.</remarks>
    public bool ListsEntitledOnly(Entitled who) =>
        who.OnlyEntitled
        && !who.Entitlement.IsPending
        && who.Entitlement.Count > 0
        && rule.Pays(Wanted(who).Count, who.Membership.Size?.Users, hasFilters: false);

    /// <summary>Every user, or the entitled ones, as pages arrive.</summary>
    /// <param name="who">The entitled users.</param>
    /// <param name="entitledOnly">Filters name the users to list. Where Graph refuses the filters, every user is listed.</param>
    /// <param name="ends">Takes the links of the next rounds.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    public async IAsyncEnumerable<RoundItem> ListAsync(
        Entitled who,
        bool entitledOnly,
        List<TrackedLink> ends,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        foreach (Guid[] ids in entitledOnly ? Filters(Wanted(who)) : [])
        {
            if (await WholeRoundAsync(ids, ends, cancellationToken).ConfigureAwait(false) is not { } round)
            {
                ends.Clear();
                RefuseFilters(who);
                entitledOnly = false;
                break;
            }
            foreach (RoundItem item in round)
                yield return item;
        }
        if (entitledOnly)
            yield break;
        await foreach (RoundItem item in _delta.BeginAsync(null, ends, cancellationToken).ConfigureAwait(false))
            yield return item;
    }

    /// <summary>The users who changed since the links. The caller asks for their present state, because a round may be partial, old or out
    /// of order.</summary>
    /// <param name="links">The links of the read before.</param>
    /// <param name="who">The entitled users now. Links follow each of them afterwards.</param>
    /// <param name="ends">Takes the links of the next rounds.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="DeltaExpiredException">A link is too old.</exception>
    public async Task<UserChanges> ChangesAsync(
        IReadOnlyList<TrackedLink> links,
        Entitled who,
        List<TrackedLink> ends,
        CancellationToken cancellationToken
    )
    {
        HashSet<Guid> wanted = Wanted(who);
        // New links begin before the old ones are read, so that no change falls between.
        bool keepsOld = await BeginAsync(links, who, wanted, ends, cancellationToken).ConfigureAwait(false);
        var changes = new UserChanges();
        var old = new List<TrackedLink>();
        await foreach ((TrackedLink link, JsonElement item) in _delta.ChangesAsync(links, old, cancellationToken).ConfigureAwait(false))
        {
            if (GraphValues.TryId(item) is not { } id)
                changes.Nameless++;
            else if (link.IsAbout(id))
                changes.ByUser[id] = changes.ByUser.GetValueOrDefault(id).With(GraphValues.Removal(item));
            else if (wanted.Contains(id))
                changes.ByUser[id] = changes.ByUser.GetValueOrDefault(id).With(null);
        }
        // A user who is no longer entitled needs no link.
        if (keepsOld)
            ends.AddRange(old.Where(link => link.Ids is null || link.Ids.Overlaps(wanted)));
        return changes;
    }

    /// <summary>Follows the users who were found soft-deleted in this read, where their links were dropped.</summary>
    public async Task FollowBinAsync(Entitled who, List<TrackedLink> ends, CancellationToken cancellationToken)
    {
        if (!ends.TrueForAll(link => link.HasFilter))
            return;
        Guid[] late = [.. who.Membership.Bin.Users.Where(id => !ends.Exists(link => link.IsAbout(id)))];
        foreach (Guid[] ids in Filters(late))
            await WholeRoundAsync(ids, ends, cancellationToken).ConfigureAwait(false);
    }

    private static HashSet<Guid> Wanted(Entitled who) => [.. who.Entitlement.Users, .. who.Membership.Bin.Users];

    private IEnumerable<Guid[]> Filters(IEnumerable<Guid> users) => users.Order().Chunk(rule.IdsInFilter);

    // The numbers of the tenant decide on filters. Without them, filters are not tried again until the tenant is counted again.
    private static void RefuseFilters(Entitled who) => who.Membership.Size = who.Membership.Size?.Unknown();

    /// <summary>A first round with a filter; null when Graph refuses the filter.</summary>
    private async Task<List<RoundItem>?> WholeRoundAsync(Guid[] ids, List<TrackedLink> ends, CancellationToken cancellationToken)
    {
        var round = new List<RoundItem>();
        try
        {
            await foreach (RoundItem item in _delta.BeginAsync(ids, ends, cancellationToken).ConfigureAwait(false))
                round.Add(item with { Item = item.Item.Clone() });
            return round;
        }
        catch (FilterRefusedException)
        {
            return null;
        }
    }

    /// <summary>Begins the links that the users need and the old links are not.</summary>
    /// <returns>Whether the old links are needed still.</returns>
    private async Task<bool> BeginAsync(
        IReadOnlyList<TrackedLink> links,
        Entitled who,
        HashSet<Guid> wanted,
        List<TrackedLink> ends,
        CancellationToken cancellationToken
    )
    {
        bool hadFilters = links.All(link => link.HasFilter);
        if (who.OnlyEntitled && rule.Pays(wanted.Count, who.Membership.Size?.Users, hadFilters))
        {
            HashSet<Guid> followed = hadFilters ? [.. links.SelectMany(link => link.Ids!)] : [];
            Guid[] late = [.. wanted.Where(user => !followed.Contains(user))];
            bool keepsOld = hadFilters && !rule.IsScattered(links.Count + Filters(late).Count(), wanted.Count);
            if (await TryFiltersAsync(keepsOld ? late : wanted, ends, cancellationToken).ConfigureAwait(false))
                return keepsOld;
            RefuseFilters(who);
        }
        if (hadFilters)
            await _delta.BeginNowAsync(ends, cancellationToken).ConfigureAwait(false);
        return !hadFilters;
    }

    // Users who were not followed before are read whole by id, so nothing is taken from what is listed here.
    private async Task<bool> TryFiltersAsync(IEnumerable<Guid> users, List<TrackedLink> ends, CancellationToken cancellationToken)
    {
        foreach (Guid[] ids in Filters(users))
        {
            if (await WholeRoundAsync(ids, ends, cancellationToken).ConfigureAwait(false) is not null)
                continue;
            ends.Clear();
            return false;
        }
        return true;
    }
}

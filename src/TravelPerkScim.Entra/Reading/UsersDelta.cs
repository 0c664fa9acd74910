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
        !who.Entitlement.IsPending
        && who.Entitlement.Count > 0
        && rule.Pays(who.Entitlement.Count, who.Membership.Size?.Users, hasFilters: false);

    /// <summary>Every user, or only these, as pages arrive.</summary>
    /// <param name="only">The users to list; null lists every user.</param>
    /// <param name="ends">Takes the links of the next rounds.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    public async IAsyncEnumerable<RoundItem> ListAsync(
        IEnumerable<Guid>? only,
        List<TrackedLink> ends,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        List<Guid[]?> filters = only is null ? [null] : [.. only.Order().Chunk(rule.IdsInFilter)];
        foreach (Guid[]? ids in filters)
        {
            await foreach (RoundItem item in _delta.BeginAsync(ids, ends, cancellationToken).ConfigureAwait(false))
                yield return item;
        }
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
        // New links begin before the old ones are read, so that no change falls between.
        bool keepsOld = await BeginAsync(links, who, ends, cancellationToken).ConfigureAwait(false);
        var changes = new UserChanges();
        var old = new List<TrackedLink>();
        await foreach ((TrackedLink link, JsonElement item) in _delta.ChangesAsync(links, old, cancellationToken).ConfigureAwait(false))
        {
            if (GraphValues.TryId(item) is not { } id)
                changes.Nameless++;
            else
                changes.ByUser[id] = changes.ByUser.GetValueOrDefault(id).With(link.IsAbout(id) ? GraphValues.Removal(item) : null);
        }
        // A user who is no longer entitled needs no link.
        if (keepsOld)
            ends.AddRange(old.Where(link => link.Ids is null || link.Ids.Any(who.Entitlement.Has)));
        return changes;
    }

    /// <summary>Begins the links that the entitled users need and the old links are not.</summary>
    /// <returns>Whether the old links are needed still.</returns>
    private async Task<bool> BeginAsync(
        IReadOnlyList<TrackedLink> links,
        Entitled who,
        List<TrackedLink> ends,
        CancellationToken cancellationToken
    )
    {
        int wanted = who.Entitlement.Count;
        bool hadFilters = links.All(link => link.Ids is not null);
        if (!who.OnlyEntitled || !rule.Pays(wanted, who.Membership.Size?.Users, hadFilters))
        {
            if (hadFilters)
                await _delta.BeginNowAsync(ends, cancellationToken).ConfigureAwait(false);
            return !hadFilters;
        }
        HashSet<Guid> followed = hadFilters ? [.. links.SelectMany(link => link.Ids!)] : [];
        Guid[] late = [.. who.Entitlement.Users.Where(user => !followed.Contains(user))];
        int filters = links.Count + late.Chunk(rule.IdsInFilter).Count();
        bool keepsOld = hadFilters && !rule.IsScattered(filters, wanted);
        // Users who were not followed before are read whole by id, so nothing is taken from what is listed here.
        IEnumerable<Guid> begun = keepsOld ? late : who.Entitlement.Users;
        await foreach (RoundItem item in ListAsync(begun, ends, cancellationToken).ConfigureAwait(false))
            _ = item;
        return keepsOld;
    }
}

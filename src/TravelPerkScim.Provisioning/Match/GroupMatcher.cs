using System.Collections.Concurrent;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>Finds the TravelPerk group of a source group: by externalId, then by displayName.</summary>
/// <param name="client">Sends the requests.</param>
/// <param name="taken">Target ids of linked groups.</param>
/// <param name="anchors">Anchors of the source's groups. A target group with the externalId of another source group belongs to that group,
/// whatever its name.</param>
internal sealed class GroupMatcher(ScimClient client, IReadOnlySet<string> taken, IReadOnlySet<string> anchors)
{
    // For so few groups, one query each is cheaper than reading all groups.
    private const int FewGroups = 4;

    private readonly ConcurrentDictionary<string, string> _claimed = new(StringComparer.Ordinal);

    public async Task<Dictionary<string, GroupMatch>> FindAsync(IReadOnlyList<SourceGroup> groups, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, GroupMatch>(StringComparer.Ordinal);
        if (groups.Count == 0)
            return found;
        bool mayQuery = client.Dialect.ExactFilter != false;
        bool queriesAreCheaper = mayQuery && groups.Count <= FewGroups;
        List<ScimGroup>? all = queriesAreCheaper ? null : await ReadAllAsync(cancellationToken).ConfigureAwait(false);
        bool queries = all is null && mayQuery;
        foreach (SourceGroup group in groups)
        {
            found[group.Anchor] = queries
                ? await QueryAsync(group.Anchor, group.DisplayName, cancellationToken).ConfigureAwait(false)
                : await AmongAsync(all, group.Anchor, group.DisplayName, cancellationToken).ConfigureAwait(false);
        }
        return found;
    }

    public async Task<GroupMatch> QueryAsync(string anchor, string displayName, CancellationToken cancellationToken)
    {
        foreach (GroupKey key in GroupKey.Of(anchor, displayName))
        {
            if (await QueryByAsync(key, cancellationToken).ConfigureAwait(false) is not { } hits)
            {
                return await AmongAsync(await ReadAllAsync(cancellationToken).ConfigureAwait(false), anchor, displayName, cancellationToken)
                    .ConfigureAwait(false);
            }

            if (CheckHits(anchor, key, hits) is { } match)
                return match;
        }
        return default;
    }

    /// <returns>Null when the service answers groups that were not asked for. Only a read of all groups finds the group then.</returns>
    private async Task<List<ScimGroup>?> QueryByAsync(GroupKey key, CancellationToken cancellationToken)
    {
        if (client.Dialect.ExactFilter == false)
            return null;
        var hits = new List<ScimGroup>();
        await foreach (
            ScimGroup group in client
                .Groups.ListAsync(ScimFilter.Equal(key.Attribute, key.Value), withMembers: true, cancellationToken)
                .ConfigureAwait(false)
        )
        {
            if (!key.IsOf(group))
            {
                TargetQuery.LearnInexact(client);
                return null;
            }
            hits.Add(group);
        }
        return hits;
    }

    /// <summary>All groups; null where the list cannot be read to its end.</summary>
    private async Task<List<ScimGroup>?> ReadAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            var all = new List<ScimGroup>();
            await foreach (ScimGroup group in client.Groups.ListAsync(null, withMembers: false, cancellationToken).ConfigureAwait(false))
                all.Add(group);
            return all;
        }
        catch (ScimException e) when (e.Kind == ScimFailure.IncompleteList)
        {
            return null;
        }
    }

    private async Task<GroupMatch> AmongAsync(List<ScimGroup>? all, string anchor, string displayName, CancellationToken cancellationToken)
    {
        if (all is null)
            return new GroupMatch(null, MatchProblem.NotSearchable());
        foreach (GroupKey key in GroupKey.Of(anchor, displayName))
        {
            if (CheckHits(anchor, key, all.FindAll(key.IsOf)) is not { } match)
                continue;
            // The read of all groups leaves the members out.
            return match.Group is null
                ? match
                : await GroupMatch.LookAsync(client, match.Group.Id!, withMembers: true, cancellationToken).ConfigureAwait(false);
        }
        return default;
    }

    private GroupMatch? CheckHits(string anchor, GroupKey key, List<ScimGroup> hits)
    {
        if (hits.Count == 0)
            return null;
        if (hits.Count > 1)
        {
            string ids = string.Join(", ", hits.Select(g => g.Id).Take(5));
            return Unusable(
                "DuplicateTargetEntries",
                $"{hits.Count} TravelPerk groups have this {key.Attribute} (ids {ids}). Remove or correct the duplicates in TravelPerk."
            );
        }
        ScimGroup only = hits[0];
        string id = only.Id!;
        if (IsFree(id, only, anchor))
            return new GroupMatch(only, null);
        return Unusable(
            "EntryConflict",
            $"The matching TravelPerk group {id} is linked to another source group. Give one of them another name."
        );
    }

    private bool IsFree(string id, ScimGroup group, string anchor)
    {
        if (taken.Contains(id) || BelongsToAnother(group, anchor))
            return false;
        return TryClaim(id, anchor);
    }

    private bool BelongsToAnother(ScimGroup group, string anchor)
    {
        string? named = group.ExternalId;
        return named is not null && named != anchor && anchors.Contains(named);
    }

    private bool TryClaim(string id, string anchor) => _claimed.GetOrAdd(id, anchor) == anchor;

    private static GroupMatch Unusable(string code, string message) => new(null, new MatchProblem(code, message));

    /// <summary>A value that finds the group.</summary>
    /// <param name="Attribute">The attribute.</param>
    /// <param name="Value">The value of the source group.</param>
    /// <param name="IsOf">Says whether a target group has the value.</param>
    private sealed record GroupKey(string Attribute, string Value, Predicate<ScimGroup> IsOf)
    {
        // externalId is case-exact (RFC 7643 3.1), displayName is not.
        public static GroupKey[] Of(string anchor, string displayName)
        {
            string folded = MatchKey.Fold(displayName);
            return
            [
                new("externalId", anchor, group => group.ExternalId == anchor),
                new("displayName", displayName, group => group.DisplayName is { } name && MatchKey.Fold(name) == folded),
            ];
        }
    }
}

/// <summary>The TravelPerk group, or why none can be used; neither when there is none.</summary>
internal readonly record struct GroupMatch(ScimGroup? Group, MatchProblem? Problem)
{
    /// <summary>Looks at one id. An unreadable answer is a problem of that group alone.</summary>
    public static async Task<GroupMatch> LookAsync(ScimClient client, string id, bool withMembers, CancellationToken cancellationToken)
    {
        try
        {
            return new GroupMatch(await client.Groups.FindAsync(id, withMembers, cancellationToken).ConfigureAwait(false), null);
        }
        catch (ScimException e) when (e.IsUnreadable)
        {
            return new GroupMatch(null, MatchProblem.Unanswered(e));
        }
    }
}

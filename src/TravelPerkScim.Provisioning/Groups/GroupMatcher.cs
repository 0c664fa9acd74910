using System.Collections.Concurrent;
using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Provisioning.Match;
using TravelPerkScim.Provisioning.Read;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Groups;

/// <summary>Finds the target's counterpart of a source group: by externalId, then by displayName.</summary>
/// <param name="client">Asks.</param>
/// <param name="taken">Target ids of linked groups.</param>
/// <param name="anchors">The source's groups: a target group with another's external id is that one's, whatever its name.</param>
internal sealed class GroupMatcher(ScimClient client, IReadOnlySet<string> taken, IReadOnlySet<string> anchors)
{
    // Below this, asking for each is cheaper than a walk.
    private const int FewGroups = 4;

    private readonly ConcurrentDictionary<string, string> _claimed = new(StringComparer.Ordinal);

    public async Task<Dictionary<string, GroupMatch>> FindAsync(IReadOnlyList<SourceGroup> groups, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, GroupMatch>(StringComparer.Ordinal);
        if (groups.Count == 0)
            return found;
        if (groups.Count <= FewGroups)
        {
            foreach (SourceGroup group in groups)
                found[group.Anchor] = await QueryAsync(group.Anchor, group.DisplayName, cancellationToken).ConfigureAwait(false);
            return found;
        }
        var all = new List<ScimGroup>();
        await foreach (ScimGroup group in client.Groups.ListAsync(null, withMembers: false, cancellationToken).ConfigureAwait(false))
            all.Add(group);
        ILookup<string?, ScimGroup> byId = all.ToLookup(g => g.ExternalId, StringComparer.Ordinal), byName = all.ToLookup(g => Key(g.DisplayName), StringComparer.OrdinalIgnoreCase);
        foreach (SourceGroup group in groups)
        {
            GroupMatch match = Judge(group.Anchor, "externalId", [.. byId[group.Anchor]]) ?? Judge(group.Anchor, "displayName", [.. byName[Key(group.DisplayName)]]) ?? default;
            // The walk left the members out.
            if (match.Group is { Id: { } id })
                match = match with { Group = await client.Groups.FindAsync(id, cancellationToken).ConfigureAwait(false) };
            found[group.Anchor] = match;
        }
        return found;
    }

    public async Task<GroupMatch> QueryAsync(string anchor, string displayName, CancellationToken cancellationToken) =>
        await QueryByAsync(anchor, "externalId", anchor, cancellationToken).ConfigureAwait(false)
        ?? await QueryByAsync(anchor, "displayName", displayName, cancellationToken).ConfigureAwait(false)
        ?? default;

    private static string? Key(string? name) => name is null ? null : NormalText.Of(name);

    private async Task<GroupMatch?> QueryByAsync(string anchor, string attribute, string value, CancellationToken cancellationToken)
    {
        var hits = new List<ScimGroup>();
        await foreach (ScimGroup group in client.Groups.ListAsync(ScimFilter.Equal(attribute, value), withMembers: true, cancellationToken).ConfigureAwait(false))
            hits.Add(group);
        return Judge(anchor, attribute, hits);
    }

    private GroupMatch? Judge(string anchor, string attribute, List<ScimGroup> hits) => hits switch
    {
        [] => null,
        [{ Id: { } id } only] when taken.Contains(id) || (only.ExternalId is { } other && other != anchor && anchors.Contains(other)) || _claimed.GetOrAdd(id, anchor) != anchor => new GroupMatch(null, new MatchProblem("EntryConflict", $"The matching TravelPerk group {id} is linked to another source group. Give one of them another name.")),
        [var one] => new GroupMatch(one, null),
        _ => new GroupMatch(null, new MatchProblem("DuplicateTargetEntries", $"{hits.Count} TravelPerk groups have this {attribute} (ids {string.Join(", ", hits.Select(g => g.Id).Take(5))}). Remove or correct the duplicates in TravelPerk.")),
    };
}

/// <summary>The counterpart, or why none can be used; neither when there is none.</summary>
internal readonly record struct GroupMatch(ScimGroup? Group, MatchProblem? Problem);

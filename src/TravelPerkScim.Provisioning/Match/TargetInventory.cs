using System.Globalization;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>All users that one read of the target showed, with the values that tell which of them no source user matches. Not
/// thread-safe.</summary>
internal sealed class TargetInventory
{
    private readonly BoundMapping _bound;
    private readonly Dictionary<string, Seen> _users = new(StringComparer.Ordinal);
    private readonly ValueIndex<string> _holders;

    public TargetInventory(BoundMapping bound)
    {
        _bound = bound;
        _holders = new ValueIndex<string>(bound.Matching);
    }

    /// <summary>True when the whole target was read. Until then the target may have users that are not in the inventory.</summary>
    public bool IsWhole { get; set; }

    public void See(ScimUser user)
    {
        string id = user.Id!;
        string? anchor = _bound.Anchoring is { } externalId ? MatchKey.Of(externalId, user) : null;
        bool isNew = _users.TryAdd(id, new Seen(user.UserName ?? id, user.Active != false, anchor));
        // A server that reorders its list during the read may show one user twice.
        if (isNew)
            _holders.Add(user, id);
    }

    /// <summary>The read showed the user as active.</summary>
    public bool ShowsActive(string targetId) => _users.TryGetValue(targetId, out Seen user) && user.Active;

    /// <summary>Operations that only report: users whom no source user matches, and users who share a matching attribute.</summary>
    /// <param name="claimed">Ids of users that are linked or matched.</param>
    /// <param name="anchors">The externalId, as it is compared, to the source user with that id.</param>
    public IEnumerable<Orphan> Orphans(HashSet<string> claimed, IReadOnlyDictionary<string, NamedUser> anchors)
    {
        Dictionary<string, string> doubles = Doubles();
        foreach ((string id, Seen user) in _users)
        {
            if (claimed.Contains(id))
                continue;
            NamedUser? named = user.Anchor is null ? null : anchors.GetValueOrDefault(user.Anchor);
            yield return new Orphan(id, user.Name, ReasonOf(doubles.GetValueOrDefault(id), named, user.Active ? "active" : "inactive"));
        }
    }

    private static OperationReason ReasonOf(string? doubled, NamedUser? named, string state)
    {
        if (doubled is not null)
            return new OperationReason(ReasonKind.SharedAttribute, doubled);
        if (named is null)
            return new OperationReason(ReasonKind.Orphan, state);
        return named.TargetId is { } other
            ? new OperationReason(ReasonKind.SecondOfOneUser, state, $"{named.Name}, whose TravelPerk user is {other}")
            : new OperationReason(ReasonKind.OrphanOfKnownUser, state, named.Name);
    }

    private Dictionary<string, string> Doubles()
    {
        var doubles = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int place = 0; place < _holders.Count; place++)
        {
            string attribute = _bound.Matching[place].Flow.TargetName;
            foreach (List<string> ids in _holders.All(place).Where(ids => ids.Count > 1))
            {
                string count = ids.Count.ToString(CultureInfo.InvariantCulture);
                string shown = string.Join(", ", ids.Take(5));
                foreach (string id in ids)
                    doubles.TryAdd(id, $"{count} TravelPerk users have this {attribute} (ids {shown}).");
            }
        }
        return doubles;
    }

    private readonly record struct Seen(string Name, bool Active, string? Anchor);
}

/// <summary>A TravelPerk user that no source user accounts for, or that shares a matching attribute with another one.</summary>
/// <param name="TargetId">Its id.</param>
/// <param name="Name">Its userName.</param>
/// <param name="Reason">Why it is reported, and what to do.</param>
internal sealed record Orphan(string TargetId, string Name, OperationReason Reason);

/// <summary>A source user that an externalId names.</summary>
/// <param name="Name">The user, for people.</param>
/// <param name="TargetId">The source user's TravelPerk user; null when there is none.</param>
internal sealed record NamedUser(string Name, string? TargetId);

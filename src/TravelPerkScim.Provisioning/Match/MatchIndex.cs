using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>Finds the TravelPerk users of source users while the target is read page by page: by id, by matching value, else by
/// externalId.</summary>
internal sealed class MatchIndex
{
    private readonly BoundMapping _bound;
    private readonly IReadOnlyList<DesiredUser> _entries;
    private readonly Dictionary<string, DesiredUser> _byId = new(StringComparer.Ordinal);
    private readonly ValueIndex<DesiredUser> _byValue;
    private readonly Dictionary<DesiredUser, List<Hit>>[] _hits;
    private readonly LinkCheck _check;

    public MatchIndex(BoundMapping bound, IReadOnlyList<DesiredUser> entries, LinkCheck check)
    {
        _check = check;
        _bound = bound;
        _entries = entries;
        _byValue = new ValueIndex<DesiredUser>(bound.Telling);
        _hits = [.. bound.Telling.Select(_ => new Dictionary<DesiredUser, List<Hit>>())];
        foreach (DesiredUser entry in entries)
        {
            if (entry.Link is not null)
                _byId[entry.Link.TargetId] = entry;
            _byValue.Add(entry.Values, entry);
        }
    }

    public void See(ScimUser user)
    {
        string id = user.Id!;
        object?[]? values = null;
        if (_byId.TryGetValue(id, out DesiredUser? linked))
        {
            linked.Current = values = _bound.Extract(user);
            linked.TargetId = id;
        }
        for (int place = 0; place < _byValue.Count; place++)
        {
            if (_byValue.Find(place, MatchKey.Of(_bound.Telling[place], user)) is not { } entries)
                continue;
            values ??= _bound.Extract(user);
            foreach (DesiredUser entry in entries)
                _hits[place].AddTo(entry, new Hit(id, values));
        }
    }

    /// <summary>Linked users that no page held.</summary>
    public IEnumerable<DesiredUser> Unseen => _entries.Where(e => e is { Link: not null, Current: null });

    public void AssignMatches(IReadOnlyDictionary<string, string> taken)
    {
        foreach (DesiredUser entry in _entries)
        {
            bool isFoundById = entry is { Link: not null, Current: not null } && !IsAnothers(entry);
            if (isFoundById || entry.Problem is not null)
                continue;
            entry.Current = null;
            entry.TargetId = null;
            Assign(entry, taken);
        }
    }

    // The first attribute with a hit decides.
    private void Assign(DesiredUser entry, IReadOnlyDictionary<string, string> taken)
    {
        for (int place = 0; place < _hits.Length; place++)
        {
            if (!_hits[place].TryGetValue(entry, out List<Hit>? hits))
                continue;
            TargetAttribute attribute = _bound.Telling[place];
            entry.Problem = CheckHit(entry, attribute, hits.ConvertAll(h => h.Id), taken);
            if (entry.Problem is null)
                (entry.TargetId, entry.Current, entry.MatchedBy) = (hits[0].Id, hits[0].Values, attribute);
            return;
        }
    }

    private bool IsAnothers(DesiredUser entry) => entry.LinkIsAnothers |= !_check.IsOurs(entry, entry.Current!);

    /// <summary>The reason why hits cannot be used: there are several, or another source user is linked to the hit. Null when the one hit
    /// is free.</summary>
    public static MatchProblem? CheckHit(
        DesiredUser entry,
        TargetAttribute attribute,
        List<string> ids,
        IReadOnlyDictionary<string, string> taken
    )
    {
        if (ids.Count > 1)
            return MatchProblem.SeveralTargets(attribute.Flow.TargetName, ids);
        return taken.TryGetValue(ids[0], out string? owner) && owner != entry.Anchor ? MatchProblem.Taken(ids[0], owner) : null;
    }

    /// <summary>The first matching attribute with a value, and the value as it is compared; null when no matching attribute has a
    /// value.</summary>
    public static (TargetAttribute Attribute, string Value)? KeyOf(BoundMapping bound, DesiredUser entry)
    {
        foreach (TargetAttribute attribute in bound.Matching)
        {
            if (MatchKey.In(entry.Values, attribute) is { } key)
                return (attribute, key);
        }
        return null;
    }

    /// <summary>Users who are looked for by the same value, by that value.</summary>
    public static List<MatchRivals> RivalsAmong(BoundMapping bound, IEnumerable<DesiredUser> entries)
    {
        var rivals = new List<MatchRivals>();
        foreach (IGrouping<(TargetAttribute Attribute, string Value)?, DesiredUser> users in entries.GroupBy(e => KeyOf(bound, e)))
        {
            if (users.Key is var (attribute, value) && users.Count() > 1)
                rivals.Add(new MatchRivals(attribute, value, users));
        }
        return rivals;
    }

    /// <summary>The first matching attribute in which the entry is to get the value that the holder has in the target; null when there is
    /// none.</summary>
    public static TargetAttribute? FirstShared(BoundMapping bound, DesiredUser entry, DesiredUser holder) =>
        bound.Matching.FirstOrDefault(a => MatchKey.In(entry.Values, a) is { } wanted && wanted == MatchKey.Shown(holder, a));

    private readonly record struct Hit(string Id, object?[] Values);
}

/// <summary>Several source users with one matching value.</summary>
/// <param name="Attribute">The matching attribute.</param>
/// <param name="Value">The value, as it is compared.</param>
/// <param name="Users">The source users.</param>
internal sealed record MatchRivals(TargetAttribute Attribute, string Value, IEnumerable<DesiredUser> Users)
{
    /// <summary>The user who gets the value, because chance must not choose: the only one who has the value in the target. If none has it,
    /// the only linked user. Null where no user gets the value.</summary>
    public DesiredUser? Keeper
    {
        get
        {
            List<DesiredUser> holders = [.. Users.Where(user => MatchKey.Shown(user, Attribute) == Value)];
            if (holders.Count == 0)
                holders = [.. Users.Where(user => user.Link is not null)];
            return holders.Count == 1 ? holders[0] : null;
        }
    }
}

using System.Globalization;

namespace TravelPerkScim.Sandbox.Users;

/// <summary>The users in order of id, and by each key that is looked up. Not thread-safe.</summary>
internal sealed class UserIndex
{
    private static readonly IComparer<StoredUser> s_byId = Comparer<StoredUser>.Create((left, right) => left.Id.CompareTo(right.Id));

    private readonly List<StoredUser> _ordered = [];
    private readonly Dictionary<long, StoredUser> _byId = [];
    private readonly Dictionary<string, long> _byUserName = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, List<long>> _byExternalId = new(StringComparer.Ordinal);
    private readonly Dictionary<long, HashSet<long>> _reports = [];

    public int Count => _ordered.Count;
    public IReadOnlyList<StoredUser> Ordered => _ordered;

    public StoredUser? Find(long id) => _byId.GetValueOrDefault(id);

    public StoredUser? Find(string id) => TryParseId(id, out long number) ? Find(number) : null;

    public StoredUser? FindUserName(string userName) => _byUserName.TryGetValue(userName, out long id) ? _byId[id] : null;

    public IReadOnlyList<StoredUser> FindExternalId(string externalId) => InOrder(_byExternalId.GetValueOrDefault(externalId));

    public IReadOnlyList<StoredUser> ReportsOf(long managerId) => InOrder(_reports.GetValueOrDefault(managerId));

    private StoredUser[] InOrder(IEnumerable<long>? ids) => [.. (ids ?? []).Order().Select(id => _byId[id])];

    /// <summary>Adds, or replaces the user with that id.</summary>
    public void Put(StoredUser user)
    {
        if (_byId.TryGetValue(user.Id, out StoredUser? before))
        {
            Unlink(before);
            _ordered[_ordered.BinarySearch(user, s_byId)] = user;
        }
        else
        {
            // Ids only grow, so the end is the right place.
            _ordered.Add(user);
        }
        _byId[user.Id] = user;
        _byUserName[user.UserName] = user.Id;
        if (user.ExternalId is { } externalId)
            Link(_byExternalId, externalId).Add(user.Id);
        if (user.ManagerId is { } manager)
            _ = Link(_reports, manager).Add(user.Id);
    }

    public void Remove(StoredUser user)
    {
        Unlink(user);
        _ = _byId.Remove(user.Id);
        _ordered.RemoveAt(_ordered.BinarySearch(user, s_byId));
    }

    /// <summary>Only the canonical form is an id: "029" or " 29" is no user's id.</summary>
    public static bool TryParseId(string? text, out long id) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id.ToString(CultureInfo.InvariantCulture) == text;

    private static TValue Link<TKey, TValue>(Dictionary<TKey, TValue> index, TKey key)
        where TKey : notnull
        where TValue : new()
    {
        if (!index.TryGetValue(key, out TValue? linked))
            index[key] = linked = new TValue();
        return linked;
    }

    private void Unlink(StoredUser user)
    {
        _ = _byUserName.Remove(user.UserName);
        if (user.ExternalId is { } externalId)
            Unlink(_byExternalId, externalId, user.Id);
        if (user.ManagerId is { } manager)
            Unlink(_reports, manager, user.Id);
    }

    private static void Unlink<TKey, TIds>(Dictionary<TKey, TIds> index, TKey key, long id)
        where TKey : notnull
        where TIds : ICollection<long>
    {
        TIds linked = index[key];
        _ = linked.Remove(id);
        if (linked.Count == 0)
            _ = index.Remove(key);
    }
}

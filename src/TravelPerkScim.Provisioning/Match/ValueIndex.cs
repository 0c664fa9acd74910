using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>Users by the values of some attributes. Several users may have one value.</summary>
/// <param name="attributes">The attributes. A place is an index in this list.</param>
internal sealed class ValueIndex<T>(IReadOnlyList<TargetAttribute> attributes)
{
    private readonly Dictionary<string, List<T>>[] _users =
    [
        .. attributes.Select(_ => new Dictionary<string, List<T>>(StringComparer.Ordinal)),
    ];

    public int Count => _users.Length;

    public void Add(ScimUser user, T item)
    {
        for (int place = 0; place < _users.Length; place++)
        {
            if (MatchKey.Of(attributes[place], user) is { } key)
                _users[place].AddTo(key, item);
        }
    }

    public void Add(object?[] values, T item)
    {
        for (int place = 0; place < _users.Length; place++)
        {
            if (MatchKey.In(values, attributes[place]) is { } key)
                _users[place].AddTo(key, item);
        }
    }

    /// <summary>The users with a value; null when no user has the value, or when there is no value.</summary>
    /// <param name="place">The attribute's place.</param>
    /// <param name="key">The value as it is compared.</param>
    public List<T>? Find(int place, string? key) => key is null ? null : _users[place].GetValueOrDefault(key);

    /// <summary>The users of every value of one attribute.</summary>
    public IEnumerable<List<T>> All(int place) => _users[place].Values;
}

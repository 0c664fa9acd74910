using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.State;

/// <summary>Identity keys of links to the anchors that have them. Nearly every key has one anchor. A link keeps the keys of both names
/// after a change whose outcome is not known.</summary>
internal sealed class KeyHolders
{
    private readonly Dictionary<ulong, string> _first = [];
    private readonly List<(ulong Key, string Anchor)> _others = [];

    /// <param name="keys">Anchors to their keys (see <see cref="StoredKeys"/>).</param>
    public KeyHolders(IReadOnlyDictionary<string, byte[]> keys)
    {
        foreach ((string anchor, byte[] own) in keys)
        {
            for (int place = 0; place < own.Length / StoredKeys.Size; place++)
                Add(StoredKeys.At(own, place), anchor);
        }
    }

    /// <summary>The anchors that have the key; none for the key 0, which stands for no value.</summary>
    public IEnumerable<string> Of(ulong key)
    {
        if (!_first.TryGetValue(key, out string? first))
            return [];
        return _others.Count == 0 ? [first] : [first, .. _others.Where(other => other.Key == key).Select(other => other.Anchor)];
    }

    private void Add(ulong key, string anchor)
    {
        if (key != 0 && !_first.TryAdd(key, anchor) && _first[key] != anchor)
            _others.Add((key, anchor));
    }
}

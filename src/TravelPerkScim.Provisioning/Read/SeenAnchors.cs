using System.Runtime.InteropServices;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>The anchors that a read has seen, with their lines. A Graph id is kept as its 16 bytes, so that a million ids fit in some 40
/// MB.</summary>
internal sealed class SeenAnchors
{
    private readonly Dictionary<Guid, int> _guids = [];
    private readonly Dictionary<string, int> _others = new(StringComparer.Ordinal);

    public bool Contains(string anchor) =>
        Guid.TryParseExact(anchor, "D", out Guid guid) ? _guids.ContainsKey(guid) : _others.ContainsKey(anchor);

    public bool Add(string anchor, int line, out int firstLine)
    {
        ref int place = ref Guid.TryParseExact(anchor, "D", out Guid guid)
            ? ref CollectionsMarshal.GetValueRefOrAddDefault(_guids, guid, out bool exists)
            : ref CollectionsMarshal.GetValueRefOrAddDefault(_others, anchor, out exists);
        if (!exists)
            place = line;

        firstLine = place;
        return !exists;
    }
}

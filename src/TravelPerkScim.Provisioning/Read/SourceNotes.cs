using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>Notes about a whole file: the attributes that it gives, and those that it gives as the text of an object.</summary>
internal sealed class SourceNotes(SourceLayout layout)
{
    private readonly bool[] _named = new bool[layout.Names.Count];
    private readonly long[] _given = new long[layout.Names.Count];
    private readonly long[] _unreadable = new long[layout.Names.Count];
    private long _entries;

    /// <summary>The file has a column or a property for the attribute.</summary>
    public void Name(int slot)
    {
        if (slot >= 0)
            _named[slot] = true;
    }

    public void Take(SourceObject user)
    {
        _entries++;
        for (int slot = 0; slot < _given.Length; slot++)
        {
            if (user.Values[slot] is not { } value)
                continue;
            if (value is IgnoredFlow)
                _unreadable[slot]++;
            else
                _given[slot]++;
        }
    }

    public SourceAttributes Attributes(bool hasEndMark)
    {
        var given = new Dictionary<string, long>(StringComparer.OrdinalIgnoreCase);
        for (int slot = 0; slot < _named.Length; slot++)
        {
            long count = _given[slot] + _unreadable[slot];
            if (_named[slot] || count > 0)
                given.Add(SourceAttributeNames.Canonical(layout.Names[slot]), count);
        }

        return new SourceAttributes(given, _entries, hasEndMark);
    }

    /// <param name="file">The file's name.</param>
    public SourceWarning? Flattened(string file)
    {
        var parts = new List<string>();
        for (int slot = 0; slot < _unreadable.Length; slot++)
        {
            long count = _unreadable[slot];
            if (count > 0)
                parts.Add($"{layout.Names[slot]} ({Counted.Of(count, "entry", "entries")})");
        }

        if (parts.Count == 0)
            return null;
        string attributes = string.Join(", ", parts);
        return new SourceWarning(
            $"{file} has the text of an object, such as the name of its type, in place of the value of {attributes}. "
                + "These values count as not given: TravelPerk keeps what it has. "
                + "ConvertTo-Json writes such text below its -Depth, and Export-Csv for every object: "
                + "export with ConvertTo-Json -Depth 5, "
                + "or as columns of their own, such as Select-Object *, @{ n = 'managerId'; e = { $_.Manager.Id } }."
        );
    }
}

using System.Globalization;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;

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

    public SourceAttributes Attributes(bool hasEndMark) =>
        new(
            layout
                .Names.Select((name, slot) => (Name: SourceAttributeNames.Canonical(name), slot))
                .Where(one => _named[one.slot] || _given[one.slot] > 0 || _unreadable[one.slot] > 0)
                .ToDictionary(one => one.Name, one => _given[one.slot] + _unreadable[one.slot], StringComparer.OrdinalIgnoreCase),
            _entries,
            hasEndMark
        );

    /// <param name="file">The file's name.</param>
    public SourceWarning? Flattened(string file)
    {
        var parts = layout
            .Names.Select((name, slot) => (Name: name, Count: _unreadable[slot]))
            .Where(one => one.Count > 0)
            .Select(one =>
            {
                string entries = one.Count == 1 ? "entry" : "entries";
                return string.Create(CultureInfo.InvariantCulture, $"{one.Name} ({one.Count} {entries})");
            })
            .ToList();
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

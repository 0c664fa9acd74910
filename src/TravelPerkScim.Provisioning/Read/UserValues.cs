using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>The values of one entry while its columns or properties are read.</summary>
internal sealed class UserValues(SourceLayout layout)
{
    private readonly object?[] _values = new object?[layout.Names.Count];
    private readonly bool[] _named = new bool[layout.Names.Count];

    // Attributes that no export has. The module itself gives their values.
    private static readonly HashSet<string> s_own = new(
        ["objectId", "IsSoftDeleted", "appRoleAssignments"],
        StringComparer.OrdinalIgnoreCase
    );

    public AttributeText Text { get; } = new(layout);

    /// <summary>The fault of the entry; null when it has none.</summary>
    public string? Fault { get; private set; }

    public bool SoftDeleted { get; private set; }

    public void Clear()
    {
        Array.Clear(_values);
        Array.Clear(_named);
        (Fault, SoftDeleted) = (null, false);
    }

    /// <summary>The entry has a property for the attribute, whatever its value.</summary>
    public void Name(int slot)
    {
        if (slot >= 0)
            _named[slot] = true;
    }

    public void Spoil(string fault) => Fault ??= fault;

    /// <summary>Sets a value. An attribute may come under two names; the one with a value counts.</summary>
    public void Put(int slot, object? value)
    {
        if (slot < 0)
            return;
        bool isGiven = value is not (null or IgnoredFlow);
        if (isGiven || _values[slot] is null)
            _values[slot] = value;
    }

    public void PutText(int slot, string text) => Put(slot, Parsed(slot, text));

    public object? Parsed(int slot, string text)
    {
        object? value = Text.Parse(slot, text, out string? fault);
        Fault ??= fault;
        return value;
    }

    /// <summary>Takes the attributes from a text that stands in the place of an object.</summary>
    public void PutHolder(IReadOnlyList<(string Member, int Slot)> members, string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return;

        if (FlattenedText.MembersOf(text.Trim()) is not { } found)
        {
            PutUnreadable(members);
            return;
        }

        foreach ((string member, int slot) in members)
        {
            if (found.GetValueOrDefault(member) is { Length: > 0 } value)
                PutText(slot, value);
        }
    }

    /// <summary>Something else than an object or its text stands in the place of the object.</summary>
    public void PutUnreadable(IReadOnlyList<(string Member, int Slot)> members)
    {
        foreach ((string _, int slot) in members)
            Put(slot, IgnoredFlow.NotGiven);
    }

    public void PutDeleted(string text)
    {
        SoftDeleted |= AttributeText.IsDeleted(text, out string? fault);
        Fault ??= fault;
    }

    /// <param name="anchor">The entry's anchor.</param>
    /// <param name="removed">The entry is listed as removed.</param>
    /// <param name="changesOnly">The entry lists changes. An attribute that it does not name may have a value all the same, so the entry
    /// cannot show that the user left the scope.</param>
    public SourceEntry ToEntry(string anchor, bool removed = false, bool changesOnly = false)
    {
        var user = new SourceObject(anchor, layout);
        _values.CopyTo(user.Values, 0);
        bool partial = false;
        for (int slot = 0; changesOnly && slot < _named.Length; slot++)
        {
            if (_named[slot] || s_own.Contains(layout.Names[slot]))
                continue;

            user.Values[slot] = IgnoredFlow.NotGiven;
            partial = true;
        }

        return new SourceEntry(user, SoftDeleted || removed, EntitlementUnknown: partial);
    }
}

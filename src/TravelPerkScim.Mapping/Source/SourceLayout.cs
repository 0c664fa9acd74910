using System.Collections.Frozen;

namespace TravelPerkScim.Mapping.Source;

/// <summary>Names of the source attributes a compiled mapping and scope read, each with a slot. Names compare without case; Graph and
/// Entra-schema names of one attribute share a slot.</summary>
public sealed class SourceLayout
{
    private readonly FrozenDictionary<string, int> _slots;

    /// <param name="names">Graph or Entra-schema names; a name that repeats another attribute's gets no slot of its own.</param>
    public SourceLayout(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var first = new List<string>();
        var slots = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (string name in names)
        {
            if (slots.TryAdd(SourceAttributeNames.Canonical(name), first.Count))
                first.Add(name);
        }

        Names = first;
        _slots = slots.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        UserPrincipalName = SlotOf("userPrincipalName");
        OriginalUserPrincipalName = SlotOf("originalUserPrincipalName");
    }

    /// <summary>As first named.</summary>
    public IReadOnlyList<string> Names { get; }

    // Every object that is read asks for these two.
    internal int UserPrincipalName { get; }

    internal int OriginalUserPrincipalName { get; }

    /// <summary>Slot of a Graph or Entra-schema name, or -1.</summary>
    public int SlotOf(string name) => _slots.TryGetValue(SourceAttributeNames.Canonical(name), out int slot) ? slot : -1;
}

using System.Text;
using System.Text.Json;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Provisioning.Read;

internal enum JsonMemberKind
{
    /// <summary>As in <see cref="JsonMember.Column"/>.</summary>
    Column,
    ManagerChanges,
    Removed,
}

/// <summary>The meaning of a property of a user object. Members nested in it have dotted names.</summary>
/// <param name="Kind">A kind that only JSON has, or Column.</param>
/// <param name="Column">The kind of a column.</param>
/// <param name="Slot">The attribute, or -1.</param>
/// <param name="Members">The names in the property's value.</param>
/// <param name="Attributes">The attributes in the property's value, when it holds an object.</param>
internal sealed record JsonMember(
    JsonMemberKind Kind,
    ColumnKind Column,
    int Slot,
    JsonNames Members,
    IReadOnlyList<(string Member, int Slot)> Attributes
);

/// <summary>
/// The property names of an object with their meanings, found by their UTF-8 bytes. Users of one export list their properties in one order.
/// The name after the last one found is tried first, so that most look-ups compare once.
/// </summary>
internal sealed class JsonNames(SourceLayout layout, string prefix = "")
{
    private const int MostKept = 512;

    private readonly List<(byte[] Name, JsonMember Member)> _known = [];
    private readonly List<int> _seenIn = [];
    private int _object;
    private int _next;

    /// <summary>A name came twice in the present object.</summary>
    public bool Doubled { get; private set; }

    /// <summary>Begins an object, perhaps the same object again with more bytes.</summary>
    public void Begin()
    {
        _object++;
        Doubled = false;
    }

    /// <param name="reader">On a property name.</param>
    public JsonMember Find(ref Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> name = reader.ValueSpan;
        for (int tried = 0; tried < _known.Count; tried++)
        {
            if (_next >= _known.Count)
                _next = 0;

            (byte[]? known, JsonMember? member) = _known[_next++];
            if (!name.SequenceEqual(known))
                continue;

            See(_next - 1);
            return member;
        }

        JsonMember found = MemberNamed(reader.ValueIsEscaped ? Unescaped(ref reader) : Encoding.UTF8.GetString(name));
        if (_known.Count < MostKept && !reader.ValueIsEscaped)
        {
            _known.Add((name.ToArray(), found));
            _seenIn.Add(_object);
        }

        _next = _known.Count;
        return found;
    }

    private void See(int place)
    {
        Doubled |= _seenIn[place] == _object;
        _seenIn[place] = _object;
    }

    // A name with half of a character is no known name.
    private static string Unescaped(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }

    private JsonMember MemberNamed(string name)
    {
        if (prefix.Length > 0)
            return new JsonMember(JsonMemberKind.Column, ColumnKind.Value, layout.SlotOf(prefix + name), Nested(name), []);

        switch (name.ToUpperInvariant())
        {
            case "MANAGER@DELTA":
                return new JsonMember(JsonMemberKind.ManagerChanges, ColumnKind.Manager, layout.SlotOf("manager"), Nested(name), []);
            case "@REMOVED":
                return new JsonMember(JsonMemberKind.Removed, ColumnKind.Value, -1, Nested(name), []);
            case "ADDITIONALPROPERTIES":
                // The Graph PowerShell module puts properties there that its classes do not know, such as extension attributes.
                return new JsonMember(JsonMemberKind.Column, ColumnKind.Value, -1, new JsonNames(layout), []);
        }

        (ColumnKind kind, int slot) = SourceColumns.Find(layout, name);
        return new JsonMember(
            JsonMemberKind.Column,
            kind,
            slot,
            Nested(name),
            kind == ColumnKind.Holder ? SourceColumns.Members(layout, name) : []
        );
    }

    private JsonNames Nested(string name) => new(layout, prefix + name + ".");
}

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

/// <summary>What a property of a user object is for. Members nested in it have dotted names.</summary>
/// <param name="Kind">What JSON alone has, or the kind of a column.</param>
/// <param name="Column">The kind of a column.</param>
/// <param name="Slot">The attribute, or -1.</param>
/// <param name="Members">The names in it.</param>
/// <param name="Attributes">The attributes in it, when it holds some.</param>
internal sealed record JsonMember(
    JsonMemberKind Kind,
    ColumnKind Column,
    int Slot,
    JsonNames Members,
    IReadOnlyList<(string Member, int Slot)> Attributes
);

/// <summary>
/// The property names of an object and what each is for, found by their UTF-8 bytes. Users of one export list their properties in one
/// order,
/// so the name after the last one found is tried first and most look-ups compare once.
/// </summary>
internal sealed class JsonNames(SourceLayout layout, string prefix = "")
{
    private const int MostKept = 512;

    private readonly List<(byte[] Name, JsonMember Member)> _known = [];
    private readonly List<int> _seenIn = [];
    private int _object;
    private int _next;

    /// <summary>A name came twice in the object that was begun last.</summary>
    public bool Doubled { get; private set; }

    /// <summary>An object begins, perhaps the same one again with more bytes.</summary>
    public void Begin()
    {
        _object++;
        Doubled = false;
    }

    /// <param name="reader">On a property name.</param>
    public JsonMember Find(ref Utf8JsonReader reader)
    {
        var name = reader.ValueSpan;
        for (var tried = 0; tried < _known.Count; tried++)
        {
            if (_next >= _known.Count)
                _next = 0;

            var (known, member) = _known[_next++];
            if (!name.SequenceEqual(known))
                continue;

            See(_next - 1);
            return member;
        }

        var found = MemberNamed(reader.ValueIsEscaped ? Unescaped(ref reader) : Encoding.UTF8.GetString(name));
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

    // A name with half of a character is none of those that count.
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
        if (name.Length == 0)
            return new JsonMember(JsonMemberKind.Column, ColumnKind.Value, -1, Nested(name), []);

        if (prefix.Length > 0)
            return new JsonMember(JsonMemberKind.Column, ColumnKind.Value, layout.SlotOf(prefix + name), Nested(name), []);

        switch (name.ToUpperInvariant())
        {
            case "MANAGER@DELTA":
                return new JsonMember(JsonMemberKind.ManagerChanges, ColumnKind.Manager, layout.SlotOf("manager"), Nested(name), []);
            case "@REMOVED":
                return new JsonMember(JsonMemberKind.Removed, ColumnKind.Value, -1, Nested(name), []);
            case "ADDITIONALPROPERTIES":
                // Where the Graph PowerShell module puts what its classes do not know, such as extension attributes.
                return new JsonMember(JsonMemberKind.Column, ColumnKind.Value, -1, new JsonNames(layout), []);
        }

        var (kind, slot) = SourceColumns.Find(layout, name);
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

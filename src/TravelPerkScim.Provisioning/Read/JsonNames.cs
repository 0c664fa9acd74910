using System.Text;
using System.Text.Json;
using TravelPerkScim.Mapping;

namespace TravelPerkScim.Provisioning.Read;

internal enum JsonMemberKind
{
    Value,
    Id,
    Manager,
    ManagerChanges,
    Removed,
    DeletedDateTime,
    FirstOfMany,
}

/// <summary>What a property of a user object is for. Members nested in it have dotted names.</summary>
internal sealed record JsonMember(JsonMemberKind Kind, int Slot, JsonNames Members);

/// <summary>
/// The property names of an object and what each is for, found by their UTF-8 bytes. Users of one export list their properties in one order,
/// so the name after the last one found is tried first and most look-ups compare once.
/// </summary>
internal sealed class JsonNames(SourceLayout layout, string prefix = "")
{
    private const int MostKept = 512;

    private readonly List<(byte[] Name, JsonMember Member)> _known = [];
    private int _next;

    /// <param name="reader">On a property name.</param>
    public JsonMember Find(ref Utf8JsonReader reader)
    {
        var name = reader.ValueSpan;
        for (var tried = 0; tried < _known.Count; tried++)
        {
            if (_next >= _known.Count)
                _next = 0;

            var (known, member) = _known[_next++];
            if (name.SequenceEqual(known))
                return member;
        }

        var found = MemberNamed(reader.ValueIsEscaped ? reader.GetString()! : Encoding.UTF8.GetString(name));
        if (_known.Count < MostKept && !reader.ValueIsEscaped)
            _known.Add((name.ToArray(), found));

        _next = _known.Count;
        return found;
    }

    private JsonMember MemberNamed(string name)
    {
        var slot = layout.SlotOf(prefix + name);
        if (prefix.Length > 0)
            return new JsonMember(JsonMemberKind.Value, slot, Nested(name));

        return name.ToUpperInvariant() switch
        {
            "ID" or "OBJECTID" => new JsonMember(JsonMemberKind.Id, slot, Nested(name)),
            "MANAGER" => new JsonMember(JsonMemberKind.Manager, slot, Nested(name)),
            "MANAGER@DELTA" => new JsonMember(JsonMemberKind.ManagerChanges, layout.SlotOf("manager"), Nested(name)),
            "@REMOVED" => new JsonMember(JsonMemberKind.Removed, -1, Nested(name)),
            "DELETEDDATETIME" => new JsonMember(JsonMemberKind.DeletedDateTime, slot, Nested(name)),
            // Entra's schema knows one telephoneNumber where Graph has a list that never holds more than one.
            "BUSINESSPHONES" when slot < 0 => new JsonMember(JsonMemberKind.FirstOfMany, layout.SlotOf("telephoneNumber"), Nested(name)),
            // Where the Graph PowerShell module puts what its classes do not know, such as extension attributes.
            "ADDITIONALPROPERTIES" => new JsonMember(JsonMemberKind.Value, -1, this),
            _ => new JsonMember(JsonMemberKind.Value, slot, Nested(name)),
        };
    }

    private JsonNames Nested(string name) => new(layout, prefix + name + ".");
}

using System.Text.Json;
using TravelPerkScim.Mapping;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>
/// One user object as Microsoft Graph returns it. Reads straight into the slots of the layout and skips the rest.
/// Every method returns false when the bytes at hand end before the object does; the object is then read anew with more of them.
/// </summary>
internal sealed class JsonUserObject(SourceLayout layout)
{
    private readonly JsonNames _names = new(layout);
    private readonly AttributeText _text = new(layout);
    private readonly object?[] _values = new object?[layout.Names.Count];
    private readonly List<object?> _many = [];
    private string? _removal;
    private bool _softDeleted;
    private string? _fault;

    /// <summary>The id of the object read last, also when its reading failed further on.</summary>
    public string? Anchor { get; private set; }

    public void Clear()
    {
        Array.Clear(_values);
        (Anchor, _removal, _softDeleted, _fault) = (null, null, false, null);
    }

    /// <param name="reader">On the first token of the object.</param>
    /// <param name="position">Gives the position for a fault.</param>
    /// <param name="item">The entry, removal or fault read.</param>
    /// <exception cref="JsonException">Not JSON.</exception>
    public bool TryRead(ref Utf8JsonReader reader, IUserReader position, out SourceItem? item)
    {
        Clear();
        item = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            if (!reader.TrySkip())
                return false;

            item = new SourceFault(position.Position, "This is not a JSON object, so not a user.");
            return true;
        }

        if (!ReadMembers(ref reader, _names))
            return false;

        item = Result(position);
        return true;
    }

    private SourceItem Result(IUserReader position)
    {
        if (Anchor is not { Length: > 0 })
            return new SourceFault(position.Position, "The object has no id, so whose it is cannot be known. Ask Graph for id with the other properties.");

        if (_removal is "deleted")
            return new SourceRemoval(Anchor);

        if (_fault is not null)
            return new SourceFault(position.Position, $"The object cannot be used: {_fault}.", Anchor);

        var user = new SourceObject(Anchor, layout);
        _values.CopyTo(user.Values, 0);
        return new SourceEntry(user, _softDeleted || _removal is not null);
    }

    private bool ReadMembers(ref Utf8JsonReader reader, JsonNames names)
    {
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject)
                return true;

            var member = names.Find(ref reader);
            if (!reader.Read() || !ReadMember(ref reader, member))
                return false;
        }

        return false;
    }

    private bool ReadMember(ref Utf8JsonReader reader, JsonMember member)
    {
        switch (member.Kind)
        {
            case JsonMemberKind.Id:
                if (reader.TokenType == JsonTokenType.String && Text(ref reader) is { } id)
                    Anchor = SourceAnchor.Canonical(id);
                break;
            case JsonMemberKind.Removed:
                return ReadRemoved(ref reader);
            case JsonMemberKind.DeletedDateTime:
                _softDeleted = reader.TokenType == JsonTokenType.String;
                break;
            case JsonMemberKind.Manager when reader.TokenType == JsonTokenType.StartObject:
                return ReadManager(ref reader, member.Slot);
            case JsonMemberKind.ManagerChanges when reader.TokenType == JsonTokenType.StartArray:
                return ReadManagerChanges(ref reader, member.Slot);
        }

        if (reader.TokenType == JsonTokenType.StartObject)
            return ReadMembers(ref reader, member.Members);

        if (member.Slot < 0)
            return reader.TrySkip();

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            _values[member.Slot] = Scalar(ref reader, member.Slot);
            return true;
        }

        _many.Clear();
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndArray)
            {
                _values[member.Slot] = member.Kind == JsonMemberKind.FirstOfMany ? _many.FirstOrDefault() : _many.ToArray();
                return true;
            }

            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                if (!reader.TrySkip())
                    return false;
            }
            else
            {
                _many.Add(Scalar(ref reader, member.Slot));
            }
        }

        return false;
    }

    private object? Scalar(ref Utf8JsonReader reader, int slot)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.True:
                return true;
            case JsonTokenType.False:
                return false;
            case JsonTokenType.Number when slot != _text.EnabledSlot:
                return reader.TryGetInt64(out var whole) ? (object)whole : reader.GetDouble();
            case JsonTokenType.Number:
                _fault ??= "accountEnabled is a number, neither true nor false";
                return null;
            case JsonTokenType.String when Text(ref reader) is { } text:
                var value = _text.Parse(slot, text, out var wrong);
                _fault ??= wrong;
                return value;
            default:
                return null;
        }
    }

    private string? Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            _fault ??= "it has text that is not UTF-8. Save the file as UTF-8";
            return null;
        }
    }

    private bool ReadRemoved(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return reader.TrySkip();

        _removal = "changed";
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject)
                return true;

            var isReason = reader.ValueTextEquals("reason"u8);
            if (!reader.Read() || !reader.TrySkip())
                return false;

            if (isReason && reader.TokenType == JsonTokenType.String)
                _removal = Text(ref reader);
        }

        return false;
    }

    private bool ReadManager(ref Utf8JsonReader reader, int slot)
    {
        if (!ReadReference(ref reader, out var manager, out _))
            return false;

        if (slot >= 0)
            _values[slot] = manager;

        return true;
    }

    /// <summary>A delta lists the manager that was taken away beside the one that came.</summary>
    private bool ReadManagerChanges(ref Utf8JsonReader reader, int slot)
    {
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndArray)
                return true;

            if (reader.TokenType != JsonTokenType.StartObject)
                continue;

            if (!ReadReference(ref reader, out var manager, out var removed))
                return false;

            if (!removed && slot >= 0)
                _values[slot] = manager;
        }

        return false;
    }

    private bool ReadReference(ref Utf8JsonReader reader, out SourceReference? reference, out bool removed)
    {
        string? id = null, name = null;
        (reference, removed) = (null, false);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                reference = (id ?? name) is { Length: > 0 } anchor ? new SourceReference(SourceAnchor.Canonical(anchor)) : null;
                return true;
            }

            var isId = reader.ValueTextEquals("id"u8) || reader.ValueTextEquals("Id"u8);
            var isName = reader.ValueTextEquals("userPrincipalName"u8) || reader.ValueTextEquals("UserPrincipalName"u8);
            removed |= reader.ValueTextEquals("@removed"u8);
            if (!reader.Read() || !reader.TrySkip())
                return false;

            if (isId && reader.TokenType == JsonTokenType.String)
                id = Text(ref reader);
            else if (isName && reader.TokenType == JsonTokenType.String)
                name = Text(ref reader);
        }

        return false;
    }
}

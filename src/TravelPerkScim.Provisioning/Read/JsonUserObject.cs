using System.Text.Json;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>
/// One user object as Microsoft Graph returns it. Reads straight into the slots of the layout and skips the rest.
/// Every method returns false when the bytes at hand end before the object does. The object is then read again from its beginning, with
/// more bytes.
/// </summary>
/// <param name="layout">The attributes wanted.</param>
/// <param name="notes">Notes about the whole file.</param>
/// <param name="changesOnly">The file lists changes. A property that an object does not name may have a value all the same.</param>
internal sealed class JsonUserObject(SourceLayout layout, SourceNotes notes, bool changesOnly)
{
    private readonly JsonNames _names = new(layout);
    private readonly UserValues _values = new(layout);
    private readonly List<object?> _many = [];
    private string? _removal;
    private bool _isSeveral;

    /// <summary>The id of the object that was read last, also when the read failed after the id.</summary>
    public string? Anchor { get; private set; }

    public void Clear()
    {
        _values.Clear();
        (Anchor, _removal, _isSeveral) = (null, null, false);
    }

    /// <param name="reader">On the first token of the object.</param>
    /// <param name="position">Gives the position for a fault.</param>
    /// <param name="item">The entry, removal or fault that was read.</param>
    /// <exception cref="JsonException">The text is not JSON.</exception>
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
        // Two users become one object where lines between them were lost. One user would get the other's values, and the other would be
        // hidden.
        if (_isSeveral)
        {
            return new SourceFault(
                position.Position,
                "The object has a property twice, so it may be two users in one, and whose it is cannot be known. Export the users again."
            );
        }

        if (Anchor is null)
        {
            return new SourceFault(
                position.Position,
                "The object has no id, or one that cannot be read, so whose it is cannot be known. "
                    + "Ask Graph for id with the other properties."
            );
        }

        if (_removal is "deleted")
            return new SourceRemoval(Anchor);

        return _values.Fault is { } fault
            ? new SourceFault(position.Position, $"The object cannot be used: {fault}.", Anchor)
            : _values.ToEntry(Anchor, removed: _removal is not null, changesOnly);
    }

    private bool ReadMembers(ref Utf8JsonReader reader, JsonNames names)
    {
        names.Begin();
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                _isSeveral |= names.Doubled;
                return true;
            }

            JsonMember member = names.Find(ref reader);
            if (!reader.Read() || !ReadMember(ref reader, member))
                return false;
        }

        return false;
    }

    private bool ReadMember(ref Utf8JsonReader reader, JsonMember member)
    {
        Name(member.Slot);
        if (member.Kind == JsonMemberKind.Removed)
            return ReadRemoved(ref reader);
        if (member.Kind == JsonMemberKind.ManagerChanges && reader.TokenType == JsonTokenType.StartArray)
            return ReadManagerChanges(ref reader, member.Slot);

        bool isObject = reader.TokenType == JsonTokenType.StartObject;
        switch (member.Column)
        {
            case ColumnKind.Id:
                ReadId(ref reader);
                break;
            case ColumnKind.DeletedDateTime:
                ReadDeleted(ref reader);
                break;
            case ColumnKind.Holder when !isObject:
                return ReadHolder(ref reader, member.Attributes);
            case ColumnKind.Manager when isObject:
                return ReadManager(ref reader, member.Slot);
        }

        if (isObject)
            return ReadObject(ref reader, member);
        if (member.Slot < 0)
            return reader.TrySkip();
        return reader.TokenType == JsonTokenType.StartArray ? ReadMany(ref reader, member) : Put(ref reader, member.Slot);
    }

    private void ReadId(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String && Text(ref reader) is { } id)
            TakeId(AttributeText.Id(id));
    }

    // Some exports have both id and objectId, with the same value.
    private void TakeId(string? id)
    {
        if (Anchor is null)
            Anchor = id;
        else if (id is not null)
            _isSeveral |= !string.Equals(Anchor, id, StringComparison.OrdinalIgnoreCase);
    }

    private void Name(int slot)
    {
        notes.Name(slot);
        _values.Name(slot);
    }

    private void Name(IReadOnlyList<(string Member, int Slot)> attributes)
    {
        foreach ((string _, int slot) in attributes)
            Name(slot);
    }

    private bool Put(ref Utf8JsonReader reader, int slot)
    {
        _values.Put(slot, Scalar(ref reader, slot));
        return true;
    }

    private bool ReadObject(ref Utf8JsonReader reader, JsonMember member)
    {
        if (member.Slot >= 0)
            _values.Spoil($"{layout.Names[member.Slot]} is an object, where a value belongs");

        Name(member.Attributes);
        return ReadMembers(ref reader, member.Members);
    }

    private bool ReadMany(ref Utf8JsonReader reader, JsonMember member)
    {
        if (member.Slot == _values.Text.EnabledSlot)
            _values.Spoil("accountEnabled is a list, neither true nor false");

        _many.Clear();
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndArray)
            {
                PutMany(member);
                return true;
            }
            if (!ReadItem(ref reader, member))
                return false;
        }
        return false;
    }

    private bool ReadItem(ref Utf8JsonReader reader, JsonMember member)
    {
        if (reader.TokenType == JsonTokenType.StartObject && member.Column == ColumnKind.Manager)
        {
            if (!ReadReference(ref reader, out SourceReference? manager, out _))
                return false;
            _many.Add(manager);
            return true;
        }
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            _values.Spoil($"{layout.Names[member.Slot]} is a list of objects, where values belong");
            return reader.TrySkip();
        }
        _many.Add(Scalar(ref reader, member.Slot));
        return true;
    }

    // Graph gives one manager. Some tools turn every member into a list of one item.
    private void PutMany(JsonMember member)
    {
        bool isOneManager = member.Column == ColumnKind.Manager && _many.Count <= 1;
        bool takesFirst = isOneManager || member.Column == ColumnKind.FirstOfMany;
        _values.Put(member.Slot, takesFirst ? _many.FirstOrDefault() : _many.ToArray());
    }

    private bool ReadHolder(ref Utf8JsonReader reader, IReadOnlyList<(string Member, int Slot)> attributes)
    {
        Name(attributes);
        if (reader.TokenType == JsonTokenType.String)
            _values.PutHolder(attributes, Text(ref reader) ?? "");
        else if (reader.TokenType != JsonTokenType.Null)
            _values.PutUnreadable(attributes);

        return reader.TrySkip();
    }

    private void ReadDeleted(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String && Text(ref reader) is { } moment)
            _values.PutDeleted(moment);
        else if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray or JsonTokenType.Number or JsonTokenType.True)
            _values.Spoil("deletedDateTime is not the text of a date, so whether the account is deleted is not known");
    }

    private object? Scalar(ref Utf8JsonReader reader, int slot)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.True:
                return true;
            case JsonTokenType.False:
                return false;
            case JsonTokenType.Number when slot != _values.Text.EnabledSlot:
                return reader.TryGetInt64(out long whole) ? (object)whole : reader.GetDouble();
            case JsonTokenType.Number:
                _values.Spoil("accountEnabled is a number, neither true nor false");
                return null;
            case JsonTokenType.String when Text(ref reader) is { } text:
                return _values.Parsed(slot, text);
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
            _values.Spoil("it has text that is not UTF-8, or half of a character. Correct it in the directory, or save the file as UTF-8");
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

            bool isReason = JsonText.Is(ref reader, "reason"u8);
            if (!JsonText.TryReadValue(ref reader))
                return false;

            if (isReason && reader.TokenType == JsonTokenType.String)
                _removal = Text(ref reader) ?? _removal;
        }

        return false;
    }

    private bool ReadManager(ref Utf8JsonReader reader, int slot)
    {
        if (!ReadReference(ref reader, out SourceReference? manager, out _))
            return false;

        _values.Put(slot, manager);
        return true;
    }

    /// <summary>Reads the manager of a delta, which lists the removed manager beside the new one.</summary>
    private bool ReadManagerChanges(ref Utf8JsonReader reader, int slot)
    {
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndArray)
                return true;

            if (reader.TokenType != JsonTokenType.StartObject)
                continue;

            if (!ReadReference(ref reader, out SourceReference? manager, out bool removed))
                return false;

            if (!removed)
                _values.Put(slot, manager);
        }

        return false;
    }

    private static bool IsEither(ref Utf8JsonReader reader, ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) =>
        JsonText.Is(ref reader, one) || JsonText.Is(ref reader, other);

    private bool ReadReference(ref Utf8JsonReader reader, out SourceReference? reference, out bool removed)
    {
        string? id = null,
            name = null;
        (reference, removed) = (null, false);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                string? anchor = id ?? name;
                if (!string.IsNullOrEmpty(anchor))
                    reference = new SourceReference(SourceAnchor.Canonical(anchor));
                return true;
            }

            bool isId = IsEither(ref reader, "id"u8, "Id"u8);
            bool isName = IsEither(ref reader, "userPrincipalName"u8, "UserPrincipalName"u8);
            removed |= JsonText.Is(ref reader, "@removed"u8);
            if (!JsonText.TryReadValue(ref reader))
                return false;

            if (reader.TokenType != JsonTokenType.String)
                continue;
            if (isId)
                id = Text(ref reader);
            else if (isName)
                name = Text(ref reader);
        }

        return false;
    }
}

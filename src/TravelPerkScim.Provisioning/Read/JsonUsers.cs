using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>
/// Users as JSON: an array, a Graph page (<c>{"value":[...]}</c>), or objects one after another (JSON Lines).
/// Objects are read one at a time from the bytes at hand. The whole file is never in memory.
/// </summary>
/// <param name="path">The file's name, for messages.</param>
/// <param name="utf8">The file's content.</param>
/// <param name="layout">The attributes wanted.</param>
/// <param name="notes">Notes about the whole file.</param>
/// <param name="changesOnly">The file lists changes, because it has an <c>@odata.deltaLink</c>.</param>
internal sealed class JsonUsers(string path, Stream utf8, SourceLayout layout, SourceNotes notes, bool changesOnly) : IUserReader
{
    /// <summary>The most bytes of an object. A larger object is no user.</summary>
    private const int LargestObject = 16 * 1024 * 1024;

    // The properties into which tools put a list of users. Graph's own pages have value.
    private static readonly string[] s_lists =
    [
        "value",
        "users",
        "Resources",
        "data",
        "items",
        "results",
        "members",
        "employees",
        "people",
        "entries",
    ];

    private static readonly string[] s_totals = ["@odata.count", "count", "total", "totalResults", "totalCount"];

    private readonly JsonBuffer _buffer = new(utf8);
    private readonly JsonUserObject _user = new(layout, notes, changesOnly);
    private Part _part = Part.Start;
    private JsonReaderState _state;
    private int _stateLine;
    private long _read;
    private long _current;
    private bool _isPage;
    private bool _isNested;
    private long _total;
    private bool _isScimList;
    private bool _isOneOfMany;
    private bool _isDelta;
    private string? _cutOff;

    private enum Part
    {
        Start,
        Array,
        ArraysEnd,
        PageEnd,
        Objects,
        End,
    }

    public int Line { get; private set; } = 1;

    public bool HasEndMark => _part != Part.Objects;

    public bool IsCutOff => _cutOff is not null;

    /// <summary>The place in words. An array may be on one line as a whole, so its objects are counted too.</summary>
    public string Position =>
        _part == Part.Array
            ? string.Create(CultureInfo.InvariantCulture, $"line {Line}, object {_current}")
            : string.Create(CultureInfo.InvariantCulture, $"line {Line}");

    public async IAsyncEnumerable<SourceItem> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        bool more = true;
        SourceItem? lonely = null;
        while (more && _cutOff is null)
        {
            cancellationToken.ThrowIfCancellationRequested();
            more = await _buffer.FillAsync(cancellationToken).ConfigureAwait(false);
            while (_cutOff is null && TryStep(out SourceItem? item))
            {
                // An object without an id that is alone in the file is no user.
                if (item is SourceFault { Anchor: null } && _part == Part.Objects && _read == 1)
                {
                    lonely = item;
                    continue;
                }

                if (item is null)
                    continue;

                if (lonely is not null)
                    yield return lonely;

                lonely = null;
                yield return item;
            }

            if (_buffer.Unread.Length > LargestObject)
                _cutOff = "An object is larger than 16 MB";
        }

        _buffer.SkipWhiteSpace();
        bool isComplete = _part is Part.Objects or Part.End && _buffer.Unread.Length == 0;
        if (_cutOff is null && !isComplete)
            (_cutOff, Line) = ("The file ends before its JSON does", _buffer.LineAt(_buffer.Unread.Length));
        else if (_isOneOfMany)
            _cutOff = "The file is one page of many (it has an @odata.nextLink)";
        else if (_total > _read)
            _cutOff = string.Create(CultureInfo.InvariantCulture, $"The file says that there are {_total} users and lists {_read}");

        if (lonely is not null)
        {
            throw new SourceException(
                "SourceFormatUnknown",
                $"'{path}' is one JSON object without an id: neither a user nor a known form of a list of users. "
                    + "Export the users as one JSON array, or as a page of Microsoft Graph."
            );
        }

        if (_cutOff is null && _isDelta)
        {
            yield return new SourceNotice(
                $"{Path.GetFileName(path)} has an @odata.deltaLink, so it lists changes: "
                    + "users it does not name stay as they are, and values it does not name too. "
                    + "If it lists every user, take the @odata.deltaLink out."
            );
        }

        yield return _cutOff is null
            ? new SourceEnd(FullRead: !_isDelta, Watermark: null, TotalRead: 0)
            : new SourceFault(Position, $"{_cutOff}, so who is absent is not known. Export all users again.");
    }

    /// <summary>Reads one object, or one part of the frame around the objects. False when that takes more bytes.</summary>
    private bool TryStep(out SourceItem? item)
    {
        item = null;
        try
        {
            return _part switch
            {
                Part.Start => TryStart(),
                Part.Array => TryElement(out item),
                Part.ArraysEnd => TryArraysEnd(),
                Part.PageEnd => TryPageEnd(),
                Part.Objects => TryObject(out item),
                _ => TryEnd(),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            Line = _stateLine + (int)((e as JsonException)?.LineNumber ?? 0);
            _cutOff = "What is here is not JSON";
            return false;
        }
    }

    private bool TryStart()
    {
        _buffer.SkipWhiteSpace();
        _stateLine = _buffer.Line;
        var reader = new Utf8JsonReader(_buffer.Unread, isFinalBlock: false, state: default);
        if (!reader.Read())
            return false;

        return reader.TokenType == JsonTokenType.StartArray ? TryArray(ref reader) : TryWrapper(ref reader);
    }

    /// <summary>Enters an array. PowerShell makes a list in a list of a list with a comma before it.</summary>
    private bool TryArray(ref Utf8JsonReader reader)
    {
        Utf8JsonReader inner = reader;
        if (!inner.Read())
            return false;

        if (inner.TokenType != JsonTokenType.StartArray)
            return Enter(Part.Array, ref reader);

        Utf8JsonReader first = inner;
        if (!first.Read())
            return false;

        _isNested = first.TokenType is JsonTokenType.StartObject or JsonTokenType.EndArray;
        return _isNested ? Enter(Part.Array, ref inner) : Enter(Part.Array, ref reader);
    }

    // A page may have annotations before its list, and so may a user.
    private bool TryWrapper(ref Utf8JsonReader reader)
    {
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
                return Enter(Part.Objects, ref reader);

            if (JsonText.IsOneOf(ref reader, s_lists))
                return TryList(ref reader);

            if (JsonText.Is(ref reader, "schemas"u8))
                _isScimList = true;
            else if (!reader.ValueSpan.StartsWith("@"u8) && !JsonText.IsOneOf(ref reader, [.. s_totals, "itemsPerPage", "startIndex"]))
                return Enter(Part.Objects, ref reader);

            if (!TryAnnotation(ref reader))
                return false;
        }

        return false;
    }

    /// <param name="reader">On the name of a property that may hold the list.</param>
    private bool TryList(ref Utf8JsonReader reader)
    {
        bool isValue = JsonText.Is(ref reader, "value"u8);
        if (!reader.Read())
            return false;

        if (reader.TokenType != JsonTokenType.StartArray)
            return Enter(Part.Objects, ref reader);

        Utf8JsonReader first = reader;
        if (!first.Read())
            return false;

        _isPage = isValue || first.TokenType is JsonTokenType.StartObject or JsonTokenType.EndArray;
        if (_isPage && _isScimList)
        {
            throw new SourceException(
                "SourceFormatUnknown",
                $"'{path}' is a list of SCIM users. Their ids are TravelPerk's and not those of the directory, "
                    + "so they cannot be a source. Export the users of Entra."
            );
        }

        return Enter(_isPage ? Part.Array : Part.Objects, ref reader);
    }

    private bool Enter(Part part, ref Utf8JsonReader reader)
    {
        _part = part;
        if (part != Part.Objects)
            Consume(ref reader);

        return true;
    }

    private void Consume(ref Utf8JsonReader reader)
    {
        _buffer.Consume(reader.BytesConsumed);
        _state = reader.CurrentState;
    }

    /// <param name="reader">On the name of a property of the page.</param>
    private bool TryAnnotation(ref Utf8JsonReader reader)
    {
        bool isNextLink = JsonText.Is(ref reader, "@odata.nextLink"u8);
        bool isDeltaLink = JsonText.Is(ref reader, "@odata.deltaLink"u8);
        bool isTotal = JsonText.IsOneOf(ref reader, s_totals);
        if (!JsonText.TryReadValue(ref reader))
            return false;

        bool isText = reader.TokenType == JsonTokenType.String;
        _isOneOfMany |= isNextLink && isText;
        _isDelta |= isDeltaLink && isText;
        if (isTotal && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long total))
            _total = total;

        return true;
    }

    private bool TryElement(out SourceItem? item)
    {
        item = null;
        _current = _read + 1;
        var reader = new Utf8JsonReader(_buffer.Unread, isFinalBlock: false, _state);
        if (!reader.Read())
            return false;

        if (reader.TokenType == JsonTokenType.EndArray)
        {
            Part afterArray = _isPage ? Part.PageEnd : Part.End;
            return Enter(_isNested ? Part.ArraysEnd : afterArray, ref reader);
        }

        Line = _buffer.LineAt(reader.TokenStartIndex);
        if (!_user.TryRead(ref reader, this, out item))
            return false;

        Consume(ref reader);
        _read = _current;
        return true;
    }

    /// <summary>Reads on behind a list in a list: another list, or the end of the outer list.</summary>
    private bool TryArraysEnd()
    {
        var reader = new Utf8JsonReader(_buffer.Unread, isFinalBlock: false, _state);
        if (!reader.Read())
            return false;

        if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.EndArray)
            return Enter(reader.TokenType == JsonTokenType.StartArray ? Part.Array : Part.End, ref reader);

        throw new JsonException("The outer list holds something else than lists.");
    }

    private bool TryPageEnd()
    {
        var reader = new Utf8JsonReader(_buffer.Unread, isFinalBlock: false, _state);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject)
                return Enter(Part.End, ref reader);

            if (!TryAnnotation(ref reader))
                return false;
        }

        return false;
    }

    private bool TryEnd()
    {
        _buffer.SkipWhiteSpace();
        if (_buffer.Unread.Length > 0)
            (_cutOff, Line) = ("There is more after the end of the JSON", _buffer.Line);

        return false;
    }

    private bool TryObject(out SourceItem? item)
    {
        item = null;
        _buffer.SkipWhiteSpace();
        if (_buffer.Unread.IsEmpty)
            return false;

        _user.Clear();
        Line = _stateLine = _buffer.Line;
        var reader = new Utf8JsonReader(_buffer.Unread, isFinalBlock: false, state: default);
        try
        {
            if (!reader.Read() || !_user.TryRead(ref reader, this, out item))
                return false;

            _buffer.Consume(reader.BytesConsumed);
            _read++;
            return true;
        }
        catch (JsonException) when (LineLength() is > 0 and var length)
        {
            _buffer.Consume(length);
            // Where bytes were lost across a line end, the line holds two users, and the id that was read belongs to one of the two.
            item = new SourceFault(
                Position,
                "The line is not one JSON object, so whose it is cannot be known. Correct it, or export the users again."
            );
            return true;
        }
        catch (JsonException) when (!_buffer.HasLineEnd && !_buffer.AtEnd)
        {
            return false;
        }
    }

    /// <summary>Length of the line, if a spoilt object ends with its line; 0 if objects span lines.</summary>
    private int LineLength()
    {
        int length = _buffer.Unread.IndexOf((byte)'\n') + 1;
        return length > 0 && !_buffer.Unread[..length].Trim(" \t\r\n"u8).SequenceEqual("{"u8) ? length : 0;
    }
}

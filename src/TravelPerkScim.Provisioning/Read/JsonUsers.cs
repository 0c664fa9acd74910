using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using TravelPerkScim.Mapping;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>
/// Users as JSON: an array, a Graph page (<c>{"value":[...]}</c>), or objects one after another (JSON Lines).
/// Objects are read one at a time from the bytes at hand, never the whole file.
/// </summary>
internal sealed class JsonUsers(Stream utf8, SourceLayout layout) : IUserReader
{
    /// <summary>Bytes. Above this an object is not a user, whatever it is.</summary>
    private const int LargestObject = 16 * 1024 * 1024;

    private readonly JsonBuffer _buffer = new(utf8);
    private readonly JsonUserObject _user = new(layout);
    private Part _part = Part.Start;
    private JsonReaderState _state;
    private int _stateLine;
    private long _read;
    private long _current;
    private bool _isPage;
    private bool _isOneOfMany;
    private bool _isDelta;
    private string? _cutOff;

    private enum Part
    {
        Start,
        Array,
        PageEnd,
        Objects,
        End,
    }

    public int Line { get; private set; } = 1;

    /// <summary>An array may be all on one line, so its objects are counted too.</summary>
    public string Position => _part == Part.Array
        ? string.Create(CultureInfo.InvariantCulture, $"line {Line}, object {_current}")
        : string.Create(CultureInfo.InvariantCulture, $"line {Line}");

    public async IAsyncEnumerable<SourceItem> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var more = true;
        while (more && _cutOff is null)
        {
            cancellationToken.ThrowIfCancellationRequested();
            more = await _buffer.FillAsync(cancellationToken).ConfigureAwait(false);
            while (_cutOff is null && TryStep(out var item))
            {
                if (item is not null)
                    yield return item;
            }

            if (_buffer.Unread.Length > LargestObject)
                _cutOff = "An object is larger than 16 MB";
        }

        _buffer.SkipWhiteSpace();
        if (_cutOff is null && (_part is not (Part.Objects or Part.End) || _buffer.Unread.Length > 0))
            (_cutOff, Line) = ("The file ends before its JSON does", _buffer.LineAt(_buffer.Unread.Length));
        else if (_isOneOfMany)
            _cutOff = "The file is one page of many (it has an @odata.nextLink)";

        yield return _cutOff is null
            ? new SourceEnd(FullRead: !_isDelta, Watermark: null, TotalRead: 0)
            : new SourceFault(Position, $"{_cutOff}, so who is absent is not known. Export all users again.");
    }

    /// <summary>Goes on by one object, or by one part of what is around them. False when that takes more bytes.</summary>
    private bool TryStep(out SourceItem? item)
    {
        item = null;
        try
        {
            return _part switch
            {
                Part.Start => TryStart(),
                Part.Array => TryElement(out item),
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

        if (reader.TokenType == JsonTokenType.StartArray)
            return Enter(Part.Array, ref reader);

        // A page may say things about itself before its value; a user may begin with annotations too.
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("value"u8))
            {
                if (!reader.Read())
                    return false;

                _isPage = reader.TokenType == JsonTokenType.StartArray;
                return Enter(_isPage ? Part.Array : Part.Objects, ref reader);
            }

            if (reader.TokenType != JsonTokenType.PropertyName || !reader.ValueSpan.StartsWith("@"u8))
                return Enter(Part.Objects, ref reader);

            if (!TryAnnotation(ref reader))
                return false;
        }

        return false;
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
        var isNextLink = reader.ValueTextEquals("@odata.nextLink"u8);
        var isDeltaLink = reader.ValueTextEquals("@odata.deltaLink"u8);
        if (!reader.Read() || !reader.TrySkip())
            return false;

        _isOneOfMany |= isNextLink && reader.TokenType == JsonTokenType.String;
        _isDelta |= isDeltaLink && reader.TokenType == JsonTokenType.String;
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
            return Enter(_isPage ? Part.PageEnd : Part.End, ref reader);

        Line = _buffer.LineAt(reader.TokenStartIndex);
        if (!_user.TryRead(ref reader, this, out item))
            return false;

        Consume(ref reader);
        _read = _current;
        return true;
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
            return true;
        }
        catch (JsonException) when (LineLength() is > 0 and var length)
        {
            _buffer.Consume(length);
            item = new SourceFault(Position, "The line is not one JSON object.", _user.Anchor);
            return true;
        }
        catch (JsonException) when (!_buffer.HasLineEnd && !_buffer.AtEnd)
        {
            return false;
        }
    }

    /// <summary>Length of the line, if it is one that a spoilt object can be told by; 0 if objects span lines.</summary>
    private int LineLength()
    {
        var length = _buffer.Unread.IndexOf((byte)'\n') + 1;
        return length > 0 && !_buffer.Unread[..length].Trim(" \t\r\n"u8).SequenceEqual("{"u8) ? length : 0;
    }
}

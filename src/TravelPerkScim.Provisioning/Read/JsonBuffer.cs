namespace TravelPerkScim.Provisioning.Read;

/// <summary>The bytes of a JSON file that are read and not yet consumed, with the line they begin on.</summary>
internal sealed class JsonBuffer(Stream utf8)
{
    private byte[] _bytes = new byte[128 * 1024];
    private int _start;
    private int _end;

    /// <summary>1-based line of the first byte of <see cref="Unread"/>.</summary>
    public int Line { get; private set; } = 1;

    public ReadOnlySpan<byte> Unread => _bytes.AsSpan(_start, _end - _start);

    /// <summary>The file has no more bytes.</summary>
    public bool AtEnd { get; private set; }

    public bool HasLineEnd => Unread.Contains((byte)'\n');

    public int LineAt(long offset) => Line + Unread[..(int)offset].Count((byte)'\n');

    public void Consume(long count)
    {
        Line = LineAt(count);
        _start += (int)count;
    }

    public void SkipWhiteSpace() => Consume(Unread.IndexOfAnyExcept(" \t\r\n"u8) is >= 0 and var next ? next : Unread.Length);

    /// <summary>Reads more bytes behind <see cref="Unread"/>. False at the end of the file.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        int unread = _end - _start;
        byte[] into = unread > _bytes.Length / 2 ? new byte[_bytes.Length * 2] : _bytes;
        Buffer.BlockCopy(_bytes, _start, into, 0, unread);
        (_bytes, _start, _end) = (into, 0, unread);
        int read = await utf8.ReadAtLeastAsync(_bytes.AsMemory(_end), _bytes.Length - _end, throwOnEndOfStream: false, cancellationToken)
            .ConfigureAwait(false);
        _end += read;
        AtEnd = read == 0;
        return !AtEnd;
    }
}

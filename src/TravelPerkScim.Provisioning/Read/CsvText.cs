using System.Buffers;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>The text that CsvHelper reads. The class passes a cancellation token to the reads, because CsvHelper takes none. It also
/// remembers whether the file is at its end, and whether it had control characters.</summary>
internal sealed class CsvText(StreamReader text, CancellationToken cancellationToken) : TextReader
{
    private static readonly SearchValues<char> s_controls = SearchValues.Create([
        .. Enumerable.Range(0, ' ').Select(c => (char)c).Where(c => c is not ('\t' or '\r' or '\n')),
        '\u007F',
    ]);

    /// <summary>The parser asked for more text and the file had none. The parser's present record is the last one, and has no line
    /// end.</summary>
    public bool AtEnd { get; private set; }

    /// <summary>The text that was read so far has control characters other than tabulators and line ends.</summary>
    public bool HasControls { get; private set; }

    /// <summary>The text has control characters other than tabulators and line ends, as a crash or a broken copy leaves them.</summary>
    public static bool IsSpoilt(ReadOnlySpan<char> text) => text.ContainsAny(s_controls);

    public override int Read(char[] buffer, int index, int count) => throw new NotSupportedException("Only read asynchronously.");

    public override async Task<int> ReadAsync(char[] buffer, int index, int count)
    {
        int read = await text.ReadAsync(buffer.AsMemory(index, count), cancellationToken).ConfigureAwait(false);
        AtEnd = read == 0;
        HasControls |= IsSpoilt(buffer.AsSpan(index, read));
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            text.Dispose();

        base.Dispose(disposing);
    }
}

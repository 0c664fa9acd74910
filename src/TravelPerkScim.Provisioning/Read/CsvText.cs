using System.Buffers;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>What CsvHelper reads from: carries the cancellation it does not take, and remembers that the text is at its end, and whether it
/// has been text so far.</summary>
internal sealed class CsvText(StreamReader text, CancellationToken cancellationToken) : TextReader
{
    private static readonly SearchValues<char> s_controls = SearchValues.Create([
        .. Enumerable.Range(0, ' ').Select(c => (char)c).Where(c => c is not ('\t' or '\r' or '\n')),
        '\u007F',
    ]);

    /// <summary>The parser asked for more and there was none: the record it was in the middle of is the last, and has no line
    /// end.</summary>
    public bool AtEnd { get; private set; }

    /// <summary>Some of what was read is no text: control characters beside tabulators and line ends.</summary>
    public bool HasControls { get; private set; }

    /// <summary>The text has control characters beside tabulators and line ends, as a crash or a broken copy leaves them.</summary>
    public static bool IsSpoilt(ReadOnlySpan<char> text) => text.ContainsAny(s_controls);

    public override int Read(char[] buffer, int index, int count) => throw new NotSupportedException("Only read asynchronously.");

    public override async Task<int> ReadAsync(char[] buffer, int index, int count)
    {
        var read = await text.ReadAsync(buffer.AsMemory(index, count), cancellationToken).ConfigureAwait(false);
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

namespace TravelPerkScim.Provisioning.Read;

/// <summary>What CsvHelper reads from: carries the cancellation it does not take, and remembers that the text is at its end.</summary>
internal sealed class CsvText(StreamReader text, CancellationToken cancellationToken) : TextReader
{
    /// <summary>The parser asked for more and there was none: the record it was in the middle of is the last, and has no line end.</summary>
    public bool AtEnd { get; private set; }

    public override int Read(char[] buffer, int index, int count) => throw new NotSupportedException("Only read asynchronously.");

    public override async Task<int> ReadAsync(char[] buffer, int index, int count)
    {
        var read = await text.ReadAsync(buffer.AsMemory(index, count), cancellationToken).ConfigureAwait(false);
        AtEnd = read == 0;
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            text.Dispose();

        base.Dispose(disposing);
    }
}

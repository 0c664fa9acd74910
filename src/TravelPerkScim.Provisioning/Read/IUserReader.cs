namespace TravelPerkScim.Provisioning.Read;

/// <summary>The reader of one file format. It yields users and faults, and <see cref="SourceEnd"/> only if the file came to its proper end.
/// The caller finds duplicates and counts.</summary>
internal interface IUserReader
{
    /// <summary>The beginning of the item that was yielded last, in words.</summary>
    string Position { get; }

    /// <summary>1-based line of the item that was yielded last.</summary>
    int Line { get; }

    /// <summary>The format shows when a file was cut off, also at a line end.</summary>
    bool HasEndMark { get; }

    /// <summary>The item that was yielded last says that the file does not come to its proper end.</summary>
    bool IsCutOff { get; }

    IAsyncEnumerable<SourceItem> ReadAsync(CancellationToken cancellationToken);
}

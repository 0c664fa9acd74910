namespace TravelPerkScim.Provisioning.Read;

/// <summary>One file format. Yields users and faults, then <see cref="SourceEnd"/> only if the file came to its proper end; duplicates and
/// totals are the caller's.</summary>
internal interface IUserReader
{
    /// <summary>Where the item last yielded begins, in words.</summary>
    string Position { get; }

    /// <summary>1-based line of the item last yielded.</summary>
    int Line { get; }

    /// <summary>A file cut off anywhere shows it, also at a line end.</summary>
    bool HasEndMark { get; }

    /// <summary>The item last yielded says that the file does not come to its proper end.</summary>
    bool IsCutOff { get; }

    IAsyncEnumerable<SourceItem> ReadAsync(CancellationToken cancellationToken);
}

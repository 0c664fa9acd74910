using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Benchmarks;

/// <summary>A source that makes its users while they are read and keeps none.</summary>
internal sealed class MadeUpSource(int count) : IDirectorySource
{
    public string DisplayName => "made-up users";

    public async IAsyncEnumerable<SourceItem> ReadAsync(
        SourceLayout layout,
        string? watermark,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await Task.CompletedTask;
        for (int number = 0; number < count; number++)
            yield return new SourceEntry(MadeUpUsers.Make(number, layout));
        yield return new SourceEnd(FullRead: true, Watermark: null, count);
    }

    public IAsyncEnumerable<SourceItem> FindAsync(
        SourceLayout layout,
        IReadOnlyList<string> identities,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException("Nobody is asked for by name in an unchanged cycle.");
}

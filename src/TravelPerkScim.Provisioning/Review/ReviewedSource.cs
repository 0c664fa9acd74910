using System.Runtime.CompilerServices;
using TravelPerkScim.Mapping;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Provisioning.Review;

/// <summary>
/// The source as a reviewer saw it: a cycle that reads everybody disables who is absent, and asking for the same user may tell that they were deleted for good.
/// Nobody reviewed a delete, so such a user stays an absence.
/// </summary>
internal sealed class ReviewedSource(IDirectorySource source, IReadOnlySet<string> absent) : IDirectorySource
{
    public string DisplayName => source.DisplayName;

    public IAsyncEnumerable<SourceItem> ReadAsync(SourceLayout layout, string? watermark, CancellationToken cancellationToken) =>
        source.ReadAsync(layout, watermark, cancellationToken);

    public async IAsyncEnumerable<SourceItem> FindAsync(SourceLayout layout, IReadOnlyList<string> identities, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (SourceItem item in source.FindAsync(layout, identities, cancellationToken).ConfigureAwait(false))
            yield return item is SourceRemoval removal && absent.Contains(removal.Anchor) ? new SourceAbsence(removal.Anchor, "The source user was permanently deleted.") : item;
    }
}

using System.Runtime.CompilerServices;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Provisioning.Review;

/// <summary>
/// The source as a reviewer saw it. A cycle that reads the whole source disables an absent user. A look-up of the same user may say that
/// the user was permanently deleted. The review had no delete, so such a user stays an absence.
/// </summary>
/// <param name="source">The source as it is.</param>
/// <param name="absent">Users whose absence was reviewed.</param>
/// <param name="deleted">Users whose permanent deletion was reviewed. The source said so at that time, and says so only once.</param>
internal sealed class ReviewedSource(IDirectorySource source, IReadOnlySet<string> absent, IReadOnlySet<string> deleted) : IDirectorySource
{
    public string DisplayName => source.DisplayName;

    public IAsyncEnumerable<SourceItem> ReadAsync(SourceLayout layout, string? watermark, CancellationToken cancellationToken) =>
        source.ReadAsync(layout, watermark, cancellationToken);

    public async IAsyncEnumerable<SourceItem> FindAsync(
        SourceLayout layout,
        IReadOnlyList<string> identities,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (SourceItem item in source.FindAsync(layout, identities, cancellationToken).ConfigureAwait(false))
            yield return AsReviewed(item);
    }

    // An absence needs two proofs: the reviewed plan is one, and the look-up that finds nothing is the other.
    private SourceItem AsReviewed(SourceItem item) =>
        item switch
        {
            SourceRemoval { Anchor: var anchor } when absent.Contains(anchor) => new SourceAbsence(
                anchor,
                "The source user was permanently deleted."
            ),
            SourceNotFound { Anchor: var anchor } when absent.Contains(anchor) => new SourceAbsence(
                anchor,
                "The source no longer lists the user."
            ),
            SourceNotFound { Anchor: var anchor } when deleted.Contains(anchor) => new SourceRemoval(anchor),
            _ => item,
        };
}

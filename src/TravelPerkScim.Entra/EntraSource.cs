using System.Runtime.CompilerServices;
using TravelPerkScim.Mapping;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra;

/// <summary>Microsoft Entra ID, read through Microsoft Graph.</summary>
public sealed class EntraSource(EntraDirectory directory, EntraSourceSettings settings) : IDirectorySource
{
    public string DisplayName => directory.DisplayName;

    public async IAsyncEnumerable<SourceItem> ReadAsync(SourceLayout layout, string? watermark, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _ = settings;
        await Task.CompletedTask.ConfigureAwait(false);
        yield break;
    }

    public IAsyncEnumerable<SourceItem> FindAsync(SourceLayout layout, IReadOnlyList<string> identities, CancellationToken cancellationToken) => ReadAsync(layout, null, cancellationToken);
}

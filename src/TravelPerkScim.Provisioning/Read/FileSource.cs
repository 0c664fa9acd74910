using TravelPerkScim.Mapping;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>A directory file: CSV as the Entra admin center writes it, JSON or JSON Lines as Microsoft Graph returns users.</summary>
public sealed class FileSource(string path) : IDirectorySource
{
    public string DisplayName => Path.GetFileName(path);

    public IAsyncEnumerable<SourceItem> ReadAsync(SourceLayout layout, string? watermark, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}

namespace TravelPerkScim.Entra.Hosting;

/// <summary>An application of Microsoft's gallery, from which a tenant makes its own.</summary>
/// <param name="Id">Its id, the same in every tenant.</param>
/// <param name="DisplayName">Its name in the gallery.</param>
/// <param name="Publisher">Who put it there.</param>
public sealed record GalleryTemplate(string Id, string DisplayName, string? Publisher);

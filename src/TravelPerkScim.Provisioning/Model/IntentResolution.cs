namespace TravelPerkScim.Provisioning.Model;

/// <summary>What became of creates whose outcome is not known.</summary>
/// <param name="Created">Anchor to the TravelPerk id of the user that was created.</param>
/// <param name="NotCreated">Anchors of creates that were not carried out.</param>
/// <param name="StillUnknown">Anchors of creates whose outcome is still unknown.</param>
/// <param name="Warning">Why the outcome could not be found out; null when it was found out.</param>
internal sealed record IntentResolution(
    IReadOnlyDictionary<string, string> Created,
    IReadOnlyList<string> NotCreated,
    IReadOnlySet<string> StillUnknown,
    string? Warning
);

namespace TravelPerkScim.Provisioning.Model;

/// <summary>What became of creates whose outcome is not known.</summary>
/// <param name="Created">Anchor to the TravelPerk id of the user that was created.</param>
/// <param name="NotCreated">Anchors of creates that were not carried out.</param>
/// <param name="StillUnknown">Anchors of creates of which neither is known.</param>
/// <param name="Warning">Why it could not be found out; null when it was.</param>
internal sealed record IntentResolution(
    IReadOnlyDictionary<string, string> Created,
    IReadOnlyList<string> NotCreated,
    IReadOnlySet<string> StillUnknown,
    string? Warning
);

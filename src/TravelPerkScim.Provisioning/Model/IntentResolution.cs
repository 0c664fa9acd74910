namespace TravelPerkScim.Provisioning.Model;

/// <summary>What became of creates whose outcome is not known.</summary>
/// <param name="Adopted">Anchor to the TravelPerk id of the user that was created.</param>
/// <param name="Void">Anchors of creates that were not carried out.</param>
/// <param name="Open">Anchors of creates of which neither is known.</param>
/// <param name="Warning">Why it could not be found out; null when it was.</param>
internal sealed record IntentResolution(
    IReadOnlyDictionary<string, string> Adopted,
    IReadOnlyList<string> Void,
    IReadOnlySet<string> Open,
    string? Warning
);

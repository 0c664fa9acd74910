namespace TravelPerkScim.PowerShell.Connection;

/// <summary>The SCIM addresses of TravelPerk's own services.</summary>
internal static class TravelPerkAddress
{
    /// <summary>The address of an environment; Production's for Custom.</summary>
    public static Uri Of(TravelPerkEnvironment environment) =>
        new(
            environment == TravelPerkEnvironment.Sandbox ? "https://app.sandbox-perk.com/api/v2/scim/" : "https://app.perk.com/api/v2/scim/"
        );
}

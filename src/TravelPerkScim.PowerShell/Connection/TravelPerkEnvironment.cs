namespace TravelPerkScim.PowerShell.Connection;

/// <summary>The TravelPerk environments.</summary>
public enum TravelPerkEnvironment
{
    /// <summary>The service with which companies book, <c>https://app.perk.com/api/v2/scim/</c>.</summary>
    Production,

    /// <summary>TravelPerk's own test service, <c>https://app.sandbox-perk.com/api/v2/scim/</c>.</summary>
    Sandbox,

    /// <summary>Any other address, given as a URI or by an embedded sandbox.</summary>
    Custom,
}

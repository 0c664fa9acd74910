namespace TravelPerkScim.PowerShell.Connection;

/// <summary>Which TravelPerk a connection leads to.</summary>
public enum TravelPerkEnvironment
{
    /// <summary>The service companies book with, <c>https://app.perk.com/api/v2/scim/</c>.</summary>
    Production,

    /// <summary>TravelPerk's own test service, <c>https://app.sandbox-perk.com/api/v2/scim/</c>.</summary>
    Sandbox,

    /// <summary>Any other address, given as a URI or by an embedded sandbox.</summary>
    Custom,
}

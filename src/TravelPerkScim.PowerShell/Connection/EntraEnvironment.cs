namespace TravelPerkScim.PowerShell.Connection;

/// <summary>Microsoft's clouds, by the names that Connect-MgGraph uses.</summary>
public enum EntraEnvironment
{
    /// <summary>The cloud of nearly every tenant, <c>https://graph.microsoft.com</c>.</summary>
    Global,

    /// <summary>US Government L4 (GCC High), <c>https://graph.microsoft.us</c>.</summary>
    USGov,

    /// <summary>US Government L5 (DoD), <c>https://dod-graph.microsoft.us</c>.</summary>
    USGovDoD,

    /// <summary>China, operated by 21Vianet, <c>https://microsoftgraph.chinacloudapi.cn</c>.</summary>
    China,
}

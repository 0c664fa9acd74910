using Azure.Identity;

namespace TravelPerkScim.Entra.Connection;

/// <summary>One of Microsoft's clouds: where Graph answers and where sign-in happens. Source: "National cloud deployments" in the Microsoft
/// Graph documentation.</summary>
/// <param name="GraphEndpoint">Root of Graph, without a version.</param>
/// <param name="AuthorityHost">Where tokens come from.</param>
public sealed record EntraCloud(Uri GraphEndpoint, Uri AuthorityHost)
{
    /// <summary>The cloud that nearly every tenant is in.</summary>
    public static EntraCloud Global { get; } = new(new Uri("https://graph.microsoft.com"), AzureAuthorityHosts.AzurePublicCloud);

    /// <summary>US Government, L4 (GCC High).</summary>
    public static EntraCloud USGov { get; } = new(new Uri("https://graph.microsoft.us"), AzureAuthorityHosts.AzureGovernment);

    /// <summary>US Government, L5 (DoD).</summary>
    public static EntraCloud USGovDoD { get; } = new(new Uri("https://dod-graph.microsoft.us"), AzureAuthorityHosts.AzureGovernment);

    /// <summary>China, operated by 21Vianet.</summary>
    public static EntraCloud China { get; } = new(new Uri("https://microsoftgraph.chinacloudapi.cn"), AzureAuthorityHosts.AzureChina);
}

using TravelPerkScim.Entra.Connection;
using TravelPerkScim.Entra.Http;

namespace TravelPerkScim.Entra.Hosting;

/// <summary>What the requests about an enterprise application are for.</summary>
internal static class ApplicationNeeds
{
    private const string Application = "the enterprise application";

    /// <param name="action">The action, such as <c>reading the roles of the enterprise application</c>.</param>
    public static GraphNeed Read(string action) => new(EntraPermissions.Applications, Application) { Action = action };

    /// <param name="action">The action, such as <c>making a signing certificate</c>.</param>
    public static GraphNeed Write(string action) => new(EntraPermissions.ApplicationsWrite, Application) { Action = action };
}

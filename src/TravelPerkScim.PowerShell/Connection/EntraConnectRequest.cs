using System.Security;
using System.Security.Cryptography.X509Certificates;

namespace TravelPerkScim.PowerShell.Connection;

/// <summary>The parameters of Connect-EntraDirectory.</summary>
internal sealed class EntraConnectRequest
{
    /// <summary>Name of the way to sign in.</summary>
    public required string Authentication { get; init; }

    public string? TenantId { get; init; }

    public string? ClientId { get; init; }

    /// <summary>The client secret or the access token; the caller keeps it.</summary>
    public SecureString? Secret { get; init; }

    public X509Certificate2? Certificate { get; init; }

    /// <summary>Names of further Graph permissions that a person is asked to consent to.</summary>
    public IReadOnlyList<string> Permissions { get; init; } = [];

    public EntraEnvironment Environment { get; init; }

    public Uri? GraphEndpoint { get; init; }

    public required Func<string, Task> ShowDeviceCode { get; init; }
}

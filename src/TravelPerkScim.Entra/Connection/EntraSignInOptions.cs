using System.Security;
using System.Security.Cryptography.X509Certificates;
using Azure.Core.Pipeline;

namespace TravelPerkScim.Entra.Connection;

/// <summary>Who signs in to Entra, and how.</summary>
public sealed class EntraSignInOptions
{
    /// <summary>Microsoft Graph Command Line Tools, which Microsoft registers in every tenant and Connect-MgGraph uses too.</summary>
    public const string CommandLineToolsClientId = "14d82eec-204b-4c2f-b7e8-296a70dab67e";

    /// <summary>How to sign in.</summary>
    public required EntraSignInKind Kind { get; init; }

    /// <summary>The tenant's id or one of its domains. An application needs it; a person signs in to the tenant of the account.</summary>
    public string? TenantId { get; init; }

    /// <summary>The application that signs in. Default for a person: <see cref="CommandLineToolsClientId"/>; for a managed identity: the
    /// resource's own.</summary>
    public string? ClientId { get; init; }

    /// <summary>The client secret or the access token. It is copied; the caller keeps its own.</summary>
    public SecureString? Secret { get; init; }

    /// <summary>The certificate, with its private key.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Which of Microsoft's clouds. Default: the global one.</summary>
    public EntraCloud Cloud { get; init; } = EntraCloud.Global;

    /// <summary>Shows a person the sentence with address and code, for <see cref="EntraSignInKind.DeviceCode"/>.</summary>
    public Func<string, Task>? ShowDeviceCode { get; init; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Names of Graph permissions that a person is asked to consent to beside those that a job reads with.</summary>
    public IReadOnlyList<string> MorePermissions { get; init; } = [];

    internal HttpPipelineTransport? Transport { get; init; }

    /// <summary>A person consents to what the tools' application asks for; an own application was given its permissions by an
    /// administrator.</summary>
    internal string[] Scopes =>
        IsPerson && (ClientId is null || MorePermissions.Count > 0)
            ?
            [
                .. EntraPermissions
                    .All.Select(need => need.Least)
                    .Concat(MorePermissions)
                    .Distinct(StringComparer.OrdinalIgnoreCase)
                    .Select(name => new Uri(Cloud.GraphEndpoint, name).AbsoluteUri),
            ]
            : [new Uri(Cloud.GraphEndpoint, ".default").AbsoluteUri];

    internal bool IsPerson => Kind is EntraSignInKind.InteractiveBrowser or EntraSignInKind.DeviceCode;
}

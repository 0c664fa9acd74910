using System.Security;
using Azure.Core;
using Azure.Identity;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Entra.Connection;

/// <summary>Makes Azure.Identity's credential for a way to sign in.</summary>
internal static class CredentialFactory
{
    /// <param name="options">How to sign in.</param>
    /// <param name="secret">The client secret or access token, as long as the connection lives.</param>
    public static TokenCredential Open(EntraSignInOptions options, SecureString? secret) =>
        options.Kind switch
        {
            EntraSignInKind.InteractiveBrowser => new InteractiveBrowserCredential(
                With(
                    options,
                    new InteractiveBrowserCredentialOptions
                    {
                        TenantId = options.TenantId,
                        ClientId = options.ClientId ?? EntraSignInOptions.CommandLineToolsClientId,
                        DisableAutomaticAuthentication = true,
                    }
                )
            ),
            EntraSignInKind.DeviceCode => new DeviceCodeCredential(
                With(
                    options,
                    new DeviceCodeCredentialOptions
                    {
                        TenantId = options.TenantId,
                        ClientId = options.ClientId ?? EntraSignInOptions.CommandLineToolsClientId,
                        DisableAutomaticAuthentication = true,
                        DeviceCodeCallback = (code, _) => options.ShowDeviceCode?.Invoke(code.Message) ?? Task.CompletedTask,
                    }
                )
            ),
            EntraSignInKind.ClientSecret => new ClientSecretCredential(
                options.TenantId,
                options.ClientId,
                SecretText.RevealTrimmed(secret!),
                With(options, new ClientSecretCredentialOptions())
            ),
            EntraSignInKind.Certificate => new ClientCertificateCredential(
                options.TenantId,
                options.ClientId,
                options.Certificate,
                With(options, new ClientCertificateCredentialOptions())
            ),
            EntraSignInKind.ManagedIdentity => new ManagedIdentityCredential(
                With(
                    options,
                    new ManagedIdentityCredentialOptions(
                        options.ClientId is null
                            ? ManagedIdentityId.SystemAssigned
                            : ManagedIdentityId.FromUserAssignedClientId(options.ClientId)
                    )
                )
            ),
            EntraSignInKind.WorkloadIdentity => new WorkloadIdentityCredential(Workload(options)),
            _ => new StaticTokenCredential(secret!, options.Time),
        };

    // A value that is not given comes from the environment variables that the cluster sets. To assign null would lose that value.
    private static WorkloadIdentityCredentialOptions Workload(EntraSignInOptions options)
    {
        WorkloadIdentityCredentialOptions workload = With(options, new WorkloadIdentityCredentialOptions());
        workload.TenantId = options.TenantId ?? workload.TenantId;
        workload.ClientId = options.ClientId ?? workload.ClientId;
        return workload;
    }

    private static T With<T>(EntraSignInOptions options, T credential)
        where T : TokenCredentialOptions
    {
        credential.AuthorityHost = options.Cloud.AuthorityHost;
        credential.Diagnostics.IsLoggingEnabled = false;
        credential.Diagnostics.IsTelemetryEnabled = false;
        if (options.Transport is not null)
            credential.Transport = options.Transport;
        return credential;
    }
}

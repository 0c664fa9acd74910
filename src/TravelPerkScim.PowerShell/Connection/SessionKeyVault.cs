using System.Security;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell.Connection;

/// <summary>Azure Key Vault, for commands. The sign-in is loaded when a job names such a secret, not before.</summary>
internal sealed class SessionKeyVault : ISecretVault
{
    public Task<SecureString?> ReadAsync(string? vault, string name, CancellationToken cancellationToken) =>
        EntraConnector.ReadKeyVaultAsync(vault, name, cancellationToken);
}

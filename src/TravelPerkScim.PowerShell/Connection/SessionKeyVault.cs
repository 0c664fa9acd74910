using System.Security;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell.Connection;

/// <summary>Azure Key Vault, for commands: what signs in is loaded when a job names such a secret, and not before.</summary>
internal sealed class SessionKeyVault : ISecretVault
{
    public Task<SecureString?> ReadAsync(string? vault, string name, CancellationToken cancellationToken) =>
        EntraConnector.ReadKeyVaultAsync(vault, name, cancellationToken);
}

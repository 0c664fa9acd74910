using System.Management.Automation;
using System.Security;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.SignIn;

/// <summary>Secrets of SecretManagement vaults, through the Get-Secret that the session has. The command runs on the pipeline thread of the
/// command that needs the secret.</summary>
internal sealed class SessionVault : ISecretVault
{
    // The error id of Microsoft.PowerShell.SecretManagement when the vault works and does not have the name.
    private const string NotFound = "GetSecretNotFound";

    public async Task<SecureString?> ReadAsync(string? vault, string name, CancellationToken cancellationToken)
    {
        (object? found, string? failure) = await AsyncCmdlet.OnRunningPipelineAsync(() => Read(vault, name)).ConfigureAwait(false);
        string vaultName = vault is null ? "the default vault" : $"the vault '{vault}'";
        string place = $"'{name}' of {vaultName}";
        return failure is not null
            ? throw new ProvisioningException(
                "SecretUnreadable",
                $"The secret of the job is {place}, and Get-Secret failed: {failure} "
                    + "The command needs the module Microsoft.PowerShell.SecretManagement and a registered, unlocked vault."
            )
            : found switch
            {
                null => null,
                // The vault keeps its own object. The caller disposes of this copy.
                SecureString secret => secret.Copy(),
                PSCredential credential => credential.Password.Copy(),
                _ => throw new ProvisioningException(
                    "SecretInvalid",
                    $"The secret of the job is {place}, which is neither a secure string nor a credential. "
                        + "Write it again with Set-Secret -SecureStringSecret."
                ),
            };
    }

    /// <summary>A failure is returned, not thrown: an exception on the pipeline thread would end the command.</summary>
    private static (object? Found, string? Failure) Read(string? vault, string name)
    {
        using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        shell.AddCommand("Get-Secret").AddParameter("Name", name);
        if (vault is not null)
            shell.AddParameter("Vault", vault);
        try
        {
            object? found = shell.Invoke().FirstOrDefault()?.BaseObject;
            return (found, shell.Streams.Error.FirstOrDefault(error => !IsNotFound(error))?.Exception.Message);
        }
        catch (RuntimeException exception)
        {
            return (null, IsNotFound(exception.ErrorRecord) ? null : exception.Message);
        }
    }

    private static bool IsNotFound(ErrorRecord error) => error.FullyQualifiedErrorId.StartsWith(NotFound, StringComparison.Ordinal);
}

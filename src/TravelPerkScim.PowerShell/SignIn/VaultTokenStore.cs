using System.Management.Automation;
using System.Security;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.SignIn;

namespace TravelPerkScim.PowerShell.SignIn;

/// <summary>Refresh tokens in a SecretManagement vault, through the commands of the session. The commands run on the pipeline thread of the
/// cmdlet that needs the token.</summary>
internal sealed class VaultTokenStore(string vault) : ITokenStore
{
    // The error id of Microsoft.PowerShell.SecretManagement when the vault works and does not have the name.
    private const string NotFound = "GetSecretNotFound";

    public async Task<SecureString?> ReadAsync(string name, CancellationToken cancellationToken) =>
        await RunAsync("Get-Secret", name, null).ConfigureAwait(false) switch
        {
            null => null,
            // The vault keeps its own object. The caller disposes of this copy.
            SecureString secret => secret.Copy(),
            _ => throw Unavailable(
                $"'{name}' in the vault '{vault}' is not a secure string. Remove it with Remove-Secret and sign in again."
            ),
        };

    public Task WriteAsync(string name, SecureString refreshToken, CancellationToken cancellationToken) =>
        RunAsync("Set-Secret", name, refreshToken);

    public Task RemoveAsync(string name, CancellationToken cancellationToken) => RunAsync("Remove-Secret", name, null);

    private async Task<object?> RunAsync(string command, string name, SecureString? secret)
    {
        object? result;
        Exception? failure;
        try
        {
            (result, failure) = await AsyncCmdlet.OnRunningPipelineAsync(() => Run(command, name, secret)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw Unavailable("The command that needed the vault was stopped.");
        }

        return failure is null ? result : throw Unavailable($"{command} failed for the vault '{vault}': {failure.Message}");
    }

    /// <summary>A failure is returned, not thrown: an exception on the pipeline thread would end the command.</summary>
    private (object? Result, Exception? Failure) Run(string command, string name, SecureString? secret)
    {
        using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        shell.AddCommand(command).AddParameter("Name", name).AddParameter("Vault", vault);
        if (secret is not null)
            shell.AddParameter("Secret", secret);

        try
        {
            object? result = shell.Invoke().FirstOrDefault()?.BaseObject;
            Exception? failure = shell.Streams.Error.FirstOrDefault(error => command == "Set-Secret" || !IsNotFound(error))?.Exception;
            return (result, failure);
        }
        catch (RuntimeException exception)
        {
            return (null, IsNotFound(exception.ErrorRecord) && command == "Get-Secret" ? null : exception);
        }
    }

    private static bool IsNotFound(ErrorRecord error) => error.FullyQualifiedErrorId.StartsWith(NotFound, StringComparison.Ordinal);

    private static ScimException Unavailable(string problem) =>
        new(
            ScimFailure.SecretStore,
            "TokenStoreUnavailable",
            $"{problem} -TokenVault needs the module Microsoft.PowerShell.SecretManagement and a registered, unlocked vault. "
                + "Without a vault, sign in for this session only, or use an API key."
        );
}

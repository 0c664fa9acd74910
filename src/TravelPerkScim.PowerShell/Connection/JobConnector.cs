using System.Management.Automation;
using System.Security;
using TravelPerkScim.PowerShell.Commands;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.PowerShell.SignIn;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell;

/// <summary>Connects a job with the secrets whose places its job.json names.</summary>
internal static class JobConnector
{
    private static readonly SecretReader s_reader = new(new SessionVault());

    /// <summary>Connects to the job's target.</summary>
    /// <param name="job">The job.</param>
    /// <param name="sandboxes">The sandboxes of this session: a key may travel to them.</param>
    /// <param name="cancellationToken">Cancelled when the pipeline stops.</param>
    /// <param name="chosen">The address that the person at the prompt gave; null for none.</param>
    /// <param name="pageSize">Users to ask for at a time.</param>
    /// <param name="timeoutSec">How long to wait for one answer, in seconds.</param>
    /// <exception cref="CommandException"><c>NotConnected</c>: the job names no place. <c>TargetNotChosen</c>, <c>TargetMismatch</c>.</exception>
    /// <exception cref="Provisioning.ProvisioningException">The secret is not there or cannot be used.</exception>
    public static async Task<TravelPerkConnection> ConnectAsync(
        ProvisioningJob job, IReadOnlyList<TravelPerkSandbox> sandboxes, CancellationToken cancellationToken, Uri? chosen = null, int pageSize = 100, int timeoutSec = 100)
    {
        SecretPlace place = job.Settings.Secrets?.TravelPerk ?? throw new CommandException("NotConnected", ErrorCategory.ConnectionError,
            $"There is no connection to TravelPerk, and the job '{job.Name}' does not say where its API key is found. Run Connect-TravelPerk -ApiKey first, or say it with Set-ProvisioningJob -SecretFrom.");
        CheckTarget(job, sandboxes, chosen);
        var options = new ScimClientOptions { BaseUri = job.Target, PageSize = pageSize, RequestTimeout = TimeSpan.FromSeconds(timeoutSec) };
        ScimClient.CheckBaseUri(job.Target);
        using SecureString secret = await s_reader.ReadAsync(place, cancellationToken).ConfigureAwait(false);
        return new TravelPerkConnection(EnvironmentOf(job.Target), options, ScimCredential.ApiKey(secret), "ApiKey");
    }

    /// <summary>Signs in to the tenant that the job reads; null when the job reads a file, or names no place.</summary>
    /// <exception cref="Provisioning.ProvisioningException">The secret is not there or cannot be used.</exception>
    /// <exception cref="Provisioning.Read.SourceException">Entra refuses the sign-in.</exception>
    public static async Task<EntraDirectoryConnection?> ConnectEntraAsync(ProvisioningJob job, CancellationToken cancellationToken)
    {
        if (job.Settings is not { Source: { Type: JobSourceType.Entra, TenantId: { } tenant }, Secrets.Entra: { } place })
            return null;
        using SecureString secret = await s_reader.ReadAsync(place, cancellationToken).ConfigureAwait(false);
        var request = new EntraConnectRequest
        {
            Authentication = "ClientSecret",
            TenantId = tenant,
            ClientId = place.ClientId,
            Secret = secret.Copy(),
            ShowDeviceCode = _ => Task.CompletedTask,
        };
        return await EntraConnector.ConnectAsync(request, cancellationToken).ConfigureAwait(false);
    }

    // A job folder may come from another person, who must not choose where a key of this machine is sent.
    private static void CheckTarget(ProvisioningJob job, IReadOnlyList<TravelPerkSandbox> sandboxes, Uri? chosen)
    {
        if (chosen is not null && !IsSame(chosen, job.Target))
        {
            throw new CommandException("TargetMismatch", ErrorCategory.InvalidArgument,
                $"The job '{job.Name}' writes to {job.Target}, and -BaseUri is {chosen}. Give the job's target, or change it with Set-ProvisioningJob -Target.");
        }
        if (chosen is null && !TravelPerkHosts.IsTravelPerk(job.Target) && !sandboxes.Any(sandbox => IsSame(sandbox.BaseUri, job.Target)))
        {
            throw new CommandException("TargetNotChosen", ErrorCategory.SecurityError,
                $"The job '{job.Name}' writes to {job.Target}, which is no address of TravelPerk's, and job.json alone may not send a key there. "
                + $"If the address is right, run Connect-TravelPerk -Job '{job.Path}' -BaseUri {job.Target} first.");
        }
    }

    private static bool IsSame(Uri one, Uri other) => one.IsAbsoluteUri && other.IsAbsoluteUri
        && string.Equals(one.GetLeftPart(UriPartial.Authority), other.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase)
        && string.Equals(one.AbsolutePath.TrimEnd('/'), other.AbsolutePath.TrimEnd('/'), StringComparison.OrdinalIgnoreCase);

    private static TravelPerkEnvironment EnvironmentOf(Uri target)
    {
        foreach (TravelPerkEnvironment environment in new[] { TravelPerkEnvironment.Production, TravelPerkEnvironment.Sandbox })
        {
            if (TravelPerkHosts.AreOneService(target, ConnectTravelPerkCommand.AddressOf(environment)))
                return environment;
        }
        return TravelPerkEnvironment.Custom;
    }
}

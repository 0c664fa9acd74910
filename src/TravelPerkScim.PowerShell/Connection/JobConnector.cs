using System.Management.Automation;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.PowerShell.SignIn;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.PowerShell.Connection;

/// <summary>Connects a job with the secrets whose places its job.json names.</summary>
internal static class JobConnector
{
    private static readonly SecretReader s_reader = new(new SessionVault(), new SessionKeyVault());

    /// <summary>Connects to the job's target.</summary>
    /// <param name="job">The job.</param>
    /// <param name="allowed">Addresses beside TravelPerk's own to which a key may travel: the sandboxes of this session, and what the
    /// person at the prompt or the scheduler's command line allows.</param>
    /// <param name="cancellationToken">Cancelled when the pipeline stops.</param>
    /// <param name="chosen">The address that the person at the prompt gave; null for none.</param>
    /// <param name="pageSize">Users to ask for at a time.</param>
    /// <param name="timeoutSec">The longest wait for one answer, in seconds.</param>
    /// <exception cref="CommandException"><c>TargetMismatch</c>.</exception>
    /// <exception cref="ProvisioningException"><c>NotConnected</c>: the job names no place. <c>TargetNotChosen</c>. The secret is not there
    /// or cannot be used.</exception>
    public static async Task<TravelPerkConnection> ConnectAsync(
        ProvisioningJob job,
        IEnumerable<Uri> allowed,
        CancellationToken cancellationToken,
        Uri? chosen = null,
        int pageSize = 100,
        int timeoutSec = 100
    )
    {
        if (chosen is not null && !JobSignIn.IsSame(chosen, job.Target))
        {
            throw new CommandException(
                "TargetMismatch",
                ErrorCategory.InvalidArgument,
                $"The job '{job.Name}' writes to {job.Target}, and -BaseUri is {chosen}. "
                    + "Give the job's target, or change it with Set-ProvisioningJob -Target."
            );
        }
        ScimCredential credential = await JobSignIn
            .ReadAsync(job, s_reader, chosen is null ? allowed : [chosen], cancellationToken)
            .ConfigureAwait(false);
        var options = new ScimClientOptions
        {
            BaseUri = job.Target,
            PageSize = pageSize,
            RequestTimeout = TimeSpan.FromSeconds(timeoutSec),
        };
        return new TravelPerkConnection(EnvironmentOf(job.Target), options, credential, "ApiKey");
    }

    /// <summary>Signs in to the tenant that the job reads; null when the job reads a file or names no place of a secret.</summary>
    /// <exception cref="ProvisioningException">The secret is not there or cannot be used.</exception>
    /// <exception cref="SourceException">Entra refuses the sign-in.</exception>
    public static async Task<EntraDirectoryConnection?> ConnectEntraAsync(ProvisioningJob job, CancellationToken cancellationToken) =>
        job.Settings is { Source.Type: JobSourceType.Entra, Secrets.Entra: not null }
            ? await EntraConnector.ConnectAsync(job, s_reader, cancellationToken).ConfigureAwait(false)
            : null;

    private static TravelPerkEnvironment EnvironmentOf(Uri target)
    {
        foreach (TravelPerkEnvironment environment in new[] { TravelPerkEnvironment.Production, TravelPerkEnvironment.Sandbox })
        {
            if (TravelPerkHosts.AreOneService(target, TravelPerkAddress.Of(environment)))
                return environment;
        }
        return TravelPerkEnvironment.Custom;
    }
}

using System.Management.Automation;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Gets the provisioning job of an enterprise application that Microsoft hosts: its state, last cycle, quarantine and
/// settings.</summary>
/// <remarks>
/// <para>An application without a job gives nothing. A quarantine comes with its reason, its meaning and the way out. Credentials are never
/// shown; CredentialsSaved says whether the job has any.</para>
/// <para>Least permission: Synchronization.Read.All, and Application.Read.All to find the application. The settings are empty where the
/// sign-in may not read them.</para>
/// </remarks>
/// <example>
/// <para>See how the hosted job does</para>
/// <code>Get-EntraProvisioningJob TravelPerk</code>
/// <para>Status, last cycle and settings of the job.</para>
/// </example>
/// <example>
/// <para>See why the job is in quarantine</para>
/// <code>(Get-EntraProvisioningJob TravelPerk).Quarantine | Format-List</code>
/// <para>The reason, its meaning, and the way out.</para>
/// </example>
/// <seealso>New-EntraProvisioningJob</seealso>
/// <seealso>Restart-EntraProvisioningJob</seealso>
[Cmdlet(VerbsCommon.Get, "EntraProvisioningJob", HelpUri = HelpPages.Quarantine)]
[OutputType(typeof(EntraProvisioningJob))]
public sealed class GetEntraProvisioningJobCommand : EntraJobCommand
{
    private protected override void CheckPermissions(EntraDirectoryConnection connection) => EntraHostedJobs.RequireRead(connection);

    private protected override async Task ProcessApplicationAsync(EntraApplicationIdentity identity, CancellationToken cancellationToken)
    {
        EntraEnterpriseApplication application = await EntraHostedJobs
            .ApplicationAsync(Entra, identity, cancellationToken)
            .ConfigureAwait(false);
        foreach (EntraProvisioningJob job in await EntraHostedJobs.FindAsync(Entra, application, cancellationToken).ConfigureAwait(false))
        {
            if (identity.Job is null || identity.Job.Id == job.Id)
                await WriteObjectAsync(job).ConfigureAwait(false);
        }
    }
}

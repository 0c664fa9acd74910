using System.Management.Automation;
using TravelPerkScim.PowerShell.Jobs;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Removes the hosted provisioning job of an enterprise application.</summary>
/// <remarks>
/// <para>The schedule, the mapping and the links of the job are deleted. The application, its assignments, its credentials and the users in
/// TravelPerk stay.</para>
/// <para>Least permission: Synchronization.ReadWrite.All, and Application.Read.All to find the application.</para>
/// </remarks>
/// <example>
/// <para>Remove the job, and keep its mapping</para>
/// <code>Export-EntraProvisioningSchema TravelPerk -Path ./hosted.json
/// Remove-EntraProvisioningJob TravelPerk</code>
/// <para>Asks, then removes the job.</para>
/// </example>
/// <example>
/// <para>Remove the job in a script</para>
/// <code>Remove-EntraProvisioningJob TravelPerk -Confirm:$false</code>
/// <para>Does not ask.</para>
/// </example>
/// <seealso>Stop-EntraProvisioningJob</seealso>
/// <seealso>New-EntraProvisioningJob</seealso>
[Cmdlet(
    VerbsCommon.Remove,
    "EntraProvisioningJob",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.High,
    HelpUri = HelpPages.HostedJobs
)]
public sealed class RemoveEntraProvisioningJobCommand : EntraJobCommand
{
    private protected override async Task ProcessJobAsync(EntraProvisioningJob job, CancellationToken cancellationToken)
    {
        if (await ShouldProcessAsync(Named(job), "Remove the hosted provisioning job").ConfigureAwait(false))
            await EntraHostedJobs.RemoveAsync(Entra, job, cancellationToken).ConfigureAwait(false);
    }
}

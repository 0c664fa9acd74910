using System.Management.Automation;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Removes a job: its settings, mapping, links and log.</summary>
/// <remarks>
/// <para>Users in TravelPerk stay as they are. Only the job's own files are deleted, and its folder when nothing else is in it. A new job
/// for the same users finds them again by their matching attributes.</para>
/// </remarks>
/// <example>
/// <para>Remove a job</para>
/// <code>Remove-ProvisioningJob ./contoso</code>
/// <para>Asks, then deletes the job's files.</para>
/// </example>
/// <example>
/// <para>Remove a job in a script</para>
/// <code>Remove-ProvisioningJob ./contoso -Confirm:$false</code>
/// <para>Deletes without asking.</para>
/// </example>
/// <seealso>New-ProvisioningJob</seealso>
[Cmdlet(
    VerbsCommon.Remove,
    "ProvisioningJob",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.High,
    HelpUri = HelpPages.Cycles
)]
public sealed class RemoveProvisioningJobCommand : JobCommand
{
    private protected override async Task ProcessJobAsync(ProvisioningJob job, CancellationToken cancellationToken)
    {
        if (await ShouldProcessAsync(job.Path, "Remove the provisioning job with its links and log").ConfigureAwait(false))
            job.Delete();
    }
}

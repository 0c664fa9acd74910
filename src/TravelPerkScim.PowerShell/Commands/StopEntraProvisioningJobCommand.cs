using System.Management.Automation;
using TravelPerkScim.PowerShell.Jobs;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Stops a hosted provisioning job.</summary>
/// <remarks>
/// <para>A cycle that is under way still finishes. The state of the job stays: Start-EntraProvisioningJob continues where the job stopped.
/// An application that was authorized with OAuth must be stopped before users are provisioned on demand.</para>
/// <para>Least permission: Synchronization.ReadWrite.All, and Application.Read.All to find the application.</para>
/// </remarks>
/// <example>
/// <para>Stop the job</para>
/// <code>Stop-EntraProvisioningJob TravelPerk</code>
/// <para>No further cycle begins.</para>
/// </example>
/// <example>
/// <para>See the job that would be stopped</para>
/// <code>Get-EntraApplication TravelPerk | Stop-EntraProvisioningJob -WhatIf</code>
/// <para>Names the job, and changes nothing.</para>
/// </example>
/// <seealso>Start-EntraProvisioningJob</seealso>
[Cmdlet(VerbsLifecycle.Stop, "EntraProvisioningJob", SupportsShouldProcess = true, HelpUri = HelpPages.HostedJobs)]
public sealed class StopEntraProvisioningJobCommand : EntraJobCommand
{
    private protected override async Task ProcessJobAsync(EntraProvisioningJob job, CancellationToken cancellationToken)
    {
        if (await ShouldProcessAsync(Named(job), "Stop the hosted provisioning job").ConfigureAwait(false))
            await EntraHostedJobs.StopAsync(Entra, job, cancellationToken).ConfigureAwait(false);
    }
}

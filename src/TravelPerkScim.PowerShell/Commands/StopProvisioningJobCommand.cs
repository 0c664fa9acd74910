using System.Management.Automation;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Switches the provisioning status of a job Off.</summary>
/// <remarks>
/// <para>The counterpart of Provisioning Status Off in the Entra admin center. Invoke-Provisioning -Scheduled then does nothing. A cycle
/// that is under way still finishes. The state of the job stays: Start-ProvisioningJob continues where the job stopped.</para>
/// <para>A person can still run a cycle with Invoke-Provisioning without -Scheduled.</para>
/// </remarks>
/// <example>
/// <para>Stop a job</para>
/// <code>Stop-ProvisioningJob ./contoso</code>
/// <para>No further scheduled cycle begins.</para>
/// </example>
/// <example>
/// <para>Stop every job of a folder</para>
/// <code>Get-ProvisioningJob | Stop-ProvisioningJob -WhatIf</code>
/// <para>Names the jobs, and changes nothing.</para>
/// </example>
/// <seealso>Start-ProvisioningJob</seealso>
/// <seealso>about_TravelPerkScim_Unattended</seealso>
[Cmdlet(VerbsLifecycle.Stop, "ProvisioningJob", SupportsShouldProcess = true, HelpUri = HelpPages.Cycles)]
public sealed class StopProvisioningJobCommand : JobCommand
{
    private protected override async Task ProcessJobAsync(ProvisioningJob job, CancellationToken cancellationToken)
    {
        JobSchedule? old = job.Settings.Schedule;
        if (old is not { On: false } && await ShouldProcessAsync(job.Path, "Switch the provisioning job Off").ConfigureAwait(false))
            job.Save(job.Settings with { Schedule = (old ?? new JobSchedule()) with { On = false } });
    }
}

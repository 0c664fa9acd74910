using System.Management.Automation;
using TravelPerkScim.PowerShell.Jobs;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Starts a hosted provisioning job.</summary>
/// <remarks>
/// <para>The job then runs at the interval that Entra decides, 40 minutes as a rule. Its first cycle reads everything. The start ends a
/// quarantine.</para>
/// <para>Least permission: Synchronization.ReadWrite.All, and Application.Read.All to find the application.</para>
/// </remarks>
/// <example>
/// <para>Start the job</para>
/// <code>Start-EntraProvisioningJob TravelPerk</code>
/// <para>The first cycle begins within minutes; Get-EntraProvisioningJob shows its progress.</para>
/// </example>
/// <example>
/// <para>Start it again after a user was provisioned on demand</para>
/// <code>Start-EntraProvisioningJob TravelPerk -PassThru | Select-Object Application, Status</code>
/// <para>Shows the state after the start.</para>
/// </example>
/// <seealso>Stop-EntraProvisioningJob</seealso>
/// <seealso>Get-EntraProvisioningJob</seealso>
[Cmdlet(VerbsLifecycle.Start, "EntraProvisioningJob", SupportsShouldProcess = true, HelpUri = HelpPages.HostedJobs)]
[OutputType(typeof(EntraProvisioningJob))]
public sealed class StartEntraProvisioningJobCommand : EntraJobCommand
{
    /// <summary>Writes the job after the start.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override async Task ProcessJobAsync(EntraProvisioningJob job, CancellationToken cancellationToken)
    {
        if (!await ShouldProcessAsync(Named(job), "Start the hosted provisioning job").ConfigureAwait(false))
            return;
        await EntraHostedJobs
            .StartAsync(Entra, job, WaitProgress("Start the hosted provisioning job"), cancellationToken)
            .ConfigureAwait(false);
        if (PassThru)
            await WriteRefreshedAsync(job, cancellationToken).ConfigureAwait(false);
    }
}

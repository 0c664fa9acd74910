using System.Management.Automation;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Restarts a hosted provisioning job, and deletes parts of its state.</summary>
/// <remarks>
/// <para>Without -Scope the command does the same as "Restart provisioning" of the admin center: the next cycle reads everything, failed
/// entries are tried at once, and a quarantine ends. Links between users are kept, except with Full.</para>
/// <para>ForceDeletes is the admin center's "Allow deletes": disables and deletes that the delete threshold held back are carried out. The
/// command asks first, unless -Force or -Confirm:$false is given.</para>
/// <para>Least permission: Synchronization.ReadWrite.All, and Application.Read.All to find the application.</para>
/// </remarks>
/// <example>
/// <para>Restart as the admin center does</para>
/// <code>Restart-EntraProvisioningJob TravelPerk</code>
/// <para>After a change of mapping, scope or scoping filter.</para>
/// </example>
/// <example>
/// <para>End a quarantine only</para>
/// <code>Restart-EntraProvisioningJob TravelPerk -Scope QuarantineState</code>
/// <para>The next cycle continues where the last cycle ended.</para>
/// </example>
/// <example>
/// <para>Carry out the deletes</para>
/// <code>Get-EntraProvisioningLog TravelPerk -Action Delete -Status Staged
/// Restart-EntraProvisioningJob TravelPerk -Scope ForceDeletes</code>
/// <para>Lists the users that would be deleted, then asks and deletes them.</para>
/// </example>
/// <seealso>Get-EntraProvisioningJob</seealso>
/// <seealso>Get-EntraProvisioningLog</seealso>
[Cmdlet(VerbsLifecycle.Restart, "EntraProvisioningJob", SupportsShouldProcess = true, HelpUri = HelpPages.Quarantine)]
[OutputType(typeof(EntraProvisioningJob))]
public sealed class RestartEntraProvisioningJobCommand : EntraJobCommand
{
    /// <summary>The parts to reset: Escrows, Watermark, QuarantineState, Full, or ForceDeletes; several are possible. Without it, the parts
    /// of the admin center's restart.</summary>
    [Parameter(Position = 1)]
    public EntraRestartScope[] Scope { get; set; } = [];

    /// <summary>Carries out the deletes without asking. -Confirm:$false does the same.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the job after the restart.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override async Task ProcessJobAsync(EntraProvisioningJob job, CancellationToken cancellationToken)
    {
        EntraRestartScope scope = Scope.Aggregate(default(EntraRestartScope), (all, one) => all | one);
        string what = scope == default ? "Restart the hosted provisioning job" : $"Restart the hosted provisioning job and reset {scope}";
        if (
            !await ConfirmDeletesAsync(job, scope).ConfigureAwait(false)
            || !await ShouldProcessAsync(Named(job), what).ConfigureAwait(false)
        )
        {
            return;
        }

        await EntraHostedJobs.RestartAsync(Entra, job, scope, cancellationToken).ConfigureAwait(false);
        if (PassThru)
            await WriteRefreshedAsync(job, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> ConfirmDeletesAsync(EntraProvisioningJob job, EntraRestartScope scope) =>
        !scope.HasFlag(EntraRestartScope.ForceDeletes)
        || Force
        || Preference.DecidesQuestions(this)
        || await ShouldContinueAsync(
                $"Carry out the disables and deletes that the hosted job of '{job.Application}' held back? "
                    + "Get-EntraProvisioningLog -Status Staged lists them.",
                "Restart-EntraProvisioningJob"
            )
            .ConfigureAwait(false);
}

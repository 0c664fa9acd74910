using System.Management.Automation;
using TravelPerkScim.Operations.Schedules;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Takes a job's schedule off this machine.</summary>
/// <remarks>
/// <para>A run that is under way finishes. The job stays as it is: Stop-ProvisioningJob switches it Off without taking its schedule
/// away.</para>
/// </remarks>
/// <example>
/// <para>Take a job's schedule away</para>
/// <code>Unregister-ProvisioningSchedule ./contoso</code>
/// <para>No further run begins.</para>
/// </example>
/// <example>
/// <para>Take away what cannot run any more</para>
/// <code>Get-ProvisioningSchedule | Where-Object State -EQ Broken | Unregister-ProvisioningSchedule</code>
/// <para>Also where the job's folder is gone.</para>
/// </example>
/// <seealso>Register-ProvisioningSchedule</seealso>
/// <seealso>Get-ProvisioningSchedule</seealso>
[Cmdlet(VerbsLifecycle.Unregister, "ProvisioningSchedule", SupportsShouldProcess = true, HelpUri = HelpPages.Cycles)]
public sealed class UnregisterProvisioningScheduleCommand : AsyncCmdlet
{
    /// <summary>The job: its folder, a job object, or a schedule.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Path")]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(JobPathCompleter))]
    public ProvisioningJobIdentity Job { get; set; } = ProvisioningJobIdentity.Here;

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        AttemptAsync(
            Job,
            async () =>
            {
                string folder = Path.TrimEndingDirectorySeparator(await ResolvePathAsync(Job.Path).ConfigureAwait(false));
                ProvisioningSchedule[] found =
                [
                    .. (await Schedulers.ListAsync(cancellationToken).ConfigureAwait(false)).Where(schedule => schedule.Job == folder),
                ];
                if (found.Length == 0)
                {
                    throw new CommandException(
                        "ScheduleNotFound",
                        ErrorCategory.ObjectNotFound,
                        $"No scheduler of this account runs the job '{folder}'. Get-ProvisioningSchedule lists those that are there."
                    );
                }
                // A scheduler that fails must not keep the job in the others.
                foreach (ProvisioningSchedule schedule in found)
                    await AttemptAsync(Job, () => UnregisterAsync(folder, schedule, cancellationToken)).ConfigureAwait(false);
            }
        );

    private async Task UnregisterAsync(string folder, ProvisioningSchedule schedule, CancellationToken cancellationToken)
    {
        if (await ShouldProcessAsync(folder, $"Take its schedule '{schedule.Name}' off {schedule.Kind}").ConfigureAwait(false))
            await Schedulers.Of(schedule.Kind).UnregisterAsync(schedule, cancellationToken).ConfigureAwait(false);
    }
}

using System.Management.Automation;
using TravelPerkScim.Operations.Schedules;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Gets the jobs that schedulers of this machine run for this account.</summary>
/// <remarks>
/// <para>State is Broken where the job or the module's script is gone, and Inactive where the schedule is switched off or no cron runs;
/// Message says what to do. Message also says why the last runs began no cycle. The cycles themselves are in
/// Get-ProvisioningStatus.</para>
/// </remarks>
/// <example>
/// <para>List the schedules</para>
/// <code>Get-ProvisioningSchedule</code>
/// <para>Shows each with its state, and how its last run ended where the scheduler tells.</para>
/// </example>
/// <seealso>Register-ProvisioningSchedule</seealso>
/// <seealso>Unregister-ProvisioningSchedule</seealso>
[Cmdlet(VerbsCommon.Get, "ProvisioningSchedule", HelpUri = HelpPages.Cycles)]
[OutputType(typeof(ProvisioningSchedule))]
public sealed class GetProvisioningScheduleCommand : AsyncCmdlet
{
    /// <summary>Only the schedule of this job: its folder, or a job object.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Path")]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(JobPathCompleter))]
    public ProvisioningJobIdentity? Job { get; set; }

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        AttemptAsync(
            (object?)Job ?? this,
            async () =>
            {
                string? folder = Job is null
                    ? null
                    : Path.TrimEndingDirectorySeparator(await ResolvePathAsync(Job.Path).ConfigureAwait(false));
                foreach (ProvisioningSchedule schedule in await Schedulers.ListAsync(cancellationToken).ConfigureAwait(false))
                {
                    if (folder is null || schedule.Job == folder)
                        await WriteObjectAsync(schedule).ConfigureAwait(false);
                }
            }
        );
}

using System.Management.Automation;
using TravelPerkScim.Operations.Schedules;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

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
                        await WriteAsync(schedule, cancellationToken).ConfigureAwait(false);
                }
            }
        );

    private async Task WriteAsync(ProvisioningSchedule schedule, CancellationToken cancellationToken) =>
        await WriteObjectAsync(await WithLastRunAsync(schedule, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);

    // A list of schedules must not fail of one job that cannot be read, or of a database that is not connected.
    private static async Task<ProvisioningSchedule> WithLastRunAsync(ProvisioningSchedule schedule, CancellationToken cancellationToken)
    {
        if (schedule.State == ScheduleState.Broken)
            return schedule;
        try
        {
            ProvisioningJob job = await JobStores.OpenAsync(schedule.Job, cancellationToken).ConfigureAwait(false);
            return schedule.With(ProvisioningStatus.Read(job, cycles: 1));
        }
        catch (Exception e) when (e is ProvisioningException or CommandException)
        {
            return schedule;
        }
    }
}

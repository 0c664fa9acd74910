using System.Globalization;
using System.Management.Automation;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Switches the provisioning status of a job On.</summary>
/// <remarks>
/// <para>The counterpart of Provisioning Status On in the Entra admin center. The command writes the schedule into job.json and sends
/// nothing. A scheduler runs the cycles: it calls Invoke-Provisioning -Scheduled at any interval. The first cycle is due at once. Each
/// later cycle is due an interval after the begin of the cycle before.</para>
/// <para>Nothing is cleared: links, watermark, escrow and a quarantine stay. Start it again to change the interval.</para>
/// </remarks>
/// <example>
/// <para>Run the job every 40 minutes</para>
/// <code>Start-ProvisioningJob ./contoso</code>
/// <para>Sets Entra's own interval. Get-ProvisioningStatus ./contoso shows when the next cycle is due.</para>
/// </example>
/// <example>
/// <para>Run the job every ten minutes</para>
/// <code>Start-ProvisioningJob ./contoso -Interval 00:10:00 -PassThru</code>
/// <para>Changes the interval, and writes the job.</para>
/// </example>
/// <seealso>Stop-ProvisioningJob</seealso>
/// <seealso>Get-ProvisioningStatus</seealso>
/// <seealso>about_TravelPerkScim_Unattended</seealso>
[Cmdlet(VerbsLifecycle.Start, "ProvisioningJob", SupportsShouldProcess = true, HelpUri = HelpPages.Cycles)]
[OutputType(typeof(ProvisioningJob))]
public sealed class StartProvisioningJobCommand : JobCommand
{
    /// <summary>The longest time from the begin of a cycle to the begin of the next, from 00:01:00 to 31 days, as 00:10:00 or (New-TimeSpan
    /// -Minutes 10). Default: the interval in job.json, else 00:40:00.</summary>
    [Parameter(Position = 1)]
    public TimeSpan? Interval { get; set; }

    /// <summary>How much earlier a cycle may begin, at most half the interval, so that many jobs do not all begin together. Default: the
    /// jitter in job.json, else a tenth of the interval. The actual shift is computed from the job's folder, so it is the same for every
    /// cycle.</summary>
    [Parameter]
    public TimeSpan? Jitter { get; set; }

    /// <summary>Writes the job after the change.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Prepare()
    {
        if (Interval < JobSchedule.ShortestInterval || Interval > JobSchedule.LongestInterval)
        {
            throw new CommandException(
                "IntervalInvalid",
                ErrorCategory.InvalidArgument,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The interval {Interval:c} is not between 00:01:00 and 31 days. "
                        + $"Give 40 minutes as 00:40:00: a plain number counts ticks."
                )
            );
        }
    }

    private protected override async Task ProcessJobAsync(ProvisioningJob job, CancellationToken cancellationToken)
    {
        JobSchedule? old = job.Settings.Schedule;
        JobSchedule changed = (old ?? new JobSchedule()) with { On = true };
        changed = changed with { Interval = Interval ?? changed.Interval, Jitter = Jitter ?? changed.Jitter };
        if (changed.Jitter < TimeSpan.Zero || changed.Jitter > changed.Interval / 2)
        {
            throw new CommandException(
                "JitterInvalid",
                ErrorCategory.InvalidArgument,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The jitter {changed.Jitter:c} is not between 00:00:00 and half the interval of {changed.Interval:c}. "
                        + $"Give another one with -Jitter."
                )
            );
        }
        if (old is not { On: true } || old.Interval != changed.Interval)
            changed = changed with { Since = TimeProvider.System.GetUtcNow() };
        if (changed != old && await ShouldProcessAsync(job.Path, $"Switch the provisioning job {changed}").ConfigureAwait(false))
        {
            job.Save(job.Settings with { Schedule = changed });
            await WarnAsync(job).ConfigureAwait(false);
        }
        if (PassThru)
            await WriteObjectAsync(job).ConfigureAwait(false);
    }

    // A job in quarantine is On and still does not run.
    private Task WarnAsync(ProvisioningJob job) =>
        ProvisioningStatus.Read(job, cycles: 1) switch
        {
            { Status: JobStatus.Quarantine, Quarantine: { Disabled: true } quarantine } => WriteWarningAsync(
                $"The job '{job.Name}' was in quarantine for too long and is disabled: {quarantine.Message} "
                    + "Remove the cause, then run Reset-ProvisioningJob -Scope Quarantine."
            ),
            { Status: JobStatus.Quarantine, Quarantine: { } quarantine } => WriteWarningAsync(
                $"The job '{job.Name}' is in quarantine until {ShownTime.Text(quarantine.NextAttempt)}: {quarantine.Message}"
            ),
            _ => Task.CompletedTask,
        };
}

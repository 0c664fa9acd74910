using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Operations.Schedules;

/// <summary>The schedulers of this machine.</summary>
public static class Schedulers
{
    /// <summary>The usual one here: the Task Scheduler on Windows, systemd where it is at work, else cron.</summary>
    public static SchedulerKind Usual =>
        OperatingSystem.IsWindows() ? SchedulerKind.TaskScheduler
        // sd_booted(3)
        : Directory.Exists("/run/systemd/system") ? SchedulerKind.Systemd
        : SchedulerKind.Cron;

    /// <summary>Those that this machine can have.</summary>
    public static IReadOnlyList<IScheduler> Here =>
        OperatingSystem.IsWindows() ? [new WindowsTask()]
        : OperatingSystem.IsLinux() ? [SystemdTimer.OfThisAccount(), new Crontab()]
        : [new Crontab()];

    /// <summary>One of them.</summary>
    /// <exception cref="ProvisioningException"><c>SchedulerMissing</c>: another operating system has it.</exception>
    public static IScheduler Of(SchedulerKind kind, string? user = null) =>
        kind == SchedulerKind.TaskScheduler && OperatingSystem.IsWindows()
            ? new WindowsTask(user: user)
            : Here.FirstOrDefault(scheduler => scheduler.Kind == kind)
                ?? throw new ProvisioningException(
                    "SchedulerMissing",
                    $"This operating system has no {kind}. It has "
                        + $"{string.Join(" and ", Here.Select(scheduler => scheduler.Kind))}; choose with -Kind."
                );

    /// <summary>The registrations of all of them. A scheduler that is not installed has none.</summary>
    public static async Task<IReadOnlyList<ProvisioningSchedule>> ListAsync(CancellationToken cancellationToken)
    {
        var all = new List<ProvisioningSchedule>();
        foreach (IScheduler scheduler in Here)
        {
            try
            {
                all.AddRange(await scheduler.ListAsync(cancellationToken).ConfigureAwait(false));
            }
            catch (ProvisioningException e) when (e.Failure == ProvisioningFailure.SchedulerMissing) { }
        }
        return all;
    }
}

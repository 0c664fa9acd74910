using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Operations.Schedules;

/// <summary>What runs a job on this machine.</summary>
public enum SchedulerKind : long
{
    /// <summary>A timer of systemd: of the system for root, of the user for others.</summary>
    Systemd,

    /// <summary>A line in the crontab of this account.</summary>
    Cron,

    /// <summary>A task of the Windows Task Scheduler.</summary>
    TaskScheduler,
}

/// <summary>Whether a schedule will run its job.</summary>
public enum ScheduleState : long
{
    /// <summary>The scheduler runs the job.</summary>
    Active,

    /// <summary>The schedule is there and switched off, or its scheduler does not run.</summary>
    Inactive,

    /// <summary>The schedule is there and cannot run: the script or the job is gone.</summary>
    Broken,
}

/// <summary>A job's registration with a scheduler of this machine.</summary>
public sealed record ProvisioningSchedule
{
    /// <summary>The scheduler's name of it.</summary>
    public required string Name { get; init; }

    /// <summary>The scheduler.</summary>
    public required SchedulerKind Kind { get; init; }

    /// <summary>The job's folder, absolute.</summary>
    public required string Job
    {
        get;
        init => field = ShownText.Of(value);
    }

    /// <summary>The SCIM address beside TravelPerk's own to which a run may send the job's key (Register-ProvisioningSchedule
    /// -AllowTarget); null for none.</summary>
    public Uri? AllowedTarget { get; init; }

    /// <summary>For a job whose state is shared: the file with the connection string of the database (Register-ProvisioningSchedule
    /// -StoreFile); null for none.</summary>
    public string? Store
    {
        get;
        init => field = value is null ? null : ShownText.Of(value);
    }

    /// <summary>How often the scheduler looks whether a cycle is due; the interval itself is in job.json.</summary>
    public required TimeSpan Every { get; init; }

    /// <summary>Whether it will run.</summary>
    public required ScheduleState State { get; init; }

    /// <summary>When it ran last, UTC: what the scheduler tells, else the last cycle or failed run that the job's status has; null when
    /// there was none.</summary>
    public DateTimeOffset? LastRun { get; init; }

    /// <summary>The exit code of the last run (about_TravelPerkScim_Unattended); null when there was none.</summary>
    public int? LastExitCode { get; init; }

    /// <summary>What is wrong and what to do; null when nothing is.</summary>
    public string? Message
    {
        get;
        init => field = value is null ? null : ShownText.Of(value);
    }

    /// <summary>The schedule with the last run that the job's status tells of: cron and the list of the Task Scheduler tell nothing of a
    /// run, and no scheduler tells why a run began no cycle.</summary>
    /// <param name="status">The status of <see cref="Job"/>.</param>
    public ProvisioningSchedule With(ProvisioningStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        RunFailure? failure = status.RunFailure;
        ProvisioningSchedule told = failure is null
            ? this
            : this with
            {
                Message = $"{Message} The last runs began no cycle. {failure}".TrimStart(),
            };
        return LastRun is null ? told with { LastRun = failure?.Time ?? status.LastCycle?.Began, LastExitCode = ExitCodeOf(status) } : told;
    }

    private static int? ExitCodeOf(ProvisioningStatus status)
    {
        if (status.RunFailure is { } failure)
            return ProvisioningRunResult.Of(status.Job, failure.ErrorId, failure.Message).ExitCode;
        return status.LastCycle is null ? null : ProvisioningRunResult.Of(status, firstFailure: null).ExitCode;
    }
}

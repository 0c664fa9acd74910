using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Job;

/// <summary>The provisioning status of a job (Entra: On, Off; Graph synchronizationStatusCode).</summary>
public enum JobStatus : long
{
    /// <summary>The job has no schedule: cycles run when they are asked for.</summary>
    Manual,

    /// <summary>Scheduled cycles run.</summary>
    On,

    /// <summary>Scheduled cycles do not run.</summary>
    Off,

    /// <summary>Scheduled cycles wait for the next attempt, or for Reset-ProvisioningJob.</summary>
    Quarantine,
}

/// <summary>Whether a scheduled cycle of a job may begin, and when. The schedule does not bind a run that a person asks for.</summary>
/// <param name="Status">On, Off, in quarantine, or without a schedule.</param>
/// <param name="NextCycle">When the next cycle begins, UTC; null when no cycle will begin, and when the first cycle is due.</param>
/// <param name="IsDue">A scheduled cycle may begin now.</param>
/// <param name="IsOverdue">No cycle began for three intervals, although the job is On.</param>
internal sealed record JobTurn(JobStatus Status, DateTimeOffset? NextCycle, bool IsDue, bool IsOverdue)
{
    private const int OverdueAfter = 3;

    /// <param name="job">The job.</param>
    /// <param name="quarantine">The job's quarantine; null for none.</param>
    /// <param name="began">When the job's last initial, incremental or reconcile cycle began; null for none.</param>
    /// <param name="now">UTC.</param>
    public static JobTurn Of(ProvisioningJob job, Quarantine? quarantine, DateTimeOffset? began, DateTimeOffset now)
    {
        JobSchedule? schedule = job.Settings.Schedule;
        if (schedule is { On: false })
            return new JobTurn(JobStatus.Off, null, IsDue: false, IsOverdue: false);
        // Staged operations wait for an approval, and cycles go on meanwhile.
        Quarantine? keeps = quarantine is not null && !Quarantine.HoldsStaged(quarantine.Reason) ? quarantine : null;
        bool overdue = schedule is not null && Overdue(job, schedule, keeps, began, now);
        if (keeps is { Disabled: true })
            return new JobTurn(JobStatus.Quarantine, null, IsDue: false, overdue);
        if (keeps is not null)
            return new JobTurn(JobStatus.Quarantine, keeps.NextAttempt, now >= keeps.NextAttempt, overdue);
        if (schedule is null)
            return new JobTurn(JobStatus.Manual, null, IsDue: true, overdue);
        DateTimeOffset? next = began is { } time ? schedule.NextAfter(time, job.Path) : null;
        return new JobTurn(JobStatus.On, next, schedule.IsDue(next, now), overdue);
    }

    // The time counts from the moment at which the job was made or switched On. In quarantine, the missing cycle is the next attempt.
    private static bool Overdue(ProvisioningJob job, JobSchedule schedule, Quarantine? keeps, DateTimeOffset? last, DateTimeOffset now)
    {
        if (keeps is { Disabled: true })
            return false;
        DateTimeOffset?[] begins = [schedule.Since ?? job.Changed, last, keeps?.NextAttempt - schedule.Interval];
        return now > begins.Max() + (OverdueAfter * schedule.Interval);
    }
}

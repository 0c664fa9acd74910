using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Worker.Jobs;

/// <summary>Why a job cannot run, although it may be On.</summary>
/// <param name="ErrorId">Stable id.</param>
/// <param name="Message">What happened, why, what to do.</param>
/// <param name="Since">When it was found out, UTC.</param>
internal sealed record JobProblem(string ErrorId, string Message, DateTimeOffset Since);

/// <summary>A job as the worker knows it: one moment of it, which does not change.</summary>
internal sealed record JobView
{
    /// <summary>Machines that share a job begin its cycle at different times within this span, so that as a rule one of them tries. A cycle
    /// may begin a twentieth of its interval early, and the shortest interval is a minute: no machine begins late.</summary>
    public static readonly TimeSpan Spread = JobSchedule.ShortestInterval / 20;

    /// <summary>The job's folder, absolute.</summary>
    public required string Path { get; init; }

    /// <summary>The folder's name.</summary>
    public required string Name { get; init; }

    /// <summary>The opened job; null while its folder is broken.</summary>
    public ProvisioningJob? Job { get; init; }

    /// <summary>How it stood when it was last read; null while it cannot be read.</summary>
    public ProvisioningStatus? Status { get; init; }

    /// <summary>Why it cannot run; null when it can.</summary>
    public JobProblem? Problem { get; init; }

    /// <summary>What the problem's next attempt waits for, UTC.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>When the cycle under way began, UTC; null when none is.</summary>
    public DateTimeOffset? RunningSince { get; init; }

    /// <summary>Another machine runs a cycle of the job.</summary>
    public bool IsElsewhere { get; init; }

    /// <summary>What the cycle under way does.</summary>
    public ProvisioningProgress? Progress { get; init; }

    /// <summary>The last cycle was cut off before the worker looked at the job, so it goes on without waiting for the interval.</summary>
    public bool GoesOn { get; init; }

    /// <summary>The last cycle was one of the whole job, and did not come to its end.</summary>
    public bool HasUnfinishedCycle =>
        Status?.LastCycle
            is { State: CycleState.Running or CycleState.Stopped, Kind: CycleKind.Initial or CycleKind.Incremental or CycleKind.Reconcile };

    /// <summary>The last cycle was cut off. The cycle of another machine is not: that machine has the lease.</summary>
    public bool MayBeCutOff => Job is { IsShared: true } && HasUnfinishedCycle && !IsElsewhere;

    /// <summary>The worker has to run it.</summary>
    public bool IsOn => Job?.Settings.Schedule is { On: true };

    /// <summary>When its next cycle begins, UTC; null when none will, or when another machine runs one.</summary>
    /// <param name="now">UTC.</param>
    public DateTimeOffset? Next(DateTimeOffset now)
    {
        if (!IsOn || IsElsewhere || Status is null)
            return null;
        bool goesOnNow = (GoesOn || MayBeCutOff) && Status.Status == JobStatus.On;
        bool isDue = goesOnNow || Status.IsDue;
        DateTimeOffset? due = isDue ? now : Status.NextCycle - Early;
        return due < RetryAt ? RetryAt : due;
    }

    // The attempt of a quarantine is never early.
    private TimeSpan Early => Job is { IsShared: true } && Status is { Status: JobStatus.On } ? Spread : TimeSpan.Zero;
}

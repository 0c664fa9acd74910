using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Cycle;

/// <summary>What became of a scheduled run.</summary>
public enum ProvisioningRunState : long
{
    /// <summary>The cycle reached its end; exit code 0.</summary>
    Done,

    /// <summary>The next cycle is not due yet, nothing was done; exit code 0.</summary>
    NotDue,

    /// <summary>The job is Off, nothing was done; exit code 0.</summary>
    Off,

    /// <summary>There was no cycle, or it could not go on; exit code 1.</summary>
    Failed,

    /// <summary>The cycle reached its end, and entries failed and wait in escrow; exit code 2.</summary>
    FailedEntries,

    /// <summary>The source could not be read whole: what was read was applied; exit code 2.</summary>
    Incomplete,

    /// <summary>Disables, deletes or takeovers wait for an approval; exit code 3.</summary>
    Staged,

    /// <summary>The job is in quarantine: the next attempt is not due yet, or this cycle put it there; exit code 4.</summary>
    Quarantine,

    /// <summary>Another cycle of the job is under way, nothing was done; exit code 5.</summary>
    Busy,
}

/// <summary>One scheduled run of a job, as a scheduler wants it: one state, one exit code, one sentence.</summary>
public sealed record ProvisioningRunResult
{
    /// <summary>The job's name; its folder, as it was given, when there is no job.</summary>
    public required string Job { get; init; }

    /// <summary>What became of it.</summary>
    public required ProvisioningRunState State { get; init; }

    /// <summary>0 done or nothing to do, 1 failed, 2 entries failed, 3 staged, 4 quarantine, 5 busy.</summary>
    public int ExitCode =>
        State switch
        {
            ProvisioningRunState.Done or ProvisioningRunState.NotDue or ProvisioningRunState.Off => 0,
            ProvisioningRunState.FailedEntries or ProvisioningRunState.Incomplete => 2,
            ProvisioningRunState.Staged => 3,
            ProvisioningRunState.Quarantine => 4,
            ProvisioningRunState.Busy => 5,
            _ => 1,
        };

    /// <summary>The same in words, with the way out.</summary>
    public required string Message
    {
        get;
        init => field = ShownText.Of(value);
    }

    /// <summary>Stable id of the error that ended the run; null when none did.</summary>
    public string? ErrorId { get; init; }

    /// <summary>When the next cycle begins, UTC; null when that is not known, or none will.</summary>
    public DateTimeOffset? NextCycle { get; init; }

    /// <summary>The cycle that ran; null when none did.</summary>
    public CycleSummary? Cycle { get; init; }

    /// <summary>Why a scheduled run does nothing; null when a cycle may begin.</summary>
    /// <param name="job">The job.</param>
    /// <param name="status">Its status now.</param>
    /// <param name="ordinary">The cycle is the one of the interval. A full or approved one is asked for at a time of its own, and waits for
    /// no interval.</param>
    public static ProvisioningRunResult? Waiting(ProvisioningJob job, ProvisioningStatus status, bool ordinary)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(status);
        return status switch
        {
            { Status: JobStatus.Off } => Result(
                ProvisioningRunState.Off,
                $"The job '{job.Name}' is Off and was left alone. Start-ProvisioningJob switches it On."
            ),
            { Status: JobStatus.Quarantine, Quarantine: { Disabled: false } quarantine, IsDue: false } => Result(
                ProvisioningRunState.Quarantine,
                $"The job '{job.Name}' is in quarantine until {ShownTime.Text(quarantine.NextAttempt)} and was left alone: "
                    + $"{quarantine.Message} Invoke-Provisioning without -Scheduled tries at once."
            ),
            { Status: JobStatus.On, IsDue: false } when ordinary => Result(
                ProvisioningRunState.NotDue,
                $"The next cycle of '{job.Name}' is due at {ShownTime.Text(status.NextCycle!.Value)}."
            ),
            _ => null,
        };

        ProvisioningRunResult Result(ProvisioningRunState state, string message) =>
            new()
            {
                Job = job.Name,
                State = state,
                Message = message,
                NextCycle = status.NextCycle,
            };
    }

    /// <summary>What the cycle that just ran came to.</summary>
    /// <param name="status">The job's status after it.</param>
    /// <param name="firstFailure">What the first failed entry failed with, if one did.</param>
    public static ProvisioningRunResult Of(ProvisioningStatus status, string? firstFailure)
    {
        ArgumentNullException.ThrowIfNull(status);
        CycleSummary? cycle = status.LastCycle;
        string message = string.Join(
            " ",
            new[] { cycle is null ? null : $"{cycle}.", cycle?.Message, firstFailure is null ? null : $"The first: {firstFailure}" }.Where(
                part => part is { Length: > 0 }
            )
        );
        return new ProvisioningRunResult
        {
            Job = status.Job,
            State = StateAfter(cycle, status),
            Message = message,
            NextCycle = status.NextCycle,
            Cycle = cycle,
        };
    }

    private static ProvisioningRunState StateAfter(CycleSummary? cycle, ProvisioningStatus status)
    {
        if (status.Status == JobStatus.Quarantine)
            return ProvisioningRunState.Quarantine;
        if (cycle?.State is CycleState.Failed or CycleState.Stopped)
            return ProvisioningRunState.Failed;
        if (cycle?.Counts.Failed > 0)
            return ProvisioningRunState.FailedEntries;
        if (cycle?.State == CycleState.Incomplete)
            return ProvisioningRunState.Incomplete;
        bool staged = cycle?.Counts.Staged > 0 || (status.Quarantine is { } held && Quarantine.HoldsStaged(held.Reason));
        return staged ? ProvisioningRunState.Staged : ProvisioningRunState.Done;
    }

    /// <summary>A run that an error ended.</summary>
    /// <param name="job">The job's name.</param>
    /// <param name="errorId">The error's stable id.</param>
    /// <param name="message">What it says.</param>
    public static ProvisioningRunResult Of(string job, string errorId, string message) =>
        new()
        {
            Job = job,
            State = errorId switch
            {
                "JobBusy" => ProvisioningRunState.Busy,
                "JobDisabled" => ProvisioningRunState.Quarantine,
                _ => ProvisioningRunState.Failed,
            },
            Message = message,
            ErrorId = errorId,
        };
}

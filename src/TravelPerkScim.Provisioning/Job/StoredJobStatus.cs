using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Job;

/// <summary>How a job in a shared database stands, as its state tells it without the job's folder. It names no user.</summary>
public sealed record StoredJobStatus
{
    /// <summary>The key of the state, as <c>stateKey</c> of job.json has it.</summary>
    public required string Key { get; init; }

    /// <summary>The name of the job's folder; null before a process has run the job.</summary>
    public string? Job { get; init; }

    /// <summary>What the job needs a person for.</summary>
    public JobConcern Concern { get; init; }

    /// <summary>The last cycle, without its message, which may name a user; null when no cycle ran yet.</summary>
    public CycleSummary? LastCycle { get; init; }

    /// <summary>When the last cycle ended, or began where it has not ended, UTC: since then the job is silent. Null when no cycle ran
    /// yet.</summary>
    public DateTimeOffset? SilentSince => LastCycle?.Ended ?? LastCycle?.Began;

    /// <summary>Pairs of a source and a TravelPerk user.</summary>
    public long LinkedUsers { get; init; }

    /// <summary>Those of <see cref="LinkedUsers"/> whom the job last left enabled.</summary>
    public long EnabledUsers { get; init; }

    /// <summary>Pairs of a source and a TravelPerk group.</summary>
    public long LinkedGroups { get; init; }

    /// <summary>Failed entries kept for retry.</summary>
    public long Escrowed { get; init; }

    /// <summary>Operations that wait for an approval.</summary>
    public long Staged { get; init; }

    /// <summary>Why the job is in quarantine; null when it is not.</summary>
    public QuarantineReason? Quarantine { get; init; }

    /// <summary>When the job is tried again, UTC; null when the job is not in quarantine, and when the quarantine disabled it.</summary>
    public DateTimeOffset? NextAttempt { get; init; }

    /// <summary>The error id of the last scheduled run that began no cycle; null when the last run began one.</summary>
    public string? RunFailure { get; init; }

    /// <summary>The process that has the job for a cycle or a command: process and machine; null when none has.</summary>
    public string? Holder { get; init; }

    /// <summary>Since when the process has the job, UTC.</summary>
    public DateTimeOffset? HeldSince { get; init; }

    /// <summary>When the process's lease ends unless the process renews it, UTC.</summary>
    public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>The status with what the named values of the state say.</summary>
    /// <param name="summary">The last cycle as the state has it; null for none.</param>
    /// <param name="quarantine">The quarantine as the state has it; null for none.</param>
    /// <param name="failure">The last run that began no cycle, as the state has it; null for none.</param>
    /// <param name="isArriving">A move of the state was cut off.</param>
    /// <exception cref="System.Text.Json.JsonException">The state is damaged.</exception>
    internal StoredJobStatus With(string? summary, string? quarantine, string? failure, bool isArriving)
    {
        CycleSummary? cycle = StateLog.Cycle(summary);
        var held = State.Quarantine.Parse(quarantine);
        var run = State.RunFailure.Parse(failure, cycle?.Began);
        StoredJobStatus status = this with
        {
            LastCycle = cycle is null ? null : cycle with { Message = null, ApprovedBy = null },
            Quarantine = held?.Reason,
            NextAttempt = held is { Disabled: false } ? held.NextAttempt : null,
            RunFailure = run?.ErrorId,
        };
        return status with { Concern = isArriving ? JobConcern.MoveUnfinished : ConcernOf(status) };
    }

    private static JobConcern ConcernOf(StoredJobStatus status) =>
        new JobStanding(
            status.Quarantine,
            status.RunFailure is not null,
            IsOverdue: false,
            status.LastCycle?.State,
            status.Holder is not null,
            status.Staged > 0,
            status.Escrowed > 0
        ).Concern;
}

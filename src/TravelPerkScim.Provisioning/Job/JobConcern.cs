using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Job;

/// <summary>What a job needs a person for, the worst first.</summary>
public enum JobConcern : long
{
    /// <summary>A move of the job's state was cut off, and no cycle runs.</summary>
    MoveUnfinished,

    /// <summary>The job is in quarantine, and its cycles wait.</summary>
    Quarantine,

    /// <summary>The last scheduled runs began no cycle.</summary>
    RunFailed,

    /// <summary>The job is On, and no cycle began for three intervals. Only the job's folder tells.</summary>
    Overdue,

    /// <summary>The last cycle could not go on.</summary>
    CycleFailed,

    /// <summary>The last cycle was cut off or stopped, and no process goes on with it.</summary>
    CutOff,

    /// <summary>The last cycle could not read the source whole.</summary>
    SourceIncomplete,

    /// <summary>Staged operations wait for an approval.</summary>
    Staged,

    /// <summary>Entries failed and wait for their next attempt.</summary>
    Escrowed,

    /// <summary>No cycle ran yet.</summary>
    NeverRan,

    /// <summary>Nothing.</summary>
    None,
}

/// <summary>What the concern of a job follows from.</summary>
/// <param name="Quarantine">Why the job is in quarantine; null when it is not.</param>
/// <param name="RunFailed">The last scheduled run began no cycle.</param>
/// <param name="IsOverdue">The job is On, and no cycle began for three intervals.</param>
/// <param name="LastCycle">How the last cycle ended; null before the first.</param>
/// <param name="MayRun">A process may have the job.</param>
/// <param name="Staged">Something waits for an approval.</param>
/// <param name="Escrowed">Some entries failed.</param>
internal sealed record JobStanding(
    QuarantineReason? Quarantine,
    bool RunFailed,
    bool IsOverdue,
    CycleState? LastCycle,
    bool MayRun,
    bool Staged,
    bool Escrowed
)
{
    public JobConcern Concern =>
        this switch
        {
            { Quarantine: { } reason } when !State.Quarantine.HoldsStaged(reason) => JobConcern.Quarantine,
            { RunFailed: true } => JobConcern.RunFailed,
            { IsOverdue: true } => JobConcern.Overdue,
            { LastCycle: null } => JobConcern.NeverRan,
            { LastCycle: CycleState.Failed } => JobConcern.CycleFailed,
            { LastCycle: CycleState.Stopped, MayRun: false } => JobConcern.CutOff,
            { LastCycle: CycleState.Running, MayRun: false } => JobConcern.CutOff,
            { LastCycle: CycleState.Incomplete } => JobConcern.SourceIncomplete,
            { Staged: true } => JobConcern.Staged,
            { Escrowed: true } => JobConcern.Escrowed,
            _ => JobConcern.None,
        };
}

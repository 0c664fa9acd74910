using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Record;

namespace TravelPerkScim.Provisioning.Cycle;

/// <summary>How a job stands (Graph synchronizationStatus).</summary>
public sealed record ProvisioningStatus
{
    /// <summary>The job's name.</summary>
    public required string Job { get; init; }

    /// <summary>The last cycle; null when none was run.</summary>
    public required CycleSummary? LastCycle { get; init; }

    /// <summary>Pairs of a source and a TravelPerk user.</summary>
    public required long LinkedUsers { get; init; }

    /// <summary>Failed entries kept for retry.</summary>
    public required long Escrowed { get; init; }

    /// <summary>Who waits in escrow, the next attempt first.</summary>
    public IReadOnlyList<EscrowedEntry> Escrows { get; init => field = value.AsArray(); } = [];

    /// <summary>What keeps the job from running as usual; null when nothing does.</summary>
    public Quarantine? Quarantine { get; init; }

    /// <summary>What waits for an approval, a cycle at a time, the newest first; empty when nothing does.</summary>
    public IReadOnlyList<StagedCycle> Staged { get; init => field = value.AsArray(); } = [];

    /// <summary>Recent cycles, newest first.</summary>
    public required IReadOnlyList<CycleSummary> Cycles { get; init => field = value.AsArray(); }

    /// <summary>Reads a job's status from its state.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>.</exception>
    public static ProvisioningStatus Read(ProvisioningJob job, int cycles = 10)
    {
        using JobState? state = JobState.OpenReadOnly(job.StatePath);
        if (state is null)
            return new ProvisioningStatus { Job = job.Name, LastCycle = null, LinkedUsers = 0, Escrowed = 0, Cycles = [] };
        (long links, long escrows) = state.Count();
        List<CycleSummary> recent = [.. state.Log.ReadCycles(Math.Max(1, cycles))];
        return new ProvisioningStatus { Job = job.Name, LastCycle = recent.FirstOrDefault(), LinkedUsers = links, Escrowed = escrows, Escrows = [.. EscrowedEntry.Read(state)], Quarantine = Quarantine.Read(state), Staged = StagedCycle.Read(state), Cycles = recent };
    }
}

/// <summary>A job's log.</summary>
public static class ProvisioningLog
{
    /// <summary>Entries oldest first, as they are read from disk.</summary>
    /// <param name="job">The job.</param>
    /// <param name="since">Entries from then on.</param>
    /// <param name="cycle">Entries of one cycle; null for all.</param>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>.</exception>
    public static IEnumerable<ProvisioningOutcome> Read(ProvisioningJob job, DateTimeOffset since, Guid? cycle = null)
    {
        using JobState? state = JobState.OpenReadOnly(job.StatePath);
        if (state is null)
            yield break;
        foreach (ProvisioningOutcome outcome in state.Log.Read(since, cycle))
            yield return outcome;
    }
}

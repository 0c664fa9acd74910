using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Job;

/// <summary>The status of a job (Graph synchronizationStatus).</summary>
public sealed record ProvisioningStatus
{
    private const int RecentSearched = 20;

    private static readonly TimeSpan s_clocksApart = TimeSpan.FromMinutes(1);

    /// <summary>The job's name.</summary>
    public required string Job { get; init; }

    /// <summary>The last cycle; null when no cycle ran yet.</summary>
    public required CycleSummary? LastCycle { get; init; }

    /// <summary>Pairs of a source and a TravelPerk user.</summary>
    public required long LinkedUsers { get; init; }

    /// <summary>Those of <see cref="LinkedUsers"/> whom the job last left enabled.</summary>
    public long EnabledUsers { get; init; }

    /// <summary>Pairs of a source and a TravelPerk group.</summary>
    public long LinkedGroups { get; init; }

    /// <summary>Failed entries kept for retry.</summary>
    public required long Escrowed { get; init; }

    /// <summary>The entries in escrow, the next attempt first.</summary>
    public IReadOnlyList<EscrowedEntry> Escrows
    {
        get;
        init => field = value.AsArray();
    } = [];

    /// <summary>The job's quarantine; null when there is none.</summary>
    public Quarantine? Quarantine { get; init; }

    /// <summary>The cycles whose operations wait for an approval, the newest first.</summary>
    public IReadOnlyList<StagedCycle> Staged
    {
        get;
        init => field = value.AsArray();
    } = [];

    /// <summary>On, Off, Quarantine, or Manual for a job without a schedule.</summary>
    public JobStatus Status { get; init; }

    /// <summary>The schedule of job.json; null for a job without a schedule.</summary>
    public JobSchedule? Schedule { get; init; }

    /// <summary>When the next cycle is due, UTC; null when no cycle is due, and when the first cycle is due at once.</summary>
    public DateTimeOffset? NextCycle { get; init; }

    /// <summary>A scheduled cycle may begin now.</summary>
    public bool IsDue { get; init; }

    /// <summary>The job is On, and no cycle began for three intervals. The scheduler that should run the job may be gone.</summary>
    public bool IsOverdue { get; init; }

    /// <summary>How often the state had been written when the status was read. A later write gives the state a higher number.</summary>
    public long Changes { get; init; }

    /// <summary>Why the last scheduled runs began no cycle; null when the last one did, or none ran.</summary>
    public RunFailure? RunFailure { get; init; }

    /// <summary>What the job needs a person for. A cycle that has begun and not ended counts as under way.</summary>
    public JobConcern Concern =>
        new JobStanding(
            Quarantine?.Reason,
            RunFailure is not null,
            IsOverdue,
            LastCycle?.State,
            MayRun: LastCycle?.State == CycleState.Running,
            Staged.Count > 0,
            Escrowed > 0
        ).Concern;

    /// <summary>When the last cycle ended, or began where it has not ended, UTC: since then the job is silent. Null when no cycle ran
    /// yet.</summary>
    public DateTimeOffset? SilentSince => LastCycle?.Ended ?? LastCycle?.Began;

    /// <summary>When the source file was written last, UTC; null when the source is no file, or there is none.</summary>
    public DateTimeOffset? SourceWritten { get; init; }

    /// <summary>The job is On, and its source file was not written for longer than its notifications allow (sourceStaleAfter): what should
    /// refresh the file may have stopped.</summary>
    public bool IsSourceStale { get; init; }

    /// <summary>Recent cycles, newest first.</summary>
    public required IReadOnlyList<CycleSummary> Cycles
    {
        get;
        init => field = value.AsArray();
    }

    /// <summary>Alerts whose condition holds now.</summary>
    public IReadOnlyList<Alert> Alerts
    {
        get;
        init => field = value.AsArray();
    } = [];

    /// <summary>The status of the job's notification channels.</summary>
    public IReadOnlyList<NotificationChannelStatus> Channels
    {
        get;
        init => field = value.AsArray();
    } = [];

    /// <summary>Reads a job's status from its state.</summary>
    /// <param name="job">The job.</param>
    /// <param name="cycles">How many cycles to list. Default 10.</param>
    /// <param name="time">Clock. Default: the system's.</param>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>.</exception>
    public static ProvisioningStatus Read(ProvisioningJob job, int cycles = 10, TimeProvider? time = null)
    {
        DateTimeOffset now = (time ?? TimeProvider.System).GetUtcNow();
        using var state = JobState.OpenReadOnly(job.Store);
        if (state is null)
        {
            return new ProvisioningStatus
            {
                Job = job.Name,
                LastCycle = null,
                LinkedUsers = 0,
                Escrowed = 0,
                Cycles = [],
            }.With(job, null, now);
        }

        return Of(job, state, cycles, now);
    }

    /// <summary>The status in a state, also before the state is committed.</summary>
    internal static ProvisioningStatus Of(ProvisioningJob job, JobState state, int cycles, DateTimeOffset now)
    {
        // First: what is written meanwhile has a higher number, and is seen as a change.
        long changes = state.Changes;
        (long users, long enabled, long groups) = state.CountLinked();
        long escrowed = state.CountEscrows();
        List<CycleSummary> recent = [.. state.Log.ReadCycles(Math.Max(1, cycles))];
        var status = new ProvisioningStatus
        {
            Job = job.Name,
            LastCycle = recent.FirstOrDefault(),
            LinkedUsers = users,
            EnabledUsers = enabled,
            LinkedGroups = groups,
            Changes = changes,
            Escrowed = escrowed,
            Escrows = escrowed == 0 ? [] : [.. EscrowedEntry.Read(state)],
            Quarantine = Quarantine.Read(state),
            Staged = StagedCycle.Read(state),
            Cycles = recent,
            Alerts = [.. state.Alerts.Read().Where(alert => alert.Since is not null)],
            Channels = [.. ChannelsOf(job, state)],
        };
        DateTimeOffset? began = Covering(recent, now)?.Began ?? LastBegin(state, now);
        return (status with { RunFailure = RunFailure.Read(state, began) }).With(job, began, now);
    }

    /// <summary>Jobs that need a person come first, then those that are silent for longest.</summary>
    public static IEnumerable<ProvisioningStatus> WorstFirst(IEnumerable<ProvisioningStatus> jobs) =>
        jobs.WorstFirst(job => job.Concern, job => job.SilentSince, job => job.Job);

    /// <summary>Writes down that a scheduled run ended before its cycle began, so that the status and the notifications know why.</summary>
    /// <param name="job">The job.</param>
    /// <param name="errorId">Stable id of the error.</param>
    /// <param name="message">What it said.</param>
    /// <param name="now">UTC.</param>
    /// <returns>Null, or why it could not be written down: the error itself is what the caller has to report.</returns>
    public static string? NoteRunFailure(ProvisioningJob job, string errorId, string message, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(job);
        try
        {
            using var state = JobState.OpenBeside(job.Store);
            state.BesideCycles(() =>
            {
                var before = RunFailure.Read(state, LastBegin(state, now));
                RunFailure.Write(state, new RunFailure(before?.Since ?? now, now, errorId) { Message = message });
            });
            return null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return $"That the run failed could not be written into the status of '{job.Name}': {e.Message}";
        }
    }

    private static IEnumerable<NotificationChannelStatus> ChannelsOf(ProvisioningJob job, JobState state)
    {
        if (job.Settings.Notifications is not { Channels: { Count: > 0 } channels })
            return [];
        Dictionary<string, (long Count, DateTimeOffset Next)> waiting = state.Outbox.Waiting();
        Dictionary<string, ChannelMemory> memories = state.Alerts.ReadChannels();
        return channels.Select(channel =>
        {
            bool waits = waiting.TryGetValue(channel.Name, out (long Count, DateTimeOffset Next) some);
            ChannelMemory memory = memories.GetValueOrDefault(channel.Name, new ChannelMemory());
            return new NotificationChannelStatus(channel.Name, some.Count)
            {
                NextAttempt = waits ? some.Next : null,
                FailingSince = memory.FailingSince,
                LastError = memory.LastError,
                GivenUp = memory.GivenUp,
                IsOff = memory.OffAt == NotificationStore.MarkOf(job),
            };
        });
    }

    private ProvisioningStatus With(ProvisioningJob job, DateTimeOffset? began, DateTimeOffset now)
    {
        var turn = JobTurn.Of(job, Quarantine, began, now);
        return this with
        {
            Status = turn.Status,
            Schedule = job.Settings.Schedule,
            NextCycle = turn.NextCycle,
            IsDue = turn.IsDue,
            IsOverdue = turn.IsOverdue,
            SourceWritten = job.SourceWritten,
            IsSourceStale = turn.Status != JobStatus.Off && job.Settings.Schedule is { On: true } && job.IsSourceStale(now),
        };
    }

    // On-demand cycles are no cycles of the schedule. There are seldom many in a row, so the last few cycles suffice as a rule.
    // A cycle that began while the clock was ahead must not hold the job back until that time. Clocks of two machines are never quite
    // equal, and the cycle that another machine has just run counts.
    private static DateTimeOffset? LastBegin(JobState state, DateTimeOffset now)
    {
        return (Newest(RecentSearched) ?? Newest(int.MaxValue))?.Began;

        CycleSummary? Newest(int most) => Covering(state.Log.ReadCycles(most), now);
    }

    private static CycleSummary? Covering(IEnumerable<CycleSummary> newestFirst, DateTimeOffset now) =>
        newestFirst.FirstOrDefault(cycle => cycle.Kind.CoversWholeJob() && cycle.Began <= now + s_clocksApart);
}

/// <summary>A job's log.</summary>
public static class ProvisioningLog
{
    /// <summary>Entries, oldest first. They are read from disk one by one.</summary>
    /// <param name="job">The job.</param>
    /// <param name="since">Entries from this time on.</param>
    /// <param name="cycle">Entries of one cycle; null for all.</param>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>.</exception>
    public static IEnumerable<ProvisioningOutcome> Read(ProvisioningJob job, DateTimeOffset since, Guid? cycle = null)
    {
        using var state = JobState.OpenReadOnly(job.Store);
        if (state is null)
            yield break;
        foreach (ProvisioningOutcome outcome in state.Log.Read(since, cycle))
            yield return outcome;
    }

    /// <summary>Names of TravelPerk users that the job is linked to, as its log has them last; without those that it does not
    /// know.</summary>
    /// <param name="job">The job.</param>
    /// <param name="targetIds">Their ids in TravelPerk.</param>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>.</exception>
    public static IReadOnlyDictionary<string, string> NamesOf(ProvisioningJob job, IReadOnlySet<string> targetIds)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(targetIds);
        using JobState? state = targetIds.Count == 0 ? null : JobState.OpenReadOnly(job.Store);
        if (state is null)
            return new Dictionary<string, string>();
        var ids = state
            .ReadLinks()
            .Where(link => targetIds.Contains(link.Value.TargetId))
            .ToDictionary(link => link.Key, link => link.Value.TargetId, StringComparer.Ordinal);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string anchor, string name) in state.Log.IdentitiesOf(ids.Keys))
            names[ids[anchor]] = name;
        return names;
    }
}

using System.Globalization;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Job;

/// <summary>
/// The part of a job's state that notifications need: alerts, the outbox, and how the job stands. Outside of a cycle it is opened beside
/// one that may be under way:
/// what is written takes the job from no cycle and makes no plan outdated.
/// </summary>
public sealed class NotificationStore : IDisposable
{
    // A first cycle of a large company takes hours.
    private static readonly TimeSpan s_longestCycle = TimeSpan.FromDays(1);

    private readonly ProvisioningJob _job;
    private readonly JobState _state;

    internal NotificationStore(ProvisioningJob job, JobState state) => (_job, _state) = (job, state);

    /// <summary>Opens beside a cycle that may be under way, and makes the state when there is none.</summary>
    /// <param name="job">The job.</param>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>; <c>JobUnwritable</c>.</exception>
    public static NotificationStore Open(ProvisioningJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return new NotificationStore(job, JobState.OpenBeside(job.StatePath));
    }

    /// <summary>The job has state, so that there may be something to send.</summary>
    /// <param name="job">The job.</param>
    public static bool Exists(ProvisioningJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return job.StatePath.Exists;
    }

    /// <summary>Tells one writing of job.json from the next.</summary>
    public string SettingsMark => MarkOf(_job);

    internal static string MarkOf(ProvisioningJob job) => job.Changed.UtcTicks.ToString(CultureInfo.InvariantCulture);

    /// <summary>Runs short writes as one transaction. Not for the store of a cycle's end, which is within one.</summary>
    /// <param name="writes">The writes.</param>
    /// <exception cref="ProvisioningException"><c>StateUnwritable</c>.</exception>
    public void InTransaction(Action writes) => _state.BesideCycles(writes);

    /// <summary>How the job stands.</summary>
    /// <param name="cycles">How many cycles to list.</param>
    /// <param name="now">UTC.</param>
    public ProvisioningStatus ReadStatus(int cycles, DateTimeOffset now) => ProvisioningStatus.Of(_job, _state, cycles, now);

    /// <summary>Cycles that ended after a time, newest first.</summary>
    /// <param name="since">UTC.</param>
    public IReadOnlyList<CycleSummary> ReadCycles(DateTimeOffset since) =>
        [
            .. _state
                .Log.ReadCycles(int.MaxValue)
                .TakeWhile(cycle => cycle.Began > since - s_longestCycle)
                .Where(cycle => cycle.Ended > since),
        ];

    /// <summary>Who is concerned by what a rule tells, by the names that the log has.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="most">The most names.</param>
    public IReadOnlyList<string> NamesOf(NotificationRule rule, int most) =>
        rule switch
        {
            NotificationRule.DeletesStaged => Staged(takeovers: false, most),
            NotificationRule.TakeoversStaged => Staged(takeovers: true, most),
            NotificationRule.EscrowGrowing => [.. EscrowedEntry.Read(_state).Take(most).Select(entry => entry.Identity)],
            _ => [],
        };

    /// <summary>What is remembered of each condition.</summary>
    public IReadOnlyList<Alert> ReadAlerts() => _state.Alerts.Read();

    /// <summary>Remembers a condition; forgets it when there is nothing to remember.</summary>
    /// <param name="alert">The condition.</param>
    public void SetAlert(Alert alert) => _state.Alerts.Set(alert);

    /// <summary>What is remembered of channels that fail or failed.</summary>
    public IReadOnlyDictionary<string, ChannelMemory> ReadChannels() => _state.Alerts.ReadChannels();

    /// <summary>Remembers how a channel does; null forgets it.</summary>
    /// <param name="name">The channel.</param>
    /// <param name="memory">What is remembered.</param>
    public void SetChannel(string name, ChannelMemory? memory) => _state.Alerts.SetChannel(name, memory);

    /// <summary>Adds a notification for a channel.</summary>
    /// <param name="entry">The notification.</param>
    public void Add(OutboxEntry entry) => _state.Outbox.Add(entry);

    /// <summary>Takes the oldest notification that is due for a while, in which no other sender takes it; null when none is due.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="now">UTC.</param>
    /// <param name="lease">How long it is taken.</param>
    public OutboxEntry? Claim(string channel, DateTimeOffset now, TimeSpan lease)
    {
        OutboxEntry? claimed = null;
        InTransaction(() => claimed = _state.Outbox.Claim(channel, now, lease));
        return claimed;
    }

    /// <summary>A notification was sent, or is given up.</summary>
    /// <param name="entry">The notification.</param>
    public void Remove(OutboxEntry entry) => _state.Outbox.Remove(entry);

    /// <summary>Forgets what waits for a channel, and how it does.</summary>
    /// <param name="channel">The channel.</param>
    public void RemoveChannel(string channel)
    {
        _state.Outbox.RemoveChannel(channel);
        _state.Alerts.SetChannel(channel, null);
    }

    /// <summary>The attempt to send a notification failed.</summary>
    /// <param name="entry">The notification.</param>
    /// <param name="next">When it is due again, UTC.</param>
    public void PutOff(OutboxEntry entry, DateTimeOffset next) => _state.Outbox.PutOff(entry, next);

    /// <summary>Nothing of a channel is due before a time.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="next">UTC.</param>
    public void PutOff(string channel, DateTimeOffset next) => _state.Outbox.PutOff(channel, next);

    /// <summary>Everything of a channel is due.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="now">UTC.</param>
    public void MakeDue(string channel, DateTimeOffset now) => _state.Outbox.MakeDue(channel, now);

    /// <summary>Channels with how many notifications wait.</summary>
    public IReadOnlyDictionary<string, long> ReadWaiting() =>
        _state.Outbox.Waiting().ToDictionary(channel => channel.Key, channel => channel.Value.Count, StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Dispose() => _state.Dispose();

    private List<string> Staged(bool takeovers, int most)
    {
        string[] anchors =
        [
            .. _state
                .ReadStaged()
                .Where(staged => staged.Value.IsTakeover == takeovers)
                .Select(staged => staged.Key)
                .Order(StringComparer.Ordinal)
                .Take(most),
        ];
        Dictionary<string, string> names = _state.Log.IdentitiesOf(anchors);
        return [.. anchors.Select(anchor => names.GetValueOrDefault(anchor, anchor))];
    }
}

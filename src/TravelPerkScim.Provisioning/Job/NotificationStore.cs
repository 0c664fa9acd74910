using System.Globalization;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Job;

/// <summary>
/// The part of a job's state that notifications need: alerts, the outbox, and the job's status. Outside of a cycle, the store is opened
/// beside a cycle that may be under way. A write to the store stops no cycle and makes no plan outdated.
/// </summary>
public sealed class NotificationStore : IDisposable
{
    // A first cycle of a large company takes hours.
    private static readonly TimeSpan s_longestCycle = TimeSpan.FromDays(1);

    private readonly ProvisioningJob _job;
    private readonly JobState _state;

    internal NotificationStore(ProvisioningJob job, JobState state) => (_job, _state) = (job, state);

    /// <summary>Opens the state beside a cycle that may be under way, and makes the state when there is none.</summary>
    /// <param name="job">The job.</param>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>; <c>JobUnwritable</c>.</exception>
    public static NotificationStore Open(ProvisioningJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return new NotificationStore(job, JobState.OpenBeside(job.Store));
    }

    /// <summary>The job has a state, so that notifications may wait in it.</summary>
    /// <param name="job">The job.</param>
    public static bool Exists(ProvisioningJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return job.Store.Exists;
    }

    /// <summary>Changes each time that job.json is written.</summary>
    public string SettingsMark => MarkOf(_job);

    internal static string MarkOf(ProvisioningJob job) => job.Changed.UtcTicks.ToString(CultureInfo.InvariantCulture);

    /// <summary>Runs short writes as one transaction. Not for the store of a cycle's end, which is in a transaction already.</summary>
    /// <param name="writes">The writes.</param>
    /// <exception cref="ProvisioningException"><c>StateUnwritable</c>.</exception>
    public void InTransaction(Action writes) => _state.BesideCycles(writes);

    /// <summary>The job's status.</summary>
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

    /// <summary>The names of the users that a rule's condition concerns, as the log has them.</summary>
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

    /// <summary>The alert of each condition.</summary>
    public IReadOnlyList<Alert> ReadAlerts() => _state.Alerts.Read();

    /// <summary>Keeps an alert; forgets it when it holds nothing worth keeping.</summary>
    /// <param name="alert">The alert.</param>
    public void SetAlert(Alert alert) => _state.Alerts.Set(alert);

    /// <summary>The memory of channels that fail or failed.</summary>
    public IReadOnlyDictionary<string, ChannelMemory> ReadChannels() => _state.Alerts.ReadChannels();

    /// <summary>Keeps the memory of a channel; null forgets it.</summary>
    /// <param name="name">The channel.</param>
    /// <param name="memory">The memory.</param>
    public void SetChannel(string name, ChannelMemory? memory) => _state.Alerts.SetChannel(name, memory);

    /// <summary>Adds a notification for a channel.</summary>
    /// <param name="entry">The notification.</param>
    public void Add(OutboxEntry entry) => _state.Outbox.Add(entry);

    /// <summary>Takes the oldest notification that is due, and keeps other senders from it for the time of the lease; null when none is
    /// due.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="now">UTC.</param>
    /// <param name="lease">How long other senders are kept from it.</param>
    public OutboxEntry? Claim(string channel, DateTimeOffset now, TimeSpan lease)
    {
        OutboxEntry? claimed = null;
        InTransaction(() => claimed = _state.Outbox.Claim(channel, now, lease));
        return claimed;
    }

    /// <summary>Notifications wait that are encrypted, and this process has no keys. They are not claimed.</summary>
    /// <param name="channel">The channel.</param>
    public bool HasUnreadable(string channel) => _state.Outbox.HasUnreadable(channel);

    /// <summary>The notification of a claimed entry, as it was added.</summary>
    /// <param name="entry">The entry.</param>
    /// <exception cref="ProvisioningException"><c>NotificationKeyMissing</c>: the entry is encrypted, and its key is not here.</exception>
    public string ContentOf(OutboxEntry entry) => _state.Outbox.ContentOf(entry);

    /// <summary>Removes a notification that was sent or given up.</summary>
    /// <param name="entry">The notification.</param>
    public void Remove(OutboxEntry entry) => _state.Outbox.Remove(entry);

    /// <summary>Forgets a channel's memory and its waiting notifications.</summary>
    /// <param name="channel">The channel.</param>
    public void RemoveChannel(string channel)
    {
        _state.Outbox.RemoveChannel(channel);
        _state.Alerts.SetChannel(channel, null);
    }

    /// <summary>Puts a notification off whose attempt failed.</summary>
    /// <param name="entry">The notification.</param>
    /// <param name="next">When the notification is due again, UTC.</param>
    public void PutOff(OutboxEntry entry, DateTimeOffset next) => _state.Outbox.PutOff(entry, next);

    /// <summary>Puts all notifications of a channel off until a time.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="next">UTC.</param>
    public void PutOff(string channel, DateTimeOffset next) => _state.Outbox.PutOff(channel, next);

    /// <summary>Makes all notifications of a channel due.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="now">UTC.</param>
    public void MakeDue(string channel, DateTimeOffset now) => _state.Outbox.MakeDue(channel, now);

    /// <summary>For each channel the number of waiting notifications.</summary>
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

using System.Text.Json;
using System.Text.Json.Serialization;
using TravelPerkScim.Operations.Channels;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Operations.Notifications;

/// <summary>
/// Tells of one job: decides at the end of its cycles and between them, and sends what was decided. Nothing in it fails a cycle: what does
/// not work is a warning.
/// Not thread-safe; other notifiers of the same job may be at work in other processes.
/// </summary>
/// <param name="job">The job. Its settings are those that it was opened with.</param>
/// <param name="opener">Opens its channels.</param>
/// <param name="time">Clock.</param>
public sealed class JobNotifier(ProvisioningJob job, IChannelOpener opener, TimeProvider time) : ICycleObserver
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        Converters = { new JsonStringEnumConverter() },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly List<string> _warnings = [];

    private JobNotifications Settings => job.Settings.Notifications ?? new JobNotifications();

    /// <summary>What did not work since this was asked for last.</summary>
    public IReadOnlyList<string> TakeWarnings()
    {
        string[] taken = [.. _warnings];
        _warnings.Clear();
        return taken;
    }

    /// <inheritdoc/>
    public void OnEnding(CycleEnding end)
    {
        ArgumentNullException.ThrowIfNull(end);
        Decide(end.Store, end.Time, atCycleEnd: true);
    }

    /// <inheritdoc/>
    public void OnNotNoted(string reason) =>
        Warn($"What the job '{job.Name}' has to tell could not be noted, and is decided again later: {reason}");

    /// <summary>Decides what there is to tell apart from the end of a cycle: no cycle came, a credential runs out, a digest is due, a reset
    /// ended a quarantine.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>False: the state could not be read or written, and the same is decided later.</returns>
    public Task<bool> CheckAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            // The former channels are dropped, also when no channel is left.
            if (Settings.Channels.Count > 0 || NotificationStore.Exists(job))
            {
                using var store = NotificationStore.Open(job);
                store.InTransaction(() => Decide(store, time.GetUtcNow(), atCycleEnd: false));
            }
            return Task.FromResult(true);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Warn(NotSent(e));
            return Task.FromResult(false);
        }
    }

    /// <summary>Sends what is due, for half a minute at most; what is left is sent later.</summary>
    /// <param name="cancellationToken">Ends it. What was on its way may be sent once more later.</param>
    /// <returns>True: something is left, or the state did not tell.</returns>
    public async Task<bool> SendDueAsync(CancellationToken cancellationToken)
    {
        if (Settings.Channels.Count == 0)
            return false;
        try
        {
            if (!NotificationStore.Exists(job))
                return false;
            using var store = NotificationStore.Open(job);
            await new OutboxSender(store, Settings, opener, time, Read, Warn).SendAsync(cancellationToken).ConfigureAwait(false);
            return store.ReadWaiting().Count > 0;
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
        {
            Warn(NotSent(e));
            return true;
        }
    }

    private void Decide(NotificationStore store, DateTimeOffset now, bool atCycleEnd)
    {
        Forget(store);
        if (Settings.Channels.Count == 0)
            return;
        var facts = new JobFacts(job, store.ReadStatus(JobFacts.CyclesSeen, now), now) { AtCycleEnd = atCycleEnd };
        var decision = AlertDecision.Of(facts, store.ReadAlerts(), store.ReadCycles);
        foreach (Alert alert in decision.Changed)
            store.SetAlert(alert);
        IReadOnlyDictionary<string, ChannelMemory> memories = store.ReadChannels();
        foreach (Notification notification in decision.Notifications)
        {
            foreach (
                NotificationChannel channel in Settings.Channels.Where(channel =>
                    AlertDecision.Takes(channel, notification.Rule!.Value) && !IsOff(store, memories, channel)
                )
            )
            {
                store.Add(new OutboxEntry(notification.Id, channel.Name, now, 0, JsonSerializer.Serialize(notification, s_json)));
            }
        }
    }

    // What belongs to channels that job.json no longer has. Without any channel nothing is watched, so what is remembered would be old when
    // one is set again.
    private void Forget(NotificationStore store)
    {
        var names = Settings.Channels.Select(channel => channel.Name).ToHashSet(StringComparer.Ordinal);
        foreach (string gone in store.ReadWaiting().Keys.Union(store.ReadChannels().Keys).Where(name => !names.Contains(name)).ToList())
            store.RemoveChannel(gone);
        if (names.Count > 0)
            return;
        foreach (Alert alert in store.ReadAlerts())
            store.SetAlert(new Alert(alert.Rule, alert.Subject));
    }

    internal static bool IsOff(NotificationStore store, IReadOnlyDictionary<string, ChannelMemory> memories, NotificationChannel channel) =>
        memories.TryGetValue(channel.Name, out ChannelMemory? memory) && memory.OffAt == store.SettingsMark;

    // Names are not kept in the outbox: they are those of the moment in which it is sent.
    private Notification? Read(NotificationStore store, OutboxEntry entry)
    {
        try
        {
            Notification? notification = JsonSerializer.Deserialize<Notification>(store.ContentOf(entry), s_json);
            return Settings.IncludeNames ? WithNames(store, notification) : notification;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Notification? WithNames(NotificationStore store, Notification? notification)
    {
        if (notification is not { Rule: { } rule, Change: NotificationChange.Begun or NotificationChange.Continuing })
            return notification;
        return notification with { Names = [.. store.NamesOf(rule, MostNames).Select(ShownText.Of)] };
    }

    private const int MostNames = 50;

    private string NotSent(Exception e) =>
        $"The notifications of the job '{job.Name}' could not be looked after: "
        + $"{(ProvisioningException.IsUnexpected(e) ? ProvisioningException.Unexpected(e).Message : e.Message)}";

    private void Warn(string warning) => _warnings.Add(ShownText.Of(warning));
}

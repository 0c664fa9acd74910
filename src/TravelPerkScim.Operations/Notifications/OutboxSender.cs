using TravelPerkScim.Operations.Channels;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Operations.Notifications;

/// <summary>
/// Sends the notifications of a job's outbox that are due. An entry is removed after it was sent, so one whose sender is killed in between
/// is sent once more, with the same id.
/// </summary>
internal sealed class OutboxSender(
    NotificationStore store,
    JobNotifications settings,
    IChannelOpener opener,
    TimeProvider time,
    Func<NotificationStore, OutboxEntry, Notification?> read,
    Action<string> warn
)
{
    private static readonly TimeSpan s_mostOfMessage = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_mostOfTurn = TimeSpan.FromSeconds(30);

    /// <summary>Longer than a message may take: a sender that was killed holds its entry no longer than that.</summary>
    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan[] s_pauses =
    [
        TimeSpan.FromMinutes(1),
        TimeSpan.FromMinutes(5),
        TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(2),
        TimeSpan.FromHours(6),
        TimeSpan.FromHours(12),
    ];
    private static readonly TimeSpan s_longestAsked = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_giveUp = TimeSpan.FromDays(3);

    // A channel that refuses a notification needs an administrator. The sender tries again later, in case the channel was corrected.
    private static readonly TimeSpan s_refusedPause = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_refusedGiveUp = TimeSpan.FromDays(1);

    public async Task SendAsync(CancellationToken cancellationToken)
    {
        using var turn = new CancellationTokenSource(s_mostOfTurn, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(turn.Token, cancellationToken);
        foreach (NotificationChannel channel in settings.Channels)
        {
            if (turn.IsCancellationRequested)
                return;
            if (!store.ReadWaiting().ContainsKey(channel.Name) || JobNotifier.IsOff(store, store.ReadChannels(), channel))
                continue;
            await SendAsync(channel, either.Token, cancellationToken).ConfigureAwait(false);
            if (store.HasUnreadable(channel.Name))
            {
                warn(
                    $"Notifications for the channel '{channel.Name}' are encrypted, and this process has no keys. "
                        + "A worker that is started with --keys sends them."
                );
            }
        }
    }

    private async Task SendAsync(NotificationChannel channel, CancellationToken turn, CancellationToken stop)
    {
        INotificationChannel? opened = null;
        try
        {
            while (!turn.IsCancellationRequested && store.Claim(channel.Name, time.GetUtcNow(), s_lease) is { } entry)
            {
                Notification? notification;
                try
                {
                    notification = read(store, entry);
                }
                catch (ProvisioningException e)
                {
                    // Another process may have the key. The entries that can be read go on.
                    Note(channel, entry, new ChannelAnswer(ChannelResult.Refused, e.Message));
                    continue;
                }
                if (notification is null)
                {
                    Settle(channel, () => store.Remove(entry), before => before);
                    continue;
                }
                ChannelAnswer answer = await AnswerAsync(
                        async limit =>
                        {
                            opened ??= await opener.OpenAsync(channel, limit).ConfigureAwait(false);
                            return await opened.SendAsync(notification, limit).WaitAsync(limit).ConfigureAwait(false);
                        },
                        turn,
                        stop
                    )
                    .ConfigureAwait(false);
                Note(channel, entry, answer);
                // A fault of the connection stops the other entries too.
                if (answer.Result is ChannelResult.TryLater or ChannelResult.Gone)
                    return;
            }
            stop.ThrowIfCancellationRequested();
        }
        finally
        {
            if (opened is not null)
                await CloseAsync(opened).ConfigureAwait(false);
        }
    }

    private async Task<ChannelAnswer> AnswerAsync(
        Func<CancellationToken, Task<ChannelAnswer>> send,
        CancellationToken turn,
        CancellationToken stop
    )
    {
        using var message = new CancellationTokenSource(s_mostOfMessage, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(message.Token, turn);
        try
        {
            return await send(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new ChannelAnswer(ChannelResult.TryLater, $"No answer came within {s_mostOfMessage.TotalSeconds:0} seconds.");
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
        {
            return new ChannelAnswer(ChannelResult.TryLater, e.Message);
        }
    }

    private void Note(NotificationChannel channel, OutboxEntry entry, ChannelAnswer answer)
    {
        DateTimeOffset now = time.GetUtcNow();
        switch (answer.Result)
        {
            case ChannelResult.Sent:
                Settle(
                    channel,
                    () =>
                    {
                        store.Remove(entry);
                        store.MakeDue(channel.Name, now);
                    },
                    _ => null
                );
                return;
            case ChannelResult.Gone:
                warn(
                    $"The channel '{channel.Name}' is switched off, because the other side wants no more notifications: "
                        + $"{answer.Message} Set it again, or remove it from the job."
                );
                Settle(channel, () => store.RemoveChannel(channel.Name), before => Failed(before) with { OffAt = store.SettingsMark });
                return;
        }
        bool refused = answer.Result == ChannelResult.Refused;
        if (now - entry.Created >= (refused ? s_refusedGiveUp : s_giveUp))
        {
            warn(
                $"A notification of {Words.Time(entry.Created)} was given up, because "
                    + $"the channel '{channel.Name}' did not take it: {answer.Message}"
            );
            Settle(channel, () => store.Remove(entry), before => Failed(before) with { GivenUp = (before?.GivenUp ?? 0) + 1 });
            return;
        }
        TimeSpan pause = refused ? s_refusedPause : s_pauses[Math.Min(entry.Attempts, s_pauses.Length - 1)];
        TimeSpan asked = answer.RetryAfter ?? TimeSpan.Zero;
        if (asked > s_longestAsked)
            asked = s_longestAsked;
        DateTimeOffset next = now + (asked > pause ? asked : pause);
        warn($"The channel '{channel.Name}' did not take a notification, which is tried again at {Words.Time(next)}: {answer.Message}");
        Settle(
            channel,
            () =>
            {
                store.PutOff(entry, next);
                if (!refused)
                    store.PutOff(channel.Name, next);
            },
            Failed
        );

        ChannelMemory Failed(ChannelMemory? before) =>
            (before ?? new ChannelMemory()) with
            {
                FailingSince = before?.FailingSince ?? now,
                LastError = answer.Message,
            };
    }

    private void Settle(NotificationChannel channel, Action change, Func<ChannelMemory?, ChannelMemory?> remember) =>
        store.InTransaction(() =>
        {
            ChannelMemory? before = store.ReadChannels().GetValueOrDefault(channel.Name);
            change();
            if (remember(before) is var memory && memory != before)
                store.SetChannel(channel.Name, memory);
        });

    private static async Task CloseAsync(INotificationChannel channel)
    {
        try
        {
            await channel.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The entry is sent, or comes again.
        }
    }
}

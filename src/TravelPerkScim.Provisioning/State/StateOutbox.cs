using System.Data.Common;
using TravelPerkScim.Provisioning.Model;
using static TravelPerkScim.Provisioning.State.StateValue;

namespace TravelPerkScim.Provisioning.State;

/// <summary>A notification that waits to be sent to one channel.</summary>
/// <param name="Id">The notification's stable id.</param>
/// <param name="Channel">The channel's name.</param>
/// <param name="Created">When the notification was made, UTC.</param>
/// <param name="Attempts">Attempts that failed.</param>
/// <param name="Content">The notification as JSON, as the store keeps it. It names no user; the reason of a failure may hold what a
/// service answered.</param>
public sealed record OutboxEntry(string Id, string Channel, DateTimeOffset Created, int Attempts, string Content);

/// <summary>Notifications that wait to be sent: one row for each notification and channel.</summary>
internal sealed class StateOutbox(StateDatabase database)
{
    // No pause is longer. A time further ahead was set by a wrong clock, and the entry is due.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(2);

    public void Add(OutboxEntry entry) =>
        database.Execute(
            """
            INSERT INTO outbox (job, id, channel, created, next, content) VALUES (@job, @p0, @p1, @p2, @p2, @p3)
            ON CONFLICT (job, id, channel) DO NOTHING
            """,
            entry.Id,
            entry.Channel,
            entry.Created.ToUnixTimeMilliseconds(),
            database.Sealed(entry.Content)
        );

    /// <summary>The notification of a claimed entry, as it was added.</summary>
    /// <exception cref="ProvisioningException"><c>NotificationKeyMissing</c>.</exception>
    public string ContentOf(OutboxEntry entry) => database.Unsealed(entry.Content);

    /// <summary>Takes the oldest entry that is due, and keeps other senders from it for the time of the lease; null when no entry is
    /// due.</summary>
    public OutboxEntry? Claim(string channel, DateTimeOffset now, TimeSpan lease)
    {
        long time = now.ToUnixTimeMilliseconds(),
            far = (now + s_longest).ToUnixTimeMilliseconds();
        // The lease is asked for twice, because another sender may claim the entry in between.
        return database
            .Rows(
                """
                UPDATE outbox SET lease = @p3
                WHERE job = @job AND (lease <= @p1 OR lease > @p2) AND number = (
                    SELECT number FROM outbox
                    WHERE job = @job AND channel = @p0 AND (next <= @p1 OR next > @p2) AND (lease <= @p1 OR lease > @p2)
                        AND content NOT LIKE @p4
                    ORDER BY number LIMIT 1
                )
                RETURNING id, channel, created, attempts, content
                """,
                Entry,
                channel,
                time,
                far,
                (now + lease).ToUnixTimeMilliseconds(),
                Unreadable
            )
            .FirstOrDefault();
    }

    /// <summary>Entries wait that this process cannot read. A process that has the keys claims them.</summary>
    public bool HasUnreadable(string channel) =>
        database.Unreadable is not null
        && database.Scalar("SELECT 1 FROM outbox WHERE job = @job AND channel = @p0 AND content LIKE @p1 LIMIT 1", channel, Unreadable)
            is not null;

    // No content is empty.
    private string Unreadable => database.Unreadable is { } beginning ? beginning + "%" : "";

    public void Remove(OutboxEntry entry) =>
        database.Execute("DELETE FROM outbox WHERE job = @job AND id = @p0 AND channel = @p1", entry.Id, entry.Channel);

    public void RemoveChannel(string channel) => database.Execute("DELETE FROM outbox WHERE job = @job AND channel = @p0", channel);

    /// <summary>Puts an entry off whose attempt failed.</summary>
    public void PutOff(OutboxEntry entry, DateTimeOffset next) =>
        database.Execute(
            "UPDATE outbox SET attempts = attempts + 1, next = @p2, lease = 0 WHERE job = @job AND id = @p0 AND channel = @p1",
            entry.Id,
            entry.Channel,
            next.ToUnixTimeMilliseconds()
        );

    /// <summary>Puts all entries of a channel off until a time.</summary>
    public void PutOff(string channel, DateTimeOffset next) =>
        database.Execute(
            "UPDATE outbox SET next = @p1 WHERE job = @job AND channel = @p0 AND next < @p1",
            channel,
            next.ToUnixTimeMilliseconds()
        );

    /// <summary>Makes all entries of a channel due, because the channel takes notifications again.</summary>
    public void MakeDue(string channel, DateTimeOffset now) =>
        database.Execute(
            "UPDATE outbox SET next = @p1 WHERE job = @job AND channel = @p0 AND next > @p1",
            channel,
            now.ToUnixTimeMilliseconds()
        );

    /// <summary>For each channel the number of waiting notifications and the time of the next attempt.</summary>
    public Dictionary<string, (long Count, DateTimeOffset Next)> Waiting() =>
        database
            .Rows(
                """
                SELECT channel, count(*), min(CASE WHEN next < lease THEN lease ELSE next END)
                FROM outbox WHERE job = @job GROUP BY channel
                """,
                row => (row.GetString(0), row.GetInt64(1), Time(row.GetInt64(2)))
            )
            .ToDictionary(channel => channel.Item1, channel => (channel.Item2, channel.Item3), StringComparer.Ordinal);

    private static OutboxEntry Entry(DbDataReader row) =>
        new(row.GetString(0), row.GetString(1), Time(row.GetInt64(2)), row.GetInt32(3), row.GetString(4));
}

using Microsoft.Data.Sqlite;
using static TravelPerkScim.Provisioning.State.StateValue;

namespace TravelPerkScim.Provisioning.State;

/// <summary>A notification that waits to be sent to one channel.</summary>
/// <param name="Id">The notification's stable id.</param>
/// <param name="Channel">The channel's name.</param>
/// <param name="Created">When the notification was made, UTC.</param>
/// <param name="Attempts">Attempts that failed.</param>
/// <param name="Content">The notification as JSON. It names no user.</param>
public sealed record OutboxEntry(string Id, string Channel, DateTimeOffset Created, int Attempts, string Content);

/// <summary>Notifications that wait to be sent: one row for each notification and channel.</summary>
internal sealed class StateOutbox(StateDatabase database)
{
    // No pause is longer. A time further ahead was set by a wrong clock, and the entry is due.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(2);

    public void Add(OutboxEntry entry) =>
        database.Execute(
            "INSERT OR IGNORE INTO outbox (id, channel, created, next, content) VALUES ($p0, $p1, $p2, $p2, $p3)",
            entry.Id,
            entry.Channel,
            entry.Created.ToUnixTimeMilliseconds(),
            entry.Content
        );

    /// <summary>Takes the oldest entry that is due, and keeps other senders from it for the time of the lease; null when no entry is
    /// due.</summary>
    public OutboxEntry? Claim(string channel, DateTimeOffset now, TimeSpan lease)
    {
        long time = now.ToUnixTimeMilliseconds(),
            far = (now + s_longest).ToUnixTimeMilliseconds();
        OutboxEntry? due = database
            .Rows(
                """
                SELECT id, channel, created, attempts, content FROM outbox
                WHERE channel = $p0 AND (next <= $p1 OR next > $p2) AND (lease <= $p1 OR lease > $p2)
                ORDER BY rowid LIMIT 1
                """,
                Entry,
                channel,
                time,
                far
            )
            .FirstOrDefault();
        if (due is not null)
        {
            database.Execute(
                "UPDATE outbox SET lease = $p2 WHERE id = $p0 AND channel = $p1",
                due.Id,
                due.Channel,
                (now + lease).ToUnixTimeMilliseconds()
            );
        }

        return due;
    }

    public void Remove(OutboxEntry entry) =>
        database.Execute("DELETE FROM outbox WHERE id = $p0 AND channel = $p1", entry.Id, entry.Channel);

    public void RemoveChannel(string channel) => database.Execute("DELETE FROM outbox WHERE channel = $p0", channel);

    /// <summary>Puts an entry off whose attempt failed.</summary>
    public void PutOff(OutboxEntry entry, DateTimeOffset next) =>
        database.Execute(
            "UPDATE outbox SET attempts = attempts + 1, next = $p2, lease = 0 WHERE id = $p0 AND channel = $p1",
            entry.Id,
            entry.Channel,
            next.ToUnixTimeMilliseconds()
        );

    /// <summary>Puts all entries of a channel off until a time.</summary>
    public void PutOff(string channel, DateTimeOffset next) =>
        database.Execute("UPDATE outbox SET next = max(next, $p1) WHERE channel = $p0", channel, next.ToUnixTimeMilliseconds());

    /// <summary>Makes all entries of a channel due, because the channel takes notifications again.</summary>
    public void MakeDue(string channel, DateTimeOffset now) =>
        database.Execute("UPDATE outbox SET next = min(next, $p1) WHERE channel = $p0", channel, now.ToUnixTimeMilliseconds());

    /// <summary>For each channel the number of waiting notifications and the time of the next attempt.</summary>
    public Dictionary<string, (long Count, DateTimeOffset Next)> Waiting() =>
        database
            .Rows(
                "SELECT channel, count(*), min(max(next, lease)) FROM outbox GROUP BY channel",
                row => (row.GetString(0), row.GetInt64(1), Time(row.GetInt64(2)))
            )
            .ToDictionary(channel => channel.Item1, channel => (channel.Item2, channel.Item3), StringComparer.Ordinal);

    private static OutboxEntry Entry(SqliteDataReader row) =>
        new(row.GetString(0), row.GetString(1), Time(row.GetInt64(2)), row.GetInt32(3), row.GetString(4));
}

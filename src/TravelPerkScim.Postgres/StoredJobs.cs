using System.Text.Json;
using Npgsql;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Postgres;

/// <summary>How all jobs of a database stand, in one query. A job that moved away or was removed is not among them.</summary>
internal static class StoredJobs
{
    // Each part finds the job's rows by the first column of a key.
    private const string Query = $"""
        SELECT job.key, {Lease.Columns}, named.job, named.mark, named.quarantine, named.failure, cycle.summary,
            link.users, link.enabled, (SELECT count(*) FROM {PostgresSchema.Name}.grouplink WHERE job = job.id),
            (SELECT count(*) FROM {PostgresSchema.Name}.escrow WHERE job = job.id)
                + (SELECT count(*) FROM {PostgresSchema.Name}.groupescrow WHERE job = job.id),
            (SELECT count(*) FROM {PostgresSchema.Name}.staged WHERE job = job.id)
        FROM {PostgresSchema.Name}.job
        CROSS JOIN LATERAL (
            SELECT max(text) FILTER (WHERE name = '{StateNames.Job}') AS job, max(text) FILTER (WHERE name = '{StateNames.Mark}') AS mark,
                max(text) FILTER (WHERE name = '{Quarantine.Name}') AS quarantine,
                max(text) FILTER (WHERE name = '{RunFailure.Name}') AS failure
            FROM {PostgresSchema.Name}.named
            WHERE named.job = job.id AND name IN ('{StateNames.Job}', '{StateNames.Mark}', '{Quarantine.Name}', '{RunFailure.Name}')
        ) named
        CROSS JOIN LATERAL (
            SELECT count(*) AS users, count(*) FILTER (WHERE enabled = 1) AS enabled
            FROM {PostgresSchema.Name}.link WHERE link.job = job.id
        ) link
        LEFT JOIN LATERAL (
            SELECT summary FROM {PostgresSchema.Name}.cycle WHERE cycle.job = job.id ORDER BY number DESC LIMIT 1
        ) cycle ON true
        """;

    /// <summary>Reads the jobs one by one. The state of a job that is damaged is an error in its place.</summary>
    /// <exception cref="System.Data.Common.DbException">The database does not answer, or refuses.</exception>
    public static IEnumerable<StoredJob> Read(NpgsqlConnection connection, string database)
    {
        using var command = new NpgsqlCommand(Query, connection);
        using NpgsqlDataReader row = command.ExecuteReader();
        while (row.Read())
        {
            if (Job(row, database) is { } job)
                yield return job;
        }
    }

    private static StoredJob? Job(NpgsqlDataReader row, string database)
    {
        string key = row.GetString(0);
        try
        {
            var mark = StateMark.Parse(Text(row, 5));
            return mark is null or { Kind: StateMarkKind.Arriving } ? new StoredJob(key, Status(row, key, mark is not null), null) : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or NotSupportedException)
        {
            return new StoredJob(key, null, StateFailure.Unreadable($"{key} in the {database}", e, PostgresFailure.Advice(e)));
        }
    }

    private static StoredJobStatus Status(NpgsqlDataReader row, string key, bool isArriving)
    {
        var lease = Lease.Of(row, 1);
        return new StoredJobStatus
        {
            Key = key,
            Job = Text(row, 4),
            Holder = lease?.Holder,
            HeldSince = lease?.Since,
            HeldUntil = lease?.Until,
            LinkedUsers = row.GetInt64(9),
            EnabledUsers = row.GetInt64(10),
            LinkedGroups = row.GetInt64(11),
            Escrowed = row.GetInt64(12),
            Staged = row.GetInt64(13),
        }.With(Text(row, 8), Text(row, 6), Text(row, 7), isArriving);
    }

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}

/// <summary>A job of a shared database: its status, or why there is none.</summary>
/// <param name="Key">The key of its state.</param>
/// <param name="Status">Its status; null when the state cannot be read.</param>
/// <param name="Error">Why the state cannot be read; null when it can.</param>
public sealed record StoredJob(string Key, StoredJobStatus? Status, ProvisioningException? Error);

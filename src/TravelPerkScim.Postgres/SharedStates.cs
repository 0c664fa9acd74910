using System.Data.Common;
using Npgsql;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Postgres;

/// <summary>The states of jobs in one PostgreSQL database, which several machines use. A process has one. Thread-safe.</summary>
public sealed class SharedStates : IDisposable
{
    // Named value: the folder's name of the job whose state it is.
    private const string JobName = "job";

    private readonly PostgresServer _server;
    private readonly DatabaseClock _clock;

    private SharedStates(PostgresServer server)
    {
        _server = server;
        _clock = new DatabaseClock(server.Time);
    }

    /// <summary>The database's clock, as <see cref="Look"/> found it last; the machine's until then. Timers are the machine's.</summary>
    public TimeProvider Clock => _clock;

    /// <summary>How far the machine's clock is ahead of the database's; less than zero when it is behind.</summary>
    public TimeSpan ClockApart => _clock.Apart;

    /// <summary>Tells this process from the others that use the database.</summary>
    public string Process => _server.Owner;

    /// <summary>Names the database. Nothing is sent to it yet.</summary>
    /// <param name="connection">A connection string of Npgsql, such as <c>Host=db;Database=perk;Username=worker;Password=...</c>.</param>
    /// <param name="time">Clock of the leases' renewals. Default: the system's.</param>
    /// <exception cref="ArgumentException">The text is no connection string. The message does not repeat the text.</exception>
    public static SharedStates At(string connection, TimeProvider? time = null)
    {
        try
        {
            return new SharedStates(new PostgresServer(connection, time));
        }
        catch (Exception e) when (e is ArgumentException or FormatException or NotSupportedException or InvalidOperationException)
        {
            throw new ArgumentException(
                "This is no connection string that can be used. It has the form Host=...;Database=...;Username=...;Password=..., "
                    + "with one host: the primary, or an address that leads to the primary.",
                nameof(connection)
            );
        }
    }

    /// <summary>The database, as messages call it. The text has no password.</summary>
    public override string ToString() => _server.Name;

    /// <summary>Lets a job keep its state here, under the key that its job.json gives.</summary>
    /// <exception cref="ProvisioningException"><c>StateNotShared</c>: the job has no key.</exception>
    public void Attach(ProvisioningJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (job.Settings.StateKey is not { } key)
        {
            throw new ProvisioningException(
                "StateNotShared",
                $"The job '{job.Name}' keeps its state in a file of this machine, which other machines do not see. "
                    + $"Give the job a \"stateKey\" in job.json, so that it keeps the state in the {this}. "
                    + "A job that has run before gets a new state, and looks for its users again by the matching attributes."
            );
        }
        job.Store = _server.StoreOf(key);
    }

    /// <summary>Makes this process the only one that runs cycles of the job, until the result is disposed of. The lease is renewed
    /// meanwhile.</summary>
    /// <exception cref="ProvisioningException"><c>JobBusy</c>: another process runs a cycle of the job, or was killed less than a minute
    /// ago. <c>StateOfAnotherJob</c>: the key is another job's. <c>StateUnreadable</c>: the database does not answer.</exception>
    public IDisposable Claim(ProvisioningJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        StateDatabase database = _server.StoreOf(job.Settings.StateKey!).Open();
        try
        {
            // Before the lease is taken, so that the other job's cycle is not disturbed.
            CheckJob(database, job);
            database.Fence();
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    // A copied folder has the key of the first one. Its users would be taken for the first job's, and all others for leavers.
    private static void CheckJob(StateDatabase database, ProvisioningJob job)
    {
        try
        {
            string known = NameIn(database) ?? Named(database, job.Name);
            if (known != job.Name)
            {
                throw new ProvisioningException(
                    "StateOfAnotherJob",
                    $"The state under the stateKey '{job.Settings.StateKey}' is that of the job '{ShownText.Of(known)}', "
                        + $"and not of the job '{job.Name}'. "
                        + "Give this job a stateKey of its own in job.json; or, if the folder was renamed, give it the former name."
                );
            }
        }
        catch (DbException e)
        {
            throw StateFailure.Unreadable(database.Name, e, PostgresFailure.Advice(e));
        }
    }

    private static string? NameIn(StateDatabase database) =>
        database.Scalar("SELECT text FROM named WHERE job = @job AND name = @p0", JobName) as string;

    // The first job that writes its name has the state, and the name never changes.
    private static string Named(StateDatabase database, string name)
    {
        database.Transact(() =>
            database.Execute(
                "INSERT INTO named (job, name, text) VALUES (@job, @p0, @p1) ON CONFLICT (job, name) DO NOTHING",
                JobName,
                name
            )
        );
        return NameIn(database)!;
    }

    /// <summary>Looks at all jobs with one question, and at the database's clock.</summary>
    /// <returns>How the jobs stand, by the job's key.</returns>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>: the database does not answer.</exception>
    public IReadOnlyDictionary<string, SharedState> Look()
    {
        var states = new Dictionary<string, SharedState>(StringComparer.Ordinal);
        try
        {
            using NpgsqlConnection? connection = _server.Connect(create: true);
            ReadClock(connection!);
            using NpgsqlCommand command = connection!.CreateCommand();
            command.CommandText = $"""
                SELECT job.key, COALESCE(named.number, 0), job.expires > clock_timestamp() AND job.owner <> $2
                FROM {PostgresSchema.Name}.job LEFT JOIN {PostgresSchema.Name}.named ON named.job = job.id AND named.name = $1
                """;
            command.With(StateDatabase.ChangesName, _server.Owner);
            using NpgsqlDataReader rows = command.ExecuteReader();
            while (rows.Read())
                states[rows.GetString(0)] = new SharedState(rows.GetInt64(1), IsElsewhere: !rows.IsDBNull(2) && rows.GetBoolean(2));
            return states;
        }
        catch (DbException e)
        {
            throw StateFailure.Unreadable(_server.Name, e, PostgresFailure.Advice(e));
        }
    }

    /// <summary>How often the state of one job was written.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>: the database does not answer.</exception>
    public long ChangesOf(ProvisioningJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        try
        {
            using NpgsqlConnection? connection = _server.Connect(create: true);
            object? number = connection!.Scalar(
                $"""
                SELECT named.number FROM {PostgresSchema.Name}.job JOIN {PostgresSchema.Name}.named ON named.job = job.id
                WHERE job.key = $1 AND named.name = $2
                """,
                job.Settings.StateKey!,
                StateDatabase.ChangesName
            );
            return number as long? ?? 0;
        }
        catch (DbException e)
        {
            throw StateFailure.Unreadable(_server.Name, e, PostgresFailure.Advice(e));
        }
    }

    private void ReadClock(NpgsqlConnection connection)
    {
        DateTimeOffset asked = _server.Time.GetUtcNow();
        var told = (DateTime)connection.Scalar("SELECT clock_timestamp()")!;
        _clock.Set(asked, told, _server.Time.GetUtcNow());
    }

    public void Dispose() => _server.Dispose();
}

/// <summary>How a job in the database stands.</summary>
/// <param name="Changes">How often the job's state was written. A job whose number did not change stands as before.</param>
/// <param name="IsElsewhere">Another process has the job's lease, and runs a cycle. Where that process was killed, this ends with the
/// lease.</param>
public readonly record struct SharedState(long Changes, bool IsElsewhere);

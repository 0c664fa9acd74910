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

    private SharedStates(PostgresServer server) => _server = server;

    /// <summary>Names the database. Nothing is sent to it yet.</summary>
    /// <param name="connection">A connection string of Npgsql, such as <c>Host=db;Database=perk;Username=worker;Password=...</c>.</param>
    /// <param name="time">Clock of the leases' renewals. Default: the system's.</param>
    /// <param name="keys">Encrypt notifications and sign-ins. Null: notifications are kept as they are, and sign-ins not at all.</param>
    /// <exception cref="ArgumentException">The text is no connection string. The message does not repeat the text.</exception>
    public static SharedStates At(string connection, TimeProvider? time = null, IStoreKeys? keys = null)
    {
        try
        {
            return new SharedStates(new PostgresServer(connection, time, keys));
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

    /// <summary>Lets a job keep its state here, under the key that its job.json gives, and its sign-in where there are keys that encrypt
    /// it.</summary>
    /// <param name="job">The job.</param>
    /// <param name="signsInAgain">A person signs in, so that a token that cannot be read is replaced.</param>
    /// <exception cref="ProvisioningException"><c>StateNotShared</c>: the job has no key.</exception>
    public void Attach(ProvisioningJob job, bool signsInAgain = false)
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
        job.Tokens = _server.Keys is { } keys ? new PostgresTokenStore(_server, key, keys, signsInAgain) : null;
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

    /// <summary>How often the state of each job was written, by the job's key. A job whose number did not change stands as
    /// before.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>: the database does not answer.</exception>
    public IReadOnlyDictionary<string, long> ReadChanges()
    {
        var changes = new Dictionary<string, long>(StringComparer.Ordinal);
        try
        {
            using NpgsqlConnection? connection = _server.Connect(create: true);
            using NpgsqlCommand command = connection!.CreateCommand();
            command.CommandText =
                $"SELECT job.key, named.number FROM {PostgresSchema.Name}.job JOIN {PostgresSchema.Name}.named ON named.job = job.id "
                + "WHERE named.name = $1";
            command.With(StateDatabase.ChangesName);
            using NpgsqlDataReader rows = command.ExecuteReader();
            while (rows.Read())
                changes[rows.GetString(0)] = rows.GetInt64(1);
            return changes;
        }
        catch (DbException e)
        {
            throw StateFailure.Unreadable(_server.Name, e, PostgresFailure.Advice(e));
        }
    }

    public void Dispose() => _server.Dispose();
}

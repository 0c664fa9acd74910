using System.Security;
using Npgsql;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Postgres;

/// <summary>The states of jobs in one PostgreSQL database, which several machines use. A process has one. Thread-safe.</summary>
public sealed class SharedStates : IDisposable
{
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

    /// <summary>Names the database whose connection string is in a file. Nothing is sent to the database yet.</summary>
    /// <param name="file">The file, absolute. It holds the connection string and nothing else.</param>
    /// <param name="time">Clock of the leases' renewals. Default: the system's.</param>
    /// <param name="keys">Encrypt notifications and sign-ins. Null: notifications are kept as they are, and sign-ins not at all.</param>
    /// <param name="cancellationToken">Cancelled when the caller no longer waits.</param>
    /// <exception cref="ArgumentException">There is no such file, or the text is no connection string. The message does not repeat the
    /// text.</exception>
    /// <exception cref="ProvisioningException"><c>SecretExposed</c> and the others of
    /// <see cref="SecretReader"/>.</exception>
    public static async Task<SharedStates> AtFileAsync(
        string file,
        TimeProvider? time,
        IStoreKeys? keys,
        CancellationToken cancellationToken
    )
    {
        if (!File.Exists(file))
            throw new ArgumentException($"There is no file '{ShownText.Of(file)}', which should hold the connection string.", nameof(file));
        using SecureString connection = await new SecretReader()
            .ReadAsync(new SecretPlace(SecretFrom.File, Path: file), cancellationToken)
            .ConfigureAwait(false);
        return At(SecretText.Reveal(connection), time, keys);
    }

    /// <summary>The database, as messages call it. The text has no password.</summary>
    public override string ToString() => _server.Name;

    /// <summary>Lets a job keep its state here, under the key that its job.json gives, and its sign-in where there are keys that encrypt
    /// it. Where the key has the state of a job of another name, the state is refused when it is opened
    /// (<c>StateOfAnotherJob</c>).</summary>
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
                    + "Move-ProvisioningJobState does both for a job that has run before."
            );
        }
        job.Store = _server.StoreOf(key, job.Name);
        job.Tokens = _server.Keys is { } keys ? new PostgresTokenStore(_server, key, keys, signsInAgain) : null;
    }

    /// <summary>Makes this process the only one that runs cycles of the job, until the result is disposed of. The lease is renewed
    /// meanwhile.</summary>
    /// <exception cref="ProvisioningException"><c>JobBusy</c>: another process runs a cycle of the job, or was killed less than a minute
    /// ago. <c>StateOfAnotherJob</c>: the key is another job's. <c>StateMoved</c> and the like: the state is no longer here.
    /// <c>StateUnreadable</c>: the database does not answer.</exception>
    public IDisposable Claim(ProvisioningJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        // A key of another job is refused here, before the lease is taken: the other job's cycle is not disturbed.
        StateDatabase database = _server.StoreOf(job.Settings.StateKey!, job.Name).Open();
        try
        {
            database.Fence();
            StateMark.Refuse(StateMark.Of(database), database.Name);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Moves the state of a job into the database, or ends such a move that was cut off, and lets job.json name the key.</summary>
    /// <param name="job">The job: its state is in its folder, or in this database under another key.</param>
    /// <param name="key">The key of the state in the database.</param>
    /// <param name="progress">Told of the number of copied rows, now and then.</param>
    /// <param name="cancellationToken">Ends the copy. The state then stays in its place.</param>
    /// <param name="time">Clock. Default: the system's.</param>
    /// <exception cref="ProvisioningException"><c>JobBusy</c>; <c>StateOfAnotherJob</c>: the key has another state. <c>StateMoved</c>: the
    /// state is in a third place. <c>StateNotFound</c>; <c>StateUnreadable</c>; <c>StateUnwritable</c>; <c>JobUnwritable</c>.</exception>
    public ProvisioningStateMove MoveHere(
        ProvisioningJob job,
        string key,
        Action<long> progress,
        CancellationToken cancellationToken,
        TimeProvider? time = null
    )
    {
        ArgumentNullException.ThrowIfNull(job);
        (job.Settings with { StateKey = key }).Validate("-StateKey");
        IStateStore target = _server.StoreOf(key, job.Name);
        ProvisioningStateMove move = MoveOf(job, target, key, time).Run(progress, cancellationToken);
        Attach(job);
        return move;
    }

    /// <summary>Moves the state of a job out of the database into a file of the job's folder, or ends such a move that was cut off, and
    /// lets job.json name no key.</summary>
    /// <inheritdoc cref="MoveHere"/>
    public ProvisioningStateMove MoveToFile(
        ProvisioningJob job,
        Action<long> progress,
        CancellationToken cancellationToken,
        TimeProvider? time = null
    )
    {
        ArgumentNullException.ThrowIfNull(job);
        return MoveOf(job, job.OwnFile, key: null, time).Run(progress, cancellationToken);
    }

    private StateMove MoveOf(ProvisioningJob job, IStateStore target, string? key, TimeProvider? time)
    {
        bool isInFile = job.Settings.StateKey is null;
        return new StateMove(job, Named(job), target, key, time ?? TimeProvider.System)
        {
            LeftBy = move => isInFile ? _server.StoreLeftBy(move) : job.OwnFile,
        };
    }

    // A database that does not know the key is the wrong one, or the job never ran. An empty state would take the place of the job's.
    private IStateStore Named(ProvisioningJob job)
    {
        IStateStore named = job.Settings.StateKey is { } key ? _server.StoreOf(key, job.Name) : job.OwnFile;
        return named.Exists ? named : throw NotFound(job);
    }

    private ProvisioningException NotFound(ProvisioningJob job)
    {
        (string where, string wayOut) = job.Settings.StateKey is { } key
            ? ($"the {this} has no state under the key '{key}' of job.json", "Connect to the database that has the state.")
            : ("the job's folder has no state.db", "Run the command on the machine whose folder has the state.");
        return new ProvisioningException(
            "StateNotFound",
            $"The state of the job '{job.Name}' was not moved, because {where}. {wayOut} A job that has not run yet has no state to move: "
                + "New-ProvisioningJob -StateKey makes one that begins in the database, and \"stateKey\" in job.json says the same."
        );
    }

    /// <summary>Looks at all jobs with one question, and at the database's clock.</summary>
    /// <returns>How the jobs stand, by the job's key.</returns>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>: the database does not answer.</exception>
    public IReadOnlyDictionary<string, SharedState> Look() => _server.Ask(create: true, connection => ReadStates(connection!));

    /// <summary>How all jobs of the database stand. First come the jobs whose state cannot be read, then those that need a person, then
    /// those that are silent for longest.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>: the database does not answer, or a later version made its
    /// tables.</exception>
    public IReadOnlyList<StoredJob> ReadJobs()
    {
        IReadOnlyList<StoredJob> jobs = _server.Ask<IReadOnlyList<StoredJob>>(
            create: false,
            connection => connection is null ? [] : [.. StoredJobs.Read(connection, _server.Name)]
        );
        return
        [
            .. jobs.Where(job => job.Status is null).OrderBy(job => job.Key, StringComparer.Ordinal),
            .. jobs.Where(job => job.Status is not null)
                .WorstFirst(job => job.Status!.Concern, job => job.Status!.SilentSince, job => job.Key),
        ];
    }

    private Dictionary<string, SharedState> ReadStates(NpgsqlConnection connection)
    {
        ReadClock(connection);
        var states = new Dictionary<string, SharedState>(StringComparer.Ordinal);
        using NpgsqlCommand command = connection.CreateCommand();
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

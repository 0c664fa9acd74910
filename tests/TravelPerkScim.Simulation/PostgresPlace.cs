using Npgsql;
using TravelPerkScim.Postgres;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Simulation;

/// <summary>
/// All jobs keep their states in a PostgreSQL database. In some cycles the database ends the connections of the process, the answer to a
/// commit is lost, another process takes the job over, or the process is killed between two statements.
/// </summary>
internal sealed class PostgresPlace : IStatePlace
{
    private const string Process = "simulation";

    // A story is the same each time: rows come in the order of a key, however many other histories are in the tables. The pool has no
    // timer that would fire at any moment.
    private const string SameEachTime =
        "Options=-c enable_seqscan=off -c enable_bitmapscan=off;Connection Idle Lifetime=86400;Connection Pruning Interval=86400";

    // Told apart from the random numbers of the history, which are those of a history whose state is in a file.
    private const int OwnNumbers = 0x5707E;

    private readonly PostgresServer _process;
    private readonly PostgresServer _others;
    private readonly string _history;
    private readonly Random _random;
    private readonly Action<string> _tell;
    private StoreTrouble? _trouble;

    public PostgresPlace(string store, string history, int seed, TimeProvider time, Action<string> tell)
    {
        BatchSender.Use();
        _process = new PostgresServer($"{store};{SameEachTime};Application Name={Process}", time);
        _others = new PostgresServer($"{store};{SameEachTime};Application Name=others", time);
        (_history, _random, _tell) = (history, new Random(seed ^ OwnNumbers), tell);
    }

    public int Faults { get; private set; }

    public string? KeyOf(string job) => $"{_history}-{job}";

    public void Attach(ProvisioningJob job) => job.Store = new WatchedStore(_process.StoreOf(job.Settings.StateKey!, job.Name), Look);

    public void Survive(ProvisioningJob job, string folder)
    {
        var next = ProvisioningJob.Open(folder);
        next.Save(next.Settings with { StateKey = KeyOf(next.Name) });
        using StateDatabase? left = _others.StoreOf(job.Settings.StateKey!, job.Name).OpenToLook();
        if (left is null)
            return;
        using StateDatabase copy = _others.StoreOf(next.Settings.StateKey!, next.Name).Open();
        copy.Transact(() => new StateCopy(left, copy).Run(_ => { }, CancellationToken.None));
    }

    public void BeginTrouble(ProvisioningJob job, Action kill)
    {
        string key = job.Settings.StateKey!;
        _trouble = StoreTrouble.Draw(
            _random,
            new StoreTroubleMakers(
                EndConnections: EndConnections,
                TakeOver: () => TakeOver(key),
                Changes: () => Changes(key),
                Kill: kill,
                Tell: _tell
            )
        );
    }

    public void Step() => _trouble?.AtStep();

    public void EndTrouble(Exception? error)
    {
        (StoreTrouble? trouble, _trouble) = (_trouble, null);
        if (trouble?.Ended(error) == true)
            Faults++;
    }

    public void Dispose()
    {
        _process.Dispose();
        _others.Dispose();
    }

    private void Look(string statement) => _trouble?.AtStatement(statement);

    // It waits until they are gone: what the process sends next finds none of them.
    private void EndConnections() =>
        Ask(
            "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity "
                + "WHERE datname = current_database() AND application_name = $1",
            Process
        );

    // The other process lets the lease go at once, so that the next cycle can begin.
    private bool TakeOver(string key)
    {
        bool wasWriter = Ask($"SELECT 1 FROM {PostgresSchema.Name}.job WHERE key = $1 AND owner = $2", key, _process.Owner) is not null;
        Ask($"UPDATE {PostgresSchema.Name}.job SET epoch = epoch + 1, owner = 'another 1 x', expires = '-infinity' WHERE key = $1", key);
        return wasWriter;
    }

    private long Changes(string key) =>
        Ask(
            $"""
            SELECT named.number FROM {PostgresSchema.Name}.job JOIN {PostgresSchema.Name}.named ON named.job = job.id
            WHERE job.key = $1 AND named.name = '{StateDatabase.ChangesName}'
            """,
            key
        ) as long?
        ?? 0;

    private object? Ask(string sql, params object[] values)
    {
        using NpgsqlConnection connection = _others.Connect(create: true)!;
        return connection.Scalar(sql, values);
    }

    /// <summary>A store whose statements are told before they are executed.</summary>
    private sealed record WatchedStore(IStateStore Inner, Action<string> Look) : IStateStore
    {
        public string Name => Inner.Name;

        public bool Exists => Inner.Exists;

        public StateDatabase Open() => Watched(Inner.Open());

        public StateDatabase? OpenToLook() => Inner.OpenToLook() is { } state ? Watched(state) : null;

        private StateDatabase Watched(StateDatabase state)
        {
            state.Watch = Look;
            return state;
        }
    }
}

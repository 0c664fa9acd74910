using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace TravelPerkScim.Provisioning.Record;

/// <summary>An open <c>state.db</c>: statements, rows, transactions, and the fence. Not thread-safe.</summary>
internal sealed class StateDatabase : IDisposable
{
    private const string EpochName = "epoch";

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);
    private SqliteTransaction? _transaction;
    private long? _epoch;

    private StateDatabase(SqliteConnection connection) => _connection = connection;

    public string File => _connection.DataSource;

    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>.</exception>
    public static StateDatabase Open(string file, SqliteOpenMode mode)
    {
        var database = new StateDatabase(new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false }.ToString()));
        try
        {
            database._connection.Open();
            // A commit survives the end of the process. Losing power may take the last commits back, whole: the matching attributes find again what they knew.
            database.Execute("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;");
            StateSchema.Prepare(database);
            return database;
        }
        catch (SqliteException e)
        {
            database.Dispose();
            throw Unreadable(file, e);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>From now on this is the only writer: whoever wrote before finds the epoch changed, and can commit nothing more.</summary>
    public void Fence() => InTransaction(() =>
    {
        long epoch = (Scalar("SELECT value FROM named WHERE name = $p0", EpochName) as long? ?? 0) + 1;
        Execute("INSERT INTO named VALUES ($p0, $p1) ON CONFLICT (name) DO UPDATE SET value = excluded.value", EpochName, epoch);
        _epoch = epoch;
    });

    /// <summary>Runs the given writes as one transaction.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnwritable</c>: disk full, locked for long, damaged. <c>JobTakenOver</c>: another process became the writer.</exception>
    public void InTransaction(Action writes)
    {
        try
        {
            using SqliteTransaction transaction = Begin();
            if (_epoch is { } epoch && Scalar("SELECT value FROM named WHERE name = $p0", EpochName) as long? != epoch)
                throw new ProvisioningException("JobTakenOver", $"Another process has taken over the job of '{File}' while this one was not running. This cycle stops; the other one goes on.");
            writes();
            transaction.Commit();
        }
        catch (SqliteException e)
        {
            throw new ProvisioningException("StateUnwritable", $"The job's state '{File}' can no longer be written: {e.Message}. The cycle was stopped; the next one finds what was done.", e);
        }
    }

    public SqliteTransaction Begin() => _transaction = _connection.BeginTransaction();

    public void Execute(string sql, params object[] values) => Command(sql, values).ExecuteNonQuery();

    public object? Scalar(string sql, params object[] values) => Command(sql, values).ExecuteScalar();

    /// <summary>Rows as they are read. What a damaged file makes of them is an error that says so.</summary>
    public IEnumerable<T> Rows<T>(string sql, Func<SqliteDataReader, T> read, params object[] values)
    {
        // Not one of the kept commands: another one may be executed while these rows are read.
        using SqliteCommand command = _connection.CreateCommand();
        Fill(command, sql, values);
        using SqliteDataReader reader = Guarded(command.ExecuteReader);
        while (Guarded(reader.Read))
            yield return Guarded(() => read(reader));
    }

    public void Dispose()
    {
        foreach (SqliteCommand command in _commands.Values)
            command.Dispose();
        _connection.Dispose();
    }

    private SqliteCommand Command(string sql, object[] values)
    {
        if (_commands.TryGetValue(sql, out SqliteCommand? command))
        {
            for (int i = 0; i < values.Length; i++)
                command.Parameters[i].Value = values[i];
            command.Transaction = _transaction?.Connection is null ? null : _transaction;
            return command;
        }
        command = _connection.CreateCommand();
        Fill(command, sql, values);
        return _commands[sql] = command;
    }

    private static void Fill(SqliteCommand command, string sql, object[] values)
    {
        command.CommandText = sql;
        for (int i = 0; i < values.Length; i++)
            command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"$p{i}"), values[i]);
    }

    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is SqliteException or JsonException or FormatException or InvalidCastException or ArgumentException or EndOfStreamException)
        {
            throw Unreadable(File, e);
        }
    }

    private static ProvisioningException Unreadable(string file, Exception e) =>
        new("StateUnreadable", $"The job's state '{file}' cannot be read: {e.Message}. If it is damaged, move it away: the next cycle finds the users in TravelPerk by their matching attributes.", e);
}

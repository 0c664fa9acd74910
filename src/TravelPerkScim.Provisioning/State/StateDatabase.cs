using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using TravelPerkScim.Provisioning.Disk;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.State;

/// <summary>An open <c>state.db</c>: statements, rows, transactions, and the fence. Not thread-safe.</summary>
internal sealed class StateDatabase : IDisposable
{
    /// <summary>Named value: the number of times that the state was written.</summary>
    public const string ChangesName = "changes";

    private const string EpochName = "epoch";

    // Another process has the file for the moment of a commit. The library asks SQLite again when SQLite's own patience ends, so both end
    // together.
    private const int BusySeconds = 5;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);
    private SqliteTransaction? _transaction;
    private long? _epoch;
    private DirectoryInfo? _copy;

    private StateDatabase(SqliteConnection connection, string file) => (_connection, File) = (connection, file);

    /// <summary>The job's file, also where the database is a copy of that file.</summary>
    public string File { get; }

    /// <summary>Opens the state for reading and writing, and makes the file when asked to.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>; <c>JobFileIsLink</c>.</exception>
    public static StateDatabase Open(StateFile file, bool create)
    {
        JobFolder.RefuseLinkedState(Path.GetDirectoryName(file.Path)!);
        try
        {
            file.MakePrivate(create);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw JobFolder.Unwritable("The job's state was not opened.", file.Path, e);
        }
        return Connect(
            file,
            new SqliteConnectionStringBuilder
            {
                DataSource = file.Path,
                Mode = SqliteOpenMode.ReadWrite,
                Pooling = false,
                DefaultTimeout = BusySeconds,
            },
            database =>
            {
                database.Execute($"PRAGMA busy_timeout = {BusySeconds * 1000}; PRAGMA secure_delete = ON;");
                StateJournal.Choose(database, file);
                Prepare(database);
            }
        );
    }

    /// <summary>Opens the state to look at it. Where the file or its folder cannot be written, nothing is written: the file is read as it
    /// is. Where a log beside it holds a part of the state, a copy of both is read.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>; <c>JobFileIsLink</c>.</exception>
    public static StateDatabase OpenToLook(StateFile file)
    {
        try
        {
            return Open(file, create: false);
        }
        catch (ProvisioningException e) when (StateFailure.IsDenied(e.InnerException))
        {
            StateDatabase? seen = file.HasUnfinished ? null : LookAt(file);
            seen ??= LookAtCopy(file);
            if (seen is not null)
                return seen;
            throw;
        }
    }

    // The file is read without locks and without a log beside it, because this account cannot write to the file.
    private static StateDatabase? LookAt(StateFile file)
    {
        try
        {
            bool current = false;
            var how = new SqliteConnectionStringBuilder
            {
                DataSource = $"{UriOf(file.Path)}?immutable=1",
                Mode = SqliteOpenMode.ReadOnly,
                Pooling = false,
            };
            StateDatabase database = Connect(
                file,
                how,
                opened =>
                {
                    StateSchema.RefuseForeign(opened);
                    current = StateSchema.IsCurrent(opened);
                }
            );
            if (current)
                return database;
            database.Dispose();
            return null;
        }
        catch (ProvisioningException e) when (e.InnerException is SqliteException)
        {
            return null;
        }
    }

    private static string UriOf(string path)
    {
        string escaped = string.Join('/', path.Replace(Path.DirectorySeparatorChar, '/').Split('/').Select(Uri.EscapeDataString));
        return escaped.StartsWith('/') ? "file://" + escaped : "file:///" + escaped;
    }

    private static StateDatabase? LookAtCopy(StateFile file)
    {
        DirectoryInfo? folder = null;
        try
        {
            // Only this account can enter the folder.
            folder = Directory.CreateTempSubdirectory("travelperk-state-");
            foreach (
                string part in file.Files.Where(part => !part.EndsWith("-shm", StringComparison.Ordinal) && System.IO.File.Exists(part))
            )
            {
                string copy = Path.Combine(folder.FullName, Path.GetFileName(part));
                System.IO.File.Copy(part, copy);
                System.IO.File.SetAttributes(copy, FileAttributes.Normal);
            }
            var copied = new StateFile(Path.Combine(folder.FullName, Path.GetFileName(file.Path)), Volume.Local);
            copied.MakePrivate(create: false);
            StateDatabase database = Connect(
                file,
                new SqliteConnectionStringBuilder
                {
                    DataSource = copied.Path,
                    Mode = SqliteOpenMode.ReadWrite,
                    Pooling = false,
                },
                Prepare
            );
            database._copy = folder;
            return database;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ProvisioningException)
        {
            folder?.Delete(recursive: true);
            if (e is ProvisioningException { InnerException: not SqliteException })
                throw;
            return null;
        }
    }

    private static void Prepare(StateDatabase database)
    {
        StateSchema.RefuseForeign(database);
        StateSchema.Prepare(database);
    }

    private static StateDatabase Connect(StateFile file, SqliteConnectionStringBuilder how, Action<StateDatabase> prepare)
    {
        var database = new StateDatabase(new SqliteConnection(how.ToString()), file.Path);
        try
        {
            database._connection.Open();
            // Functions in the schema of a foreign file must not run.
            database.Execute("PRAGMA trusted_schema = OFF");
            prepare(database);
            return database;
        }
        catch (SqliteException e)
        {
            database.Dispose();
            throw StateFailure.Unreadable(file.Path, e);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Makes this process the only writer. A process that wrote before finds the epoch changed, and can commit nothing
    /// more.</summary>
    public void Fence() =>
        InTransaction(() =>
        {
            long epoch = (Scalar("SELECT value FROM named WHERE name = $p0", EpochName) as long? ?? 0) + 1;
            Execute("INSERT INTO named VALUES ($p0, $p1) ON CONFLICT (name) DO UPDATE SET value = excluded.value", EpochName, epoch);
            _epoch = epoch;
        });

    /// <summary>Runs writes as one transaction.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnwritable</c>: disk full, locked for long, damaged. <c>JobTakenOver</c>: another
    /// process became the writer.</exception>
    public void InTransaction(Action writes)
    {
        try
        {
            using SqliteTransaction transaction = Begin();
            if (_epoch is { } epoch && Scalar("SELECT value FROM named WHERE name = $p0", EpochName) as long? != epoch)
            {
                throw new ProvisioningException(
                    "JobTakenOver",
                    $"Another process has taken over the job of '{File}' while this one was not running. "
                        + "This cycle stops; the other one goes on."
                )
                {
                    Failure = ProvisioningFailure.JobTakenOver,
                };
            }

            writes();
            Execute("INSERT INTO named VALUES ($p0, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1", ChangesName);
            transaction.Commit();
        }
        catch (SqliteException e)
        {
            throw StateFailure.Unwritable(File, e);
        }
    }

    /// <summary>Runs short writes that no cycle reads as one transaction, beside a cycle that may be under way. The cycle's fence and every
    /// plan stay valid.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnwritable</c>.</exception>
    public void BesideCycles(Action writes)
    {
        try
        {
            using SqliteTransaction transaction = Begin();
            writes();
            transaction.Commit();
        }
        catch (SqliteException e)
        {
            throw StateFailure.Unnoted(File, e);
        }
    }

    public SqliteTransaction Begin() => _transaction = _connection.BeginTransaction();

    public void Execute(string sql, params object[] values) => Command(sql, values).ExecuteNonQuery();

    public object? Scalar(string sql, params object[] values) => Command(sql, values).ExecuteScalar();

    /// <summary>Rows as they are read. A row that a damaged file has made unreadable is an error that says so.</summary>
    public IEnumerable<T> Rows<T>(string sql, Func<SqliteDataReader, T> read, params object[] values)
    {
        // A command of its own, because another command may be executed while these rows are read.
        using SqliteCommand command = _connection.CreateCommand();
        Fill(command, sql, values);
        using SqliteDataReader reader = Guarded(command.ExecuteReader);
        while (TryRead(reader, read, out T? row))
            yield return row;
    }

    public void Dispose()
    {
        foreach (SqliteCommand command in _commands.Values)
            command.Dispose();
        _connection.Dispose();
        _copy?.Delete(recursive: true);
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

    private bool TryRead<T>(SqliteDataReader reader, Func<SqliteDataReader, T> read, [MaybeNullWhen(false)] out T row)
    {
        try
        {
            bool found = reader.Read();
            row = found ? read(reader) : default;
            return found;
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw StateFailure.Unreadable(File, e);
        }
    }

    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw StateFailure.Unreadable(File, e);
        }
    }

    private static bool IsDamage(Exception e) =>
        e is SqliteException or JsonException or FormatException or InvalidCastException or ArgumentException or EndOfStreamException;
}

using System.Data.Common;
using Microsoft.Data.Sqlite;
using TravelPerkScim.Provisioning.Disk;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.State;

/// <summary>An open <c>state.db</c>. The file holds one job.</summary>
internal sealed class SqliteStateDatabase : StateDatabase
{
    /// <summary>The number of the file's only job. SQLite writes a 1 without a byte of its own.</summary>
    private const long OnlyJob = 1;

    // Another process has the file for the moment of a commit. The library asks SQLite again when SQLite's own patience ends, so both end
    // together.
    private const int BusySeconds = 5;

    private long? _epoch;
    private DirectoryInfo? _copy;

    private SqliteStateDatabase(SqliteConnection connection, string file)
        : base(connection, file, OnlyJob) { }

    /// <summary>Opens the state for reading and writing, and makes the file when asked to.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>; <c>JobFileIsLink</c>.</exception>
    public static SqliteStateDatabase Open(StateFile file, bool create)
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
                SqliteJournal.Choose(database, file);
                Prepare(database);
            }
        );
    }

    /// <summary>Opens the state to look at it. Where the file or its folder cannot be written, nothing is written: the file is read as it
    /// is. Where a log beside it holds a part of the state, a copy of both is read.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>; <c>JobFileIsLink</c>.</exception>
    public static SqliteStateDatabase OpenToLook(StateFile file)
    {
        try
        {
            return Open(file, create: false);
        }
        catch (ProvisioningException e) when (SqliteFailure.IsDenied(e.InnerException))
        {
            SqliteStateDatabase? seen = file.HasUnfinished ? null : LookAt(file);
            seen ??= LookAtCopy(file);
            if (seen is not null)
                return seen;
            throw;
        }
    }

    // The file is read without locks and without a log beside it, because this account cannot write to the file.
    private static SqliteStateDatabase? LookAt(StateFile file)
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
            SqliteStateDatabase database = Connect(
                file,
                how,
                opened =>
                {
                    SqliteSchema.RefuseForeign(opened);
                    current = SqliteSchema.IsCurrent(opened);
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

    private static SqliteStateDatabase? LookAtCopy(StateFile file)
    {
        DirectoryInfo? folder = null;
        try
        {
            // Only this account can enter the folder.
            folder = Directory.CreateTempSubdirectory("travelperk-state-");
            foreach (string part in file.Files.Where(part => !part.EndsWith("-shm", StringComparison.Ordinal) && File.Exists(part)))
            {
                string copy = Path.Combine(folder.FullName, Path.GetFileName(part));
                File.Copy(part, copy);
                File.SetAttributes(copy, FileAttributes.Normal);
            }
            var copied = new StateFile(Path.Combine(folder.FullName, Path.GetFileName(file.Path)), Volume.Local);
            copied.MakePrivate(create: false);
            SqliteStateDatabase database = Connect(
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

    private static void Prepare(SqliteStateDatabase database)
    {
        SqliteSchema.RefuseForeign(database);
        SqliteSchema.Prepare(database);
    }

    private static SqliteStateDatabase Connect(StateFile file, SqliteConnectionStringBuilder how, Action<SqliteStateDatabase> prepare)
    {
        var connection = new SqliteConnection(how.ToString());
        var database = new SqliteStateDatabase(connection, file.Path);
        try
        {
            connection.Open();
            // Functions in the schema of a foreign file must not run.
            database.Execute("PRAGMA trusted_schema = OFF");
            prepare(database);
            return database;
        }
        catch (SqliteException e)
        {
            database.Dispose();
            throw StateFailure.Unreadable(file.Path, e, SqliteFailure.Advice(e));
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    // Entra object ids are GUIDs: 16 bytes instead of 36.
    public override object Anchor(string anchor) =>
        Guid.TryParseExact(anchor, "D", out Guid guid) && string.Equals(guid.ToString("D"), anchor, StringComparison.Ordinal)
            ? guid.ToByteArray()
            : anchor;

    public override string Anchor(DbDataReader row, int column) =>
        row.GetValue(column) is byte[] bytes ? new Guid(bytes).ToString("D") : row.GetString(column);

    // The epoch changes.
    public override void Fence() =>
        Noted(() =>
        {
            long epoch = (ReadEpoch() ?? 0) + 1;
            Execute(
                """
                INSERT INTO named (job, name, number) VALUES (@job, @p0, @p1)
                ON CONFLICT (job, name) DO UPDATE SET number = excluded.number
                """,
                StateNames.Epoch,
                epoch
            );
            _epoch = epoch;
        });

    // A transaction of SQLite keeps others away by itself.
    protected override void Enter(bool asWriter)
    {
        if (asWriter && _epoch is { } epoch && ReadEpoch() != epoch)
            throw TakenOver();
    }

    protected override string AdviceOn(Exception error) => SqliteFailure.Advice(error);

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            _copy?.Delete(recursive: true);
    }

    private long? ReadEpoch() => Scalar("SELECT number FROM named WHERE job = @job AND name = @p0", StateNames.Epoch) as long?;
}

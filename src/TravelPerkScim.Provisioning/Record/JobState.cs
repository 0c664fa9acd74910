using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Plan;

namespace TravelPerkScim.Provisioning.Record;

/// <summary>
/// What a job remembers between cycles, in <c>state.db</c>: links, escrows, cycles, log, and a few named values.
/// It holds no attribute values beyond the log's modified properties.
/// </summary>
internal sealed partial class JobState : IDisposable
{
    private const int SchemaVersion = 3;

    private const string Schema = """
        CREATE TABLE named (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
        CREATE TABLE link (anchor BLOB PRIMARY KEY, target TEXT NOT NULL, hash BLOB NOT NULL, enabled INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE escrow (anchor BLOB PRIMARY KEY, attempts INTEGER NOT NULL, next INTEGER NOT NULL, hash BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE waiting (anchor BLOB PRIMARY KEY, manager BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE cycle (id TEXT PRIMARY KEY, began INTEGER NOT NULL, summary TEXT NOT NULL);
        CREATE TABLE log (time INTEGER NOT NULL, cycle TEXT NOT NULL, action INTEGER NOT NULL, status INTEGER NOT NULL, identity TEXT NOT NULL,
            anchor TEXT NOT NULL, target TEXT, changes TEXT, error TEXT, reason TEXT NOT NULL, duration INTEGER NOT NULL, type INTEGER NOT NULL DEFAULT 0);
        CREATE INDEX log_time ON log (time);
        """;

    // From version n + 1 to the next.
    private static readonly string[] s_upgrades =
    [
        "CREATE TABLE waiting (anchor BLOB PRIMARY KEY, manager BLOB NOT NULL) WITHOUT ROWID;",
        GroupSchema + "ALTER TABLE log ADD COLUMN type INTEGER NOT NULL DEFAULT 0;",
    ];

    private readonly SqliteConnection _connection;

    private JobState(SqliteConnection connection) => _connection = connection;

    /// <summary>Opens for writing, making the file when there is none.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>.</exception>
    public static JobState Open(string file) => Open(file, SqliteOpenMode.ReadWriteCreate);

    /// <summary>Opens for reading; null when the job has no state yet.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>.</exception>
    public static JobState? OpenReadOnly(string file) => File.Exists(file) ? Open(file, SqliteOpenMode.ReadWrite) : null;

    private static JobState Open(string file, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false }.ToString());
        try
        {
            connection.Open();
            Execute(connection, "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;");
            long version = (long)Scalar(connection, "PRAGMA user_version")!;
            if (version == 0)
            {
                using SqliteTransaction transaction = connection.BeginTransaction();
                Execute(connection, Schema + GroupSchema + $"PRAGMA user_version = {SchemaVersion};");
                transaction.Commit();
            }
            else if (version is > 0 and < SchemaVersion)
            {
                using SqliteTransaction transaction = connection.BeginTransaction();
                Execute(connection, string.Concat(s_upgrades.Skip((int)version - 1)) + $"PRAGMA user_version = {SchemaVersion};");
                transaction.Commit();
            }
            else if (version != SchemaVersion)
            {
                throw new ProvisioningException("StateUnreadable", $"'{file}' was written by another version of the module (state version {version}, this one knows {SchemaVersion}). Update the module.");
            }
            return new JobState(connection);
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw Unreadable(file, e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public Dictionary<string, Link> ReadLinks()
    {
        IEnumerable<(string Anchor, Link Link)> rows = Rows(
            "SELECT anchor, target, hash, enabled FROM link", row => (AnchorText(row.GetValue(0)), new Link(row.GetString(1), HashOf(row, 2), row.GetBoolean(3))));
        return rows.ToDictionary(r => r.Anchor, r => r.Link, StringComparer.Ordinal);
    }

    public Dictionary<string, Escrow> ReadEscrows()
    {
        IEnumerable<(string Anchor, Escrow Escrow)> rows = Rows(
            "SELECT anchor, attempts, next, hash FROM escrow", row => (AnchorText(row.GetValue(0)), new Escrow(row.GetInt32(1), Time(row.GetInt64(2)), HashOf(row, 3))));
        return rows.ToDictionary(r => r.Anchor, r => r.Escrow, StringComparer.Ordinal);
    }

    /// <summary>Users to the manager they wait for.</summary>
    public Dictionary<string, string> ReadWaiting() =>
        Rows("SELECT anchor, manager FROM waiting", row => (AnchorText(row.GetValue(0)), AnchorText(row.GetValue(1)))).ToDictionary(r => r.Item1, r => r.Item2, StringComparer.Ordinal);

    public (long Links, long Escrows) Count() =>
        Rows("SELECT (SELECT count(*) FROM link), (SELECT count(*) FROM escrow) + (SELECT count(*) FROM groupescrow)", row => (row.GetInt64(0), row.GetInt64(1))).First();

    public string? Named(string name) => NamedValue(name) as string;

    public byte[]? NamedBytes(string name) => NamedValue(name) as byte[];

    public void SetNamed(string name, object? value) =>
        Execute(_connection, "INSERT INTO named VALUES ($p0, $p1) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value ?? DBNull.Value);

    /// <summary>Runs the given writes as one transaction.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnwritable</c>: disk full, locked for long, damaged.</exception>
    public void InTransaction(Action writes)
    {
        try
        {
            using SqliteTransaction transaction = _connection.BeginTransaction();
            writes();
            transaction.Commit();
        }
        catch (SqliteException e)
        {
            throw new ProvisioningException("StateUnwritable", $"The job's state '{_connection.DataSource}' can no longer be written: {e.Message}. The cycle was stopped; the next one finds what was done by the matching attributes.", e);
        }
    }

    public void SetLink(string anchor, Link link) =>
        Execute(_connection, "INSERT INTO link VALUES ($p0, $p1, $p2, $p3) ON CONFLICT (anchor) DO UPDATE SET target = excluded.target, hash = excluded.hash, enabled = excluded.enabled",
            AnchorBlob(anchor), link.TargetId, HashBlob(link.Hash), link.Enabled);

    public void RemoveLink(string anchor) => Execute(_connection, "DELETE FROM link WHERE anchor = $p0", AnchorBlob(anchor));

    public void SetWaiting(string anchor, string manager) =>
        Execute(_connection, "INSERT INTO waiting VALUES ($p0, $p1) ON CONFLICT (anchor) DO UPDATE SET manager = excluded.manager", AnchorBlob(anchor), AnchorBlob(manager));

    public void RemoveWaiting(string anchor) => Execute(_connection, "DELETE FROM waiting WHERE anchor = $p0", AnchorBlob(anchor));

    public void SetEscrow(string anchor, Escrow escrow) =>
        Execute(_connection, "INSERT INTO escrow VALUES ($p0, $p1, $p2, $p3) ON CONFLICT (anchor) DO UPDATE SET attempts = excluded.attempts, next = excluded.next, hash = excluded.hash",
            AnchorBlob(anchor), escrow.Attempts, escrow.NextAttempt.ToUnixTimeMilliseconds(), HashBlob(escrow.Hash));

    public void RemoveEscrow(string anchor) => Execute(_connection, "DELETE FROM escrow WHERE anchor = $p0", AnchorBlob(anchor));

    public void SetCycle(CycleSummary cycle) =>
        Execute(_connection, "INSERT INTO cycle VALUES ($p0, $p1, $p2) ON CONFLICT (id) DO UPDATE SET summary = excluded.summary",
            cycle.Id.ToString("D"), cycle.Began.ToUnixTimeMilliseconds(), JsonSerializer.Serialize(cycle));

    /// <summary>Cycles, newest first.</summary>
    public IEnumerable<CycleSummary> ReadCycles(int most) =>
        Rows("SELECT summary FROM cycle ORDER BY began DESC, rowid DESC LIMIT $p0", row => JsonSerializer.Deserialize<CycleSummary>(row.GetString(0))!, most);

    public void AddLog(ProvisioningOutcome entry) =>
        Execute(_connection, "INSERT INTO log VALUES ($p0, $p1, $p2, $p3, $p4, $p5, $p6, $p7, $p8, $p9, $p10, $p11)",
            entry.Time.ToUnixTimeMilliseconds(), entry.CycleId.ToString("D"), (int)entry.Action, (int)entry.Status, entry.Identity, entry.SourceId,
            (object?)entry.TargetId ?? DBNull.Value,
            entry.ModifiedProperties.Count == 0 ? DBNull.Value : JsonSerializer.Serialize(entry.ModifiedProperties),
            (object?)entry.ErrorCode ?? DBNull.Value, entry.Reason, (long)entry.Duration.TotalMilliseconds, (int)entry.ObjectType);

    /// <summary>Log entries since a time, oldest first, as they are read.</summary>
    public IEnumerable<ProvisioningOutcome> ReadLog(DateTimeOffset since, Guid? cycle) => Rows(
        "SELECT time, cycle, action, status, identity, anchor, target, changes, error, reason, duration, type FROM log WHERE time >= $p0 AND ($p1 IS NULL OR cycle = $p1) ORDER BY time, rowid",
        row => new ProvisioningOutcome
        {
            Time = Time(row.GetInt64(0)),
            CycleId = Guid.Parse(row.GetString(1)),
            Action = (ProvisioningAction)row.GetInt32(2),
            Status = (OutcomeStatus)row.GetInt32(3),
            Identity = row.GetString(4),
            SourceId = row.GetString(5),
            TargetId = row.IsDBNull(6) ? null : row.GetString(6),
            ModifiedProperties = row.IsDBNull(7) ? [] : JsonSerializer.Deserialize<List<AttributeChange>>(row.GetString(7))!,
            ErrorCode = row.IsDBNull(8) ? null : row.GetString(8),
            Reason = row.GetString(9),
            Duration = TimeSpan.FromMilliseconds(row.GetInt64(10)),
            ObjectType = (ProvisioningObjectType)row.GetInt32(11),
        },
        since.ToUnixTimeMilliseconds(), (object?)cycle?.ToString("D") ?? DBNull.Value);

    /// <summary>Who the log last called these anchors, for those it still knows.</summary>
    public Dictionary<string, string> IdentitiesOf(IEnumerable<string> anchors)
    {
        var identities = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string[] some in anchors.Chunk(500))
        {
            string list = string.Join(", ", some.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"$p{i}")));
            foreach ((string anchor, string identity) in Rows($"SELECT anchor, identity FROM log WHERE anchor IN ({list}) ORDER BY time", row => (row.GetString(0), row.GetString(1)), [.. some]))
                identities[anchor] = identity;
        }
        return identities;
    }

    /// <summary>Forgets log entries and cycles from before a time.</summary>
    public void Prune(DateTimeOffset before) =>
        Execute(_connection, "DELETE FROM log WHERE time < $p0; DELETE FROM cycle WHERE began < $p0", before.ToUnixTimeMilliseconds());

    public void Dispose() => _connection.Dispose();

    // Entra object ids are GUIDs: 16 bytes instead of 36.
    private static object AnchorBlob(string anchor) =>
        Guid.TryParseExact(anchor, "D", out Guid guid) && string.Equals(guid.ToString("D"), anchor, StringComparison.Ordinal) ? guid.ToByteArray() : anchor;

    private static string AnchorText(object value) => value is byte[] bytes ? new Guid(bytes).ToString("D") : (string)value;

    private static byte[] HashBlob(UInt128 hash)
    {
        byte[] bytes = new byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, hash);
        return bytes;
    }

    private static UInt128 HashOf(SqliteDataReader row, int column) =>
        BinaryPrimitives.ReadUInt128LittleEndian(row.GetFieldValue<byte[]>(column));

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private object? NamedValue(string name) => Rows("SELECT value FROM named WHERE name = $p0", row => row.GetValue(0), name).FirstOrDefault();

    /// <summary>Rows as they are read. What a damaged file makes of them is an error that says so.</summary>
    private IEnumerable<T> Rows<T>(string sql, Func<SqliteDataReader, T> read, params object[] values)
    {
        using SqliteCommand command = Command(_connection, sql, values);
        using SqliteDataReader reader = Guarded(() => command.ExecuteReader());
        while (Guarded(reader.Read))
            yield return Guarded(() => read(reader));
    }

    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is SqliteException or JsonException or FormatException or InvalidCastException or ArgumentException)
        {
            throw Unreadable(_connection.DataSource, e);
        }
    }

    private static ProvisioningException Unreadable(string file, Exception e) =>
        new("StateUnreadable", $"The job's state '{file}' cannot be read: {e.Message}. If it is damaged, move it away: the next cycle finds the users in TravelPerk by their matching attributes.", e);

    private static SqliteCommand Command(SqliteConnection connection, string sql, object[] values)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        for (int i = 0; i < values.Length; i++)
            command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"$p{i}"), values[i]);
        return command;
    }

    private static void Execute(SqliteConnection connection, string sql, params object[] values)
    {
        using SqliteCommand command = Command(connection, sql, values);
        command.ExecuteNonQuery();
    }

    private static object? Scalar(SqliteConnection connection, string sql, params object[] values)
    {
        using SqliteCommand command = Command(connection, sql, values);
        return command.ExecuteScalar();
    }
}

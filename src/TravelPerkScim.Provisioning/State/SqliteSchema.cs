using System.Text.Json;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.State;

/// <summary>The tables of <c>state.db</c>, and how a file of an earlier version becomes a file of this version.</summary>
internal static class SqliteSchema
{
    public const int Version = 11;

    private const string Earlier = "_earlier";

    private static readonly string[] s_tables =
    [
        "named",
        "link",
        "escrow",
        "waiting",
        "intent",
        "staged",
        "grouplink",
        "groupmember",
        "groupescrow",
        "cycle",
        "word",
        "log",
        "alert",
        "outbox",
        "channel",
    ];

    /// <summary>
    /// Only the log holds attribute values. The other tables hold anchors, target ids and keyed hashes. A file holds one job, so a number
    /// that counts rows is a key without the job. The log's number is the time in milliseconds with a sequence number, so that the log
    /// needs no index.
    /// </summary>
    private const string Tables = """
        CREATE TABLE named (
            job INTEGER NOT NULL, name TEXT NOT NULL, number INTEGER, text TEXT, bytes BLOB, PRIMARY KEY (job, name)
        ) WITHOUT ROWID;
        CREATE TABLE link (
            job INTEGER NOT NULL, anchor BLOB NOT NULL, target TEXT NOT NULL, hash BLOB NOT NULL, enabled INTEGER NOT NULL, keys BLOB,
            unkept BLOB, PRIMARY KEY (job, anchor)
        ) WITHOUT ROWID;
        CREATE TABLE escrow (
            job INTEGER NOT NULL, anchor BLOB NOT NULL, attempts INTEGER NOT NULL, next INTEGER NOT NULL, hash BLOB NOT NULL,
            missing INTEGER, deleted INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (job, anchor)
        ) WITHOUT ROWID;
        CREATE TABLE waiting (job INTEGER NOT NULL, anchor BLOB NOT NULL, manager BLOB NOT NULL, PRIMARY KEY (job, anchor)) WITHOUT ROWID;
        CREATE TABLE intent (
            job INTEGER NOT NULL, anchor BLOB NOT NULL, action INTEGER NOT NULL, target TEXT, keys BLOB, time INTEGER NOT NULL,
            PRIMARY KEY (job, anchor)
        ) WITHOUT ROWID;
        CREATE TABLE staged (
            job INTEGER NOT NULL, anchor BLOB NOT NULL, action INTEGER NOT NULL, cycle TEXT NOT NULL, extent TEXT NOT NULL,
            PRIMARY KEY (job, anchor)
        ) WITHOUT ROWID;
        CREATE TABLE grouplink (
            job INTEGER NOT NULL, anchor BLOB NOT NULL, target TEXT NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (job, anchor)
        ) WITHOUT ROWID;
        CREATE TABLE groupmember (
            job INTEGER NOT NULL, anchor BLOB NOT NULL, member TEXT NOT NULL, PRIMARY KEY (job, anchor, member)
        ) WITHOUT ROWID;
        CREATE TABLE groupescrow (
            job INTEGER NOT NULL, anchor BLOB NOT NULL, attempts INTEGER NOT NULL, next INTEGER NOT NULL, hash BLOB NOT NULL,
            PRIMARY KEY (job, anchor)
        ) WITHOUT ROWID;
        CREATE TABLE cycle (
            number INTEGER PRIMARY KEY, job INTEGER NOT NULL, id TEXT NOT NULL, began INTEGER NOT NULL, summary TEXT NOT NULL,
            UNIQUE (job, id)
        );
        CREATE TABLE word (id INTEGER PRIMARY KEY, job INTEGER NOT NULL, digest INTEGER NOT NULL, text TEXT NOT NULL);
        CREATE INDEX word_digest ON word (job, digest);
        CREATE TABLE log (
            id INTEGER PRIMARY KEY, job INTEGER NOT NULL, cycle INTEGER NOT NULL, action INTEGER NOT NULL, status INTEGER NOT NULL,
            identity TEXT NOT NULL, anchor BLOB NOT NULL, target TEXT, changes BLOB, error TEXT, reason INTEGER NOT NULL,
            duration INTEGER NOT NULL, type INTEGER NOT NULL DEFAULT 0, scope INTEGER, match INTEGER, note INTEGER
        );
        CREATE TABLE alert (
            job INTEGER NOT NULL, rule TEXT NOT NULL, subject TEXT NOT NULL, memory TEXT NOT NULL, PRIMARY KEY (job, rule, subject)
        ) WITHOUT ROWID;
        CREATE TABLE outbox (
            number INTEGER PRIMARY KEY, job INTEGER NOT NULL, id TEXT NOT NULL, channel TEXT NOT NULL, created INTEGER NOT NULL,
            next INTEGER NOT NULL, lease INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, content TEXT NOT NULL,
            UNIQUE (job, id, channel)
        );
        CREATE TABLE channel (job INTEGER NOT NULL, name TEXT NOT NULL, memory TEXT NOT NULL, PRIMARY KEY (job, name)) WITHOUT ROWID;
        """;

    /// <summary>Makes the tables, or brings those of an earlier version up to date, as one transaction.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>: a later version wrote the file.</exception>
    public static void Prepare(SqliteStateDatabase database)
    {
        if (IsCurrent(database))
            return;
        database.Transact(() =>
        {
            // Another process may have prepared the file while this one waited for it.
            if (IsCurrent(database))
                return;
            string[] earlier = [.. s_tables.Where(table => ColumnsOf(database, table).Count > 0)];
            foreach (string table in earlier)
                database.Execute($"ALTER TABLE {table} RENAME TO {table}{Earlier}");
            database.Execute(Tables);
            foreach (string table in earlier)
            {
                Take(database, table);
                database.Execute($"DROP TABLE {table}{Earlier}");
            }
            // The seventh and eighth version kept 8 bytes of the same hashes.
            if ((long)database.Scalar("PRAGMA user_version")! is 7 or 8)
                ShortenKeys(database);
            database.Execute($"PRAGMA user_version = {Version}");
        });
    }

    /// <summary>Takes the rows of a table of an earlier version over. Versions 1 to 7 were never released, and files of one number differ.
    /// A table's columns tell more than the file's number.</summary>
    private static void Take(SqliteStateDatabase database, string table)
    {
        HashSet<string> before = ColumnsOf(database, table + Earlier);
        switch (table)
        {
            case "named":
                database.Execute(
                    $"""
                    INSERT INTO named (job, name, number, text, bytes)
                    SELECT @job, name, CASE typeof(value) WHEN 'integer' THEN value END, CASE typeof(value) WHEN 'text' THEN value END,
                        CASE typeof(value) WHEN 'blob' THEN value END
                    FROM named{Earlier}
                    """
                );
                return;
            case "word":
                foreach (
                    (long id, string text) in database.Rows(
                        $"SELECT id, text FROM word{Earlier}",
                        row => (row.GetInt64(0), row.GetString(1))
                    )
                )
                {
                    database.Execute(
                        "INSERT INTO word (job, id, digest, text) VALUES (@job, @p0, @p1, @p2)",
                        id,
                        StateLog.Digest(text),
                        text
                    );
                }
                return;
            case "log" when before.Contains("time"):
                TakeFirstLog(database);
                return;
            // The next cycle stages the same operations again.
            case "staged" when !before.Contains("extent"):
                return;
            // A link of an earlier version has no keys until its user is written again. Versions before the seventh kept no steps.
            default:
                string kept = string.Join(", ", ColumnsOf(database, table).Where(before.Contains));
                // The number of a row was SQLite's own.
                (string number, string rowid) = table is "cycle" or "outbox" ? ("number, ", "rowid, ") : ("", "");
                database.Execute($"INSERT INTO {table} (job, {number}{kept}) SELECT @job, {rowid}{kept} FROM {table}{Earlier}");
                return;
        }
    }

    /// <summary>Takes the log of state version 1 over.</summary>
    private static void TakeFirstLog(SqliteStateDatabase database)
    {
        var log = new StateLog(database);
        foreach (
            ProvisioningOutcome entry in database.Rows(
                "SELECT time, cycle, action, status, identity, anchor, target, changes, error, reason, duration "
                    + $"FROM log{Earlier} ORDER BY time, rowid",
                row => new ProvisioningOutcome
                {
                    Time = StateValue.Time(row.GetInt64(0)),
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
                }
            )
        )
        {
            log.Add(entry);
        }
    }

    private static void ShortenKeys(SqliteStateDatabase database)
    {
        foreach (string table in (string[])["link", "intent"])
        {
            foreach (
                (object anchor, byte[] keys) in database
                    .Rows(
                        $"SELECT anchor, keys FROM {table} WHERE keys IS NOT NULL",
                        row => (row.GetValue(0), row.GetFieldValue<byte[]>(1))
                    )
                    .ToList()
            )
            {
                database.Execute(
                    $"UPDATE {table} SET keys = @p1 WHERE job = @job AND anchor = @p0",
                    anchor,
                    keys.Chunk(8).SelectMany(key => key.Take(StoredKeys.Size)).ToArray()
                );
            }
        }
    }

    /// <summary>Refuses a file with triggers or views. The module makes tables only. A trigger would run within the module, and could undo
    /// its writes.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>.</exception>
    public static void RefuseForeign(SqliteStateDatabase database)
    {
        string? found = database
            .Rows("SELECT type || ' ' || name FROM sqlite_master WHERE type IN ('trigger', 'view') LIMIT 1", row => row.GetString(0))
            .FirstOrDefault();
        if (found is not null)
        {
            throw new ProvisioningException(
                "StateUnreadable",
                $"The job's state '{database.Name}' has a {found}, which the module did not make. "
                    + "The file was changed by hand or by another program. Put a backup in its place."
            );
        }
    }

    /// <summary>The file has this version's tables.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>: a later version wrote the file.</exception>
    public static bool IsCurrent(SqliteStateDatabase database)
    {
        long version = (long)database.Scalar("PRAGMA user_version")!;
        return version <= Version
            ? version == Version
            : throw new ProvisioningException(
                "StateUnreadable",
                $"A later version of the module wrote '{database.Name}' (state version {version}, this one knows {Version}). "
                    + "Update the module."
            );
    }

    private static HashSet<string> ColumnsOf(SqliteStateDatabase database, string table) =>
        [.. database.Rows("SELECT name FROM pragma_table_info(@p0)", row => row.GetString(0), table)];
}

using Microsoft.Data.Sqlite;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.State;

/// <summary>The tables of <c>state.db</c>, and how a file of an earlier version becomes a file of this version.</summary>
internal static class StateSchema
{
    public const int Version = 10;

    /// <summary>
    /// Only the log holds attribute values. The other tables hold anchors, target ids and keyed hashes. The log's key is the time in
    /// milliseconds with a sequence number, so that the log needs no index.
    /// </summary>
    private const string Tables = """
        CREATE TABLE IF NOT EXISTS named (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS link (
            anchor BLOB PRIMARY KEY, target TEXT NOT NULL, hash BLOB NOT NULL, enabled INTEGER NOT NULL, keys BLOB, unkept BLOB
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS escrow (
            anchor BLOB PRIMARY KEY, attempts INTEGER NOT NULL, next INTEGER NOT NULL, hash BLOB NOT NULL,
            missing INTEGER, deleted INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS waiting (anchor BLOB PRIMARY KEY, manager BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS intent (
            anchor BLOB PRIMARY KEY, action INTEGER NOT NULL, target TEXT, keys BLOB, time INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS staged (
            anchor BLOB PRIMARY KEY, action INTEGER NOT NULL, cycle TEXT NOT NULL, extent TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS grouplink (anchor BLOB PRIMARY KEY, target TEXT NOT NULL, hash BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS groupmember (
            anchor BLOB NOT NULL, member TEXT NOT NULL, PRIMARY KEY (anchor, member)
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS groupescrow (
            anchor BLOB PRIMARY KEY, attempts INTEGER NOT NULL, next INTEGER NOT NULL, hash BLOB NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS cycle (id TEXT PRIMARY KEY, began INTEGER NOT NULL, summary TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
        CREATE TABLE IF NOT EXISTS log (
            id INTEGER PRIMARY KEY, cycle INTEGER NOT NULL, action INTEGER NOT NULL, status INTEGER NOT NULL,
            identity TEXT NOT NULL, anchor BLOB NOT NULL, target TEXT, changes BLOB, error TEXT, reason INTEGER NOT NULL,
            duration INTEGER NOT NULL, type INTEGER NOT NULL DEFAULT 0, scope INTEGER, match INTEGER, note INTEGER
        );
        CREATE TABLE IF NOT EXISTS alert (
            rule TEXT NOT NULL, subject TEXT NOT NULL, memory TEXT NOT NULL, PRIMARY KEY (rule, subject)
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS outbox (
            id TEXT NOT NULL, channel TEXT NOT NULL, created INTEGER NOT NULL, next INTEGER NOT NULL,
            lease INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, content TEXT NOT NULL, PRIMARY KEY (id, channel)
        );
        CREATE TABLE IF NOT EXISTS channel (name TEXT PRIMARY KEY, memory TEXT NOT NULL) WITHOUT ROWID;
        """;

    /// <summary>Makes the tables, or brings those of an earlier version up to date, as one transaction.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>: a later version wrote the file.</exception>
    public static void Prepare(StateDatabase database)
    {
        if (IsCurrent(database))
            return;
        using SqliteTransaction transaction = database.Begin();
        // Versions 1 to 7 were never released, and files of one number differ. The file's columns tell more than its number.
        bool firstLog = Has(database, "log", "time");
        if (firstLog)
            database.Execute("ALTER TABLE log RENAME TO log1; DROP INDEX log_time");
        else if (Has(database, "log", "id") && !Has(database, "log", "type"))
            database.Execute("ALTER TABLE log ADD COLUMN type INTEGER NOT NULL DEFAULT 0");
        // A link of an earlier version has no keys until its user is written again.
        if (Has(database, "link", "anchor") && !Has(database, "link", "keys"))
            database.Execute("ALTER TABLE link ADD COLUMN keys BLOB");
        if (Has(database, "link", "anchor") && !Has(database, "link", "unkept"))
            database.Execute("ALTER TABLE link ADD COLUMN unkept BLOB");
        // Versions before the seventh kept no steps.
        if (!firstLog && Has(database, "log", "id") && !Has(database, "log", "scope"))
            database.Execute("ALTER TABLE log ADD COLUMN scope INTEGER; ALTER TABLE log ADD COLUMN match INTEGER");
        if (!firstLog && Has(database, "log", "id") && !Has(database, "log", "note"))
            database.Execute("ALTER TABLE log ADD COLUMN note INTEGER");
        // The next cycle stages the same operations again.
        if (!Has(database, "staged", "extent"))
            database.Execute("DROP TABLE IF EXISTS staged");
        if (Has(database, "escrow", "anchor") && !Has(database, "escrow", "missing"))
        {
            database.Execute(
                "ALTER TABLE escrow ADD COLUMN missing INTEGER; ALTER TABLE escrow ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0"
            );
        }

        database.Execute(Tables);
        if (firstLog)
            ConvertLog(database);
        if ((long)database.Scalar("PRAGMA user_version")! is 7 or 8)
            ShortenKeys(database);
        database.Execute($"PRAGMA user_version = {Version}");
        transaction.Commit();
    }

    // The seventh and eighth version kept 8 bytes of the same hashes.
    private static void ShortenKeys(StateDatabase database)
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
                    $"UPDATE {table} SET keys = $p1 WHERE anchor = $p0",
                    anchor,
                    keys.Chunk(8).SelectMany(key => key.Take(StoredKeys.Size)).ToArray()
                );
            }
        }
    }

    /// <summary>Refuses a file with triggers or views. The module makes tables only. A trigger would run within the module, and could undo
    /// its writes.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>.</exception>
    public static void RefuseForeign(StateDatabase database)
    {
        string? found = database
            .Rows("SELECT type || ' ' || name FROM sqlite_master WHERE type IN ('trigger', 'view') LIMIT 1", row => row.GetString(0))
            .FirstOrDefault();
        if (found is not null)
        {
            throw new ProvisioningException(
                "StateUnreadable",
                $"The job's state '{database.File}' has a {found}, which the module did not make. "
                    + "The file was changed by hand or by another program. Put a backup in its place."
            );
        }
    }

    /// <summary>The file has this version's tables.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>: a later version wrote the file.</exception>
    public static bool IsCurrent(StateDatabase database)
    {
        long version = (long)database.Scalar("PRAGMA user_version")!;
        return version <= Version
            ? version == Version
            : throw new ProvisioningException(
                "StateUnreadable",
                $"A later version of the module wrote '{database.File}' (state version {version}, this one knows {Version}). "
                    + "Update the module."
            );
    }

    private static bool Has(StateDatabase database, string table, string column) =>
        database.Scalar("SELECT 1 FROM pragma_table_info($p0) WHERE name = $p1", table, column) is not null;

    private static void ConvertLog(StateDatabase database)
    {
        var log = new StateLog(database);
        foreach (ProvisioningOutcome entry in StateLog.ReadFirstVersion(database).ToList())
            log.Add(entry);
        database.Execute("DROP TABLE log1");
    }
}

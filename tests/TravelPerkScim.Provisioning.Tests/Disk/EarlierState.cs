using TravelPerkScim.Provisioning.Tests.Cycle;

namespace TravelPerkScim.Provisioning.Tests.Disk;

/// <summary>State files as earlier versions of the module wrote them.</summary>
internal static class EarlierState
{
    /// <summary>Makes a state of version 10 out of a state of this version.</summary>
    private const string Version10 = """
        ALTER TABLE named RENAME TO new_named;
        CREATE TABLE named (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
        INSERT INTO named SELECT name, coalesce(number, text, bytes) FROM new_named;
        DROP TABLE new_named;
        ALTER TABLE link RENAME TO new_link;
        CREATE TABLE link (
            anchor BLOB PRIMARY KEY, target TEXT NOT NULL, hash BLOB NOT NULL, enabled INTEGER NOT NULL, keys BLOB, unkept BLOB
        ) WITHOUT ROWID;
        INSERT INTO link SELECT anchor, target, hash, enabled, keys, unkept FROM new_link;
        DROP TABLE new_link;
        ALTER TABLE escrow RENAME TO new_escrow;
        CREATE TABLE escrow (
            anchor BLOB PRIMARY KEY, attempts INTEGER NOT NULL, next INTEGER NOT NULL, hash BLOB NOT NULL,
            missing INTEGER, deleted INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID;
        INSERT INTO escrow SELECT anchor, attempts, next, hash, missing, deleted FROM new_escrow;
        DROP TABLE new_escrow;
        ALTER TABLE waiting RENAME TO new_waiting;
        CREATE TABLE waiting (anchor BLOB PRIMARY KEY, manager BLOB NOT NULL) WITHOUT ROWID;
        INSERT INTO waiting SELECT anchor, manager FROM new_waiting;
        DROP TABLE new_waiting;
        ALTER TABLE intent RENAME TO new_intent;
        CREATE TABLE intent (
            anchor BLOB PRIMARY KEY, action INTEGER NOT NULL, target TEXT, keys BLOB, time INTEGER NOT NULL
        ) WITHOUT ROWID;
        INSERT INTO intent SELECT anchor, action, target, keys, time FROM new_intent;
        DROP TABLE new_intent;
        ALTER TABLE staged RENAME TO new_staged;
        CREATE TABLE staged (
            anchor BLOB PRIMARY KEY, action INTEGER NOT NULL, cycle TEXT NOT NULL, extent TEXT NOT NULL
        ) WITHOUT ROWID;
        INSERT INTO staged SELECT anchor, action, cycle, extent FROM new_staged;
        DROP TABLE new_staged;
        ALTER TABLE grouplink RENAME TO new_grouplink;
        CREATE TABLE grouplink (anchor BLOB PRIMARY KEY, target TEXT NOT NULL, hash BLOB NOT NULL) WITHOUT ROWID;
        INSERT INTO grouplink SELECT anchor, target, hash FROM new_grouplink;
        DROP TABLE new_grouplink;
        ALTER TABLE groupmember RENAME TO new_groupmember;
        CREATE TABLE groupmember (
            anchor BLOB NOT NULL, member TEXT NOT NULL, PRIMARY KEY (anchor, member)
        ) WITHOUT ROWID;
        INSERT INTO groupmember SELECT anchor, member FROM new_groupmember;
        DROP TABLE new_groupmember;
        ALTER TABLE groupescrow RENAME TO new_groupescrow;
        CREATE TABLE groupescrow (
            anchor BLOB PRIMARY KEY, attempts INTEGER NOT NULL, next INTEGER NOT NULL, hash BLOB NOT NULL
        ) WITHOUT ROWID;
        INSERT INTO groupescrow SELECT anchor, attempts, next, hash FROM new_groupescrow;
        DROP TABLE new_groupescrow;
        ALTER TABLE cycle RENAME TO new_cycle;
        CREATE TABLE cycle (id TEXT PRIMARY KEY, began INTEGER NOT NULL, summary TEXT NOT NULL);
        INSERT INTO cycle (rowid, id, began, summary) SELECT number, id, began, summary FROM new_cycle;
        DROP TABLE new_cycle;
        ALTER TABLE word RENAME TO new_word;
        CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
        INSERT INTO word SELECT id, text FROM new_word;
        DROP TABLE new_word;
        ALTER TABLE log RENAME TO new_log;
        CREATE TABLE log (
            id INTEGER PRIMARY KEY, cycle INTEGER NOT NULL, action INTEGER NOT NULL, status INTEGER NOT NULL,
            identity TEXT NOT NULL, anchor BLOB NOT NULL, target TEXT, changes BLOB, error TEXT, reason INTEGER NOT NULL,
            duration INTEGER NOT NULL, type INTEGER NOT NULL DEFAULT 0, scope INTEGER, match INTEGER, note INTEGER
        );
        INSERT INTO log SELECT id, cycle, action, status, identity, anchor, target, changes, error, reason, duration, type, scope, match, note FROM new_log;
        DROP TABLE new_log;
        ALTER TABLE alert RENAME TO new_alert;
        CREATE TABLE alert (
            rule TEXT NOT NULL, subject TEXT NOT NULL, memory TEXT NOT NULL, PRIMARY KEY (rule, subject)
        ) WITHOUT ROWID;
        INSERT INTO alert SELECT rule, subject, memory FROM new_alert;
        DROP TABLE new_alert;
        ALTER TABLE outbox RENAME TO new_outbox;
        CREATE TABLE outbox (
            id TEXT NOT NULL, channel TEXT NOT NULL, created INTEGER NOT NULL, next INTEGER NOT NULL,
            lease INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, content TEXT NOT NULL, PRIMARY KEY (id, channel)
        );
        INSERT INTO outbox (rowid, id, channel, created, next, lease, attempts, content) SELECT number, id, channel, created, next, lease, attempts, content FROM new_outbox;
        DROP TABLE new_outbox;
        ALTER TABLE channel RENAME TO new_channel;
        CREATE TABLE channel (name TEXT PRIMARY KEY, memory TEXT NOT NULL) WITHOUT ROWID;
        INSERT INTO channel SELECT name, memory FROM new_channel;
        DROP TABLE new_channel;
        PRAGMA user_version = 10;
        """;

    /// <summary>Makes a state of version 10 out of the job's state, and then of an earlier one.</summary>
    public static void Make(CycleFixture fixture, string asItWas) => fixture.EditState($"{Version10}\n{asItWas}");
}

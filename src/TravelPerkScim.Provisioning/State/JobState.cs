using System.Data.Common;
using TravelPerkScim.Provisioning.Model;
using static TravelPerkScim.Provisioning.State.StateValue;

namespace TravelPerkScim.Provisioning.State;

/// <summary>
/// What a job remembers between cycles: links, escrows, intents, cycles, log, and a few named values.
/// It holds no attribute values beyond the log's modified properties.
/// </summary>
internal sealed partial class JobState : IDisposable
{
    public const string SaltName = "salt";

    public const string FingerprintName = "mapping";

    public const string WatermarkName = "watermark";

    public const string HolderName = "holder";

    private const int LinkDisabled = 0;
    private const int LinkEnabled = 1;
    private const int LinkReleased = 2;

    private readonly StateDatabase _database;

    private JobState(StateDatabase database)
    {
        _database = database;
        Log = new StateLog(database);
        Alerts = new StateAlerts(database);
        Outbox = new StateOutbox(database);
    }

    public StateLog Log { get; }

    public StateAlerts Alerts { get; }

    public StateOutbox Outbox { get; }

    /// <summary>Opens the state as its only writer, and makes it when there is none. A process that wrote before can write no
    /// more.</summary>
    /// <param name="store">Where the state is.</param>
    /// <param name="holder">The process that writes from now on, in words.</param>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>; <c>JobBusy</c>: another process is the writer, and the store lets
    /// none overtake it.</exception>
    public static JobState Open(IStateStore store, string holder)
    {
        var state = new JobState(store.Open());
        try
        {
            state._database.Fence();
            state.ChangesBefore = state.Changes;
            state.InTransaction(() =>
            {
                // Looked at by the writer: the state may have been moved while this process waited for the lease.
                StateMark.Refuse(StateMark.Of(state._database), store.Name);
                state.SetNamed(HolderName, holder);
            });
            return state;
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    /// <summary>Opens the state beside a cycle that may be under way and that stays the writer. For alerts and the outbox, with
    /// <see cref="BesideCycles"/>.</summary>
    /// <param name="store">Where the state is. The state is made when there is none.</param>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>.</exception>
    public static JobState OpenBeside(IStateStore store) => Unmarked(store, store.Open());

    /// <summary>Opens the state for reading; null when the job has no state yet.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>.</exception>
    public static JobState? OpenReadOnly(IStateStore store) => store.OpenToLook() is { } database ? Unmarked(store, database) : null;

    private static JobState Unmarked(IStateStore store, StateDatabase database)
    {
        try
        {
            StateMark.Refuse(database.MarkWhenOpened, store.Name);
            return new JobState(database);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>How often the state was written. Two readings with the same number saw the same state.</summary>
    public long Changes => Named("number", StateDatabase.ChangesName) as long? ?? 0;

    /// <summary>How often the state had been written when this process became its writer.</summary>
    public long ChangesBefore { get; private set; }

    /// <summary>The process that writes the state, or that wrote last without coming to an end.</summary>
    public string? Holder => Named(HolderName);

    public Dictionary<string, Link> ReadLinks() =>
        ByAnchor("SELECT anchor, target, hash, enabled FROM link WHERE job = @job", Link, capacity: CountLinks());

    public Dictionary<string, Escrow> ReadEscrows() =>
        ByAnchor(
            "SELECT anchor, attempts, next, hash, missing, deleted FROM escrow WHERE job = @job",
            row => new Escrow(row.GetInt32(1), Time(row.GetInt64(2)), Hash(row, 3))
            {
                NotFoundSince = row.IsDBNull(4) ? null : Time(row.GetInt64(4)),
                Deleted = row.GetInt64(5) != 0,
            }
        );

    /// <summary>Users to the manager whom they wait for.</summary>
    public Dictionary<string, string> ReadWaiting() =>
        ByAnchor("SELECT anchor, manager FROM waiting WHERE job = @job", row => Anchor(row, 1));

    public Dictionary<string, Intent> ReadIntents() =>
        ByAnchor(
            "SELECT anchor, action, target, keys, time FROM intent WHERE job = @job",
            row => new Intent(
                (ProvisioningAction)row.GetInt32(1),
                row.IsDBNull(2) ? null : row.GetString(2),
                row.IsDBNull(3) ? [] : row.GetFieldValue<byte[]>(3),
                Time(row.GetInt64(4))
            )
        );

    public Dictionary<string, StagedOperation> ReadStaged() =>
        ByAnchor(
            "SELECT anchor, action, cycle, extent FROM staged WHERE job = @job",
            row => new StagedOperation((ProvisioningAction)row.GetInt32(1), Guid.Parse(row.GetString(2)), row.GetString(3))
        );

    public (long Users, long Enabled, long Groups) CountLinked() =>
        _database
            .Rows(
                """
                SELECT (SELECT count(*) FROM link WHERE job = @job),
                    (SELECT count(*) FROM link WHERE job = @job AND enabled = @p0),
                    (SELECT count(*) FROM grouplink WHERE job = @job)
                """,
                row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)),
                LinkEnabled
            )
            .First();

    /// <summary>Entries of users and groups. Each cycle asks for them at its end, so no link is counted here.</summary>
    public long CountEscrows() =>
        _database
            .Rows(
                "SELECT (SELECT count(*) FROM escrow WHERE job = @job) + (SELECT count(*) FROM groupescrow WHERE job = @job)",
                row => row.GetInt64(0)
            )
            .First();

    public string? Named(string name) => Named("text", name) as string;

    public byte[]? NamedBytes(string name) => Named("bytes", name) as byte[];

    public void SetNamed(string name, string? text) => SetNamed("text", name, text);

    public void SetNamedBytes(string name, byte[] bytes) => SetNamed("bytes", name, bytes);

    /// <inheritdoc cref="StateDatabase.InTransaction"/>
    public void InTransaction(Action writes) => _database.InTransaction(writes);

    /// <inheritdoc cref="StateDatabase.BesideCycles"/>
    public void BesideCycles(Action writes) => _database.BesideCycles(writes);

    /// <param name="anchor">The source user.</param>
    /// <param name="link">The link.</param>
    /// <param name="keys">Identity keys of the target user (<see cref="StoredKeys"/>); null keeps the stored keys while the target is the
    /// same.</param>
    /// <param name="unkept">Values that TravelPerk accepted and did not keep (<see cref="UnkeptValue"/>); null keeps the stored ones while
    /// the target is the same.</param>
    public void SetLink(string anchor, Link link, byte[]? keys = null, byte[]? unkept = null) =>
        _database.Execute(
            """
            INSERT INTO link (job, anchor, target, hash, enabled, keys, unkept) VALUES (@job, @p0, @p1, @p2, @p3, @p4, @p5)
            ON CONFLICT (job, anchor) DO UPDATE SET
                keys = CASE WHEN excluded.keys IS NULL AND link.target = excluded.target THEN link.keys ELSE excluded.keys END,
                unkept = CASE WHEN excluded.unkept IS NULL AND link.target = excluded.target THEN link.unkept ELSE excluded.unkept END,
                target = excluded.target, hash = excluded.hash, enabled = excluded.enabled
            """,
            Anchor(anchor),
            link.TargetId,
            Hash(link.Hash),
            link.Released ? LinkReleased
                : link.Enabled ? LinkEnabled
                : LinkDisabled,
            OrNull(keys),
            OrNull(unkept)
        );

    /// <summary>Identity keys of the linked target users, where they are known.</summary>
    public Dictionary<string, byte[]> ReadKeys() =>
        ByAnchor("SELECT anchor, keys FROM link WHERE job = @job AND keys IS NOT NULL", row => row.GetFieldValue<byte[]>(1));

    /// <summary>Values of linked users that TravelPerk accepted and did not keep.</summary>
    public Dictionary<string, byte[]> ReadUnkept() =>
        ByAnchor("SELECT anchor, unkept FROM link WHERE job = @job AND length(unkept) > 0", row => row.GetFieldValue<byte[]>(1));

    public void RemoveLink(string anchor) => _database.Execute("DELETE FROM link WHERE job = @job AND anchor = @p0", Anchor(anchor));

    public void SetWaiting(string anchor, string manager) =>
        _database.Execute(
            """
            INSERT INTO waiting (job, anchor, manager) VALUES (@job, @p0, @p1)
            ON CONFLICT (job, anchor) DO UPDATE SET manager = excluded.manager
            """,
            Anchor(anchor),
            Anchor(manager)
        );

    public void RemoveWaiting(string anchor) => _database.Execute("DELETE FROM waiting WHERE job = @job AND anchor = @p0", Anchor(anchor));

    public void SetEscrow(string anchor, Escrow escrow) =>
        _database.Execute(
            """
            INSERT INTO escrow (job, anchor, attempts, next, hash, missing, deleted) VALUES (@job, @p0, @p1, @p2, @p3, @p4, @p5)
            ON CONFLICT (job, anchor) DO UPDATE SET attempts = excluded.attempts, next = excluded.next, hash = excluded.hash,
                missing = excluded.missing, deleted = excluded.deleted
            """,
            Anchor(anchor),
            escrow.Attempts,
            escrow.NextAttempt.ToUnixTimeMilliseconds(),
            Hash(escrow.Hash),
            OrNull(escrow.NotFoundSince?.ToUnixTimeMilliseconds()),
            escrow.Deleted ? 1 : 0
        );

    public void RemoveEscrow(string anchor) => _database.Execute("DELETE FROM escrow WHERE job = @job AND anchor = @p0", Anchor(anchor));

    public void SetIntent(string anchor, Intent intent) =>
        _database.Execute(
            """
            INSERT INTO intent (job, anchor, action, target, keys, time) VALUES (@job, @p0, @p1, @p2, @p3, @p4)
            ON CONFLICT (job, anchor) DO UPDATE SET action = excluded.action, target = excluded.target, keys = excluded.keys,
                time = excluded.time
            """,
            Anchor(anchor),
            (int)intent.Action,
            OrNull(intent.TargetId),
            intent.Keys.Length == 0 ? DBNull.Value : intent.Keys,
            intent.Time.ToUnixTimeMilliseconds()
        );

    /// <summary>Sets an intent's time: the write may have been sent at that time, not only when it was begun.</summary>
    public void RenewIntent(string anchor, DateTimeOffset time) =>
        _database.Execute("UPDATE intent SET time = @p1 WHERE job = @job AND anchor = @p0", Anchor(anchor), time.ToUnixTimeMilliseconds());

    public void RemoveIntent(string anchor) => _database.Execute("DELETE FROM intent WHERE job = @job AND anchor = @p0", Anchor(anchor));

    public void SetStaged(IReadOnlyDictionary<string, StagedOperation> operations)
    {
        _database.Execute("DELETE FROM staged WHERE job = @job");
        foreach ((string anchor, StagedOperation staged) in operations)
        {
            _database.Execute(
                "INSERT INTO staged (job, anchor, action, cycle, extent) VALUES (@job, @p0, @p1, @p2, @p3)",
                Anchor(anchor),
                (int)staged.Action,
                staged.CycleId.ToString("D"),
                staged.ApprovalDigest
            );
        }
    }

    /// <summary>Forgets all links, and with them the waiting references and the intents.</summary>
    public void RemoveLinks() =>
        _database.Execute(
            """
            DELETE FROM link WHERE job = @job;
            DELETE FROM waiting WHERE job = @job;
            DELETE FROM intent WHERE job = @job;
            DELETE FROM groupmember WHERE job = @job;
            DELETE FROM grouplink WHERE job = @job
            """
        );

    public void RemoveEscrows() => _database.Execute("DELETE FROM escrow WHERE job = @job; DELETE FROM groupescrow WHERE job = @job");

    /// <summary>Makes every entry in escrow due at once, as if it had not failed before. A list of changes would not name the entry
    /// again.</summary>
    public void MakeEscrowsDue() =>
        _database.Execute(
            "UPDATE escrow SET attempts = 0, next = 0 WHERE job = @job; UPDATE groupescrow SET attempts = 0, next = 0 WHERE job = @job"
        );

    /// <summary>Makes the next cycle read everything.</summary>
    public void ForgetWatermark()
    {
        SetNamed(WatermarkName, null);
        SetNamed(FingerprintName, null);
    }

    public void Dispose() => _database.Dispose();

    private static Link Link(DbDataReader row)
    {
        int enabled = row.GetInt32(3);
        return new Link(row.GetString(1), Hash(row, 2), enabled == LinkEnabled) { Released = enabled == LinkReleased };
    }

    // A job has many links. Each cycle reads them, and a dictionary that grows leaves as much garbage behind as the links need.
    private int CountLinks() => _database.Rows("SELECT count(*) FROM link WHERE job = @job", row => row.GetInt32(0)).First();

    private Dictionary<string, T> ByAnchor<T>(string sql, Func<DbDataReader, T> read, int capacity = 0)
    {
        var found = new Dictionary<string, T>(capacity, StringComparer.Ordinal);
        foreach ((string anchor, T value) in _database.Rows(sql, row => (Anchor(row, 0), read(row))))
            found.Add(anchor, value);
        return found;
    }

    private object Anchor(string anchor) => _database.Anchor(anchor);

    private string Anchor(DbDataReader row, int column) => _database.Anchor(row, column);

    private object? Named(string column, string name) =>
        _database.Rows($"SELECT {column} FROM named WHERE job = @job AND name = @p0", row => row.GetValue(0), name).FirstOrDefault();

    private void SetNamed(string column, string name, object? value) =>
        _database.Execute(
            $"""
            INSERT INTO named (job, name, {column}) VALUES (@job, @p0, @p1)
            ON CONFLICT (job, name) DO UPDATE SET {column} = excluded.{column}
            """,
            name,
            OrNull(value)
        );
}

using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Postgres;

/// <summary>
/// The open state of a job in PostgreSQL. The job's row is its lease: an epoch, an owner, and a time by the database's clock. A writer
/// takes the lease for 50 seconds and renews it every 10. Each commit locks the row and proves that the lease has 20 seconds left. A writer
/// whose renewal is 30 seconds old stops, long before another process can take the lease. The job of a machine that is killed goes on
/// elsewhere within a minute.
/// </summary>
internal sealed partial class PostgresStateDatabase(
    PostgresServer server,
    NpgsqlConnection connection,
    PostgresStore store,
    long job,
    string? mark
) : StateDatabase(connection, store.Name, job)
{
    // Tells an encrypted text from one that was written without keys, which is JSON.
    private const string Seal = "sealed:";
    private const string Notification = "notification";
    private const string Job = $"{PostgresSchema.Name}.job";
    private const string LeaseTime = "interval '50 seconds'";
    private const string Margin = "interval '20 seconds'";

    // A state.db may come from another person, and the database counts a million in a fifth of a second.
    private const long MostNumbers = 50_000_000;

    private static readonly TimeSpan s_renewal = TimeSpan.FromSeconds(10);

    // The settings end with the transaction, so that a pooler may give the session to another client. They are part of the statement that
    // locks the job's row: Npgsql sends all but the first one of several statements on another thread.
    private readonly string _limits =
        string.Create(
            CultureInfo.InvariantCulture,
            $"SELECT set_config('idle_in_transaction_session_timeout', '{server.LongestRest.TotalMilliseconds}', true), "
        ) + "set_config('lock_timeout', '20s', true)";

    private StatementBatch? _later;
    private long? _epoch;
    private ITimer? _renewal;

    // Read with the job's number, so that a look takes one way to the server less.
    public override StateMark? MarkWhenOpened
    {
        get
        {
            try
            {
                return StateMark.Parse(mark);
            }
            catch (JsonException e)
            {
                throw StateFailure.Unreadable(Name, e, AdviceOn(e));
            }
        }
    }

    public override object Anchor(string anchor) => anchor;

    public override string Anchor(DbDataReader row, int column) => row.GetString(column);

    // The way to the server takes longer than most statements. Those of a transaction go together.
    public override void Execute(string sql, params object[] values)
    {
        if (!IsInTransaction || sql.Contains(';', StringComparison.Ordinal))
        {
            Flush();
            base.Execute(sql, values);
            return;
        }
        Watch?.Invoke(sql);
        _later ??= new StatementBatch(connection, Text, JobNumber);
        if (_later.Add(sql, Array.ConvertAll(values, Stored)))
            Flush();
    }

    public override void Fence()
    {
        Lease? holder = null;
        try
        {
            _epoch =
                Scalar(
                    $"""
                    UPDATE {Job} SET epoch = epoch + 1, owner = @p0, expires = clock_timestamp() + {LeaseTime},
                        since = CASE WHEN owner = @p0 AND expires > clock_timestamp() THEN since ELSE clock_timestamp() END
                    WHERE id = @job AND (expires < clock_timestamp() OR owner = @p0)
                    RETURNING epoch
                    """,
                    server.Owner
                ) as long?;
            if (_epoch is null)
                holder = Rows($"SELECT {Lease.Columns} FROM {Job} WHERE id = @job", row => Lease.Of(row, 0)).FirstOrDefault();
        }
        catch (DbException e)
        {
            throw StateFailure.Unreadable(Name, e, AdviceOn(e));
        }
        if (_epoch is null)
            throw Busy(holder);
        _renewal = server.Time.CreateTimer(_ => Renew(), null, s_renewal, s_renewal);
    }

    private string LockedRow => $"{Job} CROSS JOIN ({_limits}) limits WHERE id = @job";

    protected override void LimitWaits() => Scalar(_limits);

    protected override void Enter(bool asWriter)
    {
        if (!asWriter || _epoch is null)
        {
            Scalar($"SELECT 1 FROM {LockedRow} FOR UPDATE OF job");
            return;
        }
        // The clock is read when the row is locked: the transaction may have waited for another one. OFFSET keeps the two apart.
        object? mine = Scalar(
            $"""
            SELECT locked.epoch FROM (SELECT epoch, expires FROM {LockedRow} AND epoch = @p0 OFFSET 0 FOR UPDATE OF job) AS locked
            WHERE locked.expires > clock_timestamp() + {Margin}
            """,
            _epoch
        );
        if (mine is null)
            throw Scalar($"SELECT epoch FROM {Job} WHERE id = @job") as long? == _epoch ? Late() : TakenOver();
    }

    // All jobs share a sequence. Setting it could take it back below a number that another job was given meanwhile, so it is counted up.
    public override void CountOn(string table, string column)
    {
        string sequence = $"{PostgresSchema.Name}.{table}_{column}_seq";
        string most = $"SELECT max({column}) FROM {table} WHERE job = @job";
        string given = $"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}";
        long steps = Scalar($"SELECT ({most}) - ({given})") as long? ?? 0;
        if (steps > MostNumbers)
        {
            var error = new InvalidDataException($"A number of the table '{table}' is too large");
            throw StateFailure.Unreadable(Name, error, AdviceOn(error));
        }
        if (steps > 0)
            Scalar($"SELECT count(nextval('{sequence}')) FROM generate_series(1, @p0)", steps);
    }

    protected override void Flush()
    {
        if (_later is not { IsEmpty: false } later)
            return;
        Watch?.Invoke("batch");
        later.Execute();
    }

    protected override void Open(DbConnection connection) => PostgresServer.Open(connection);

    protected override void Forget() => _later?.Clear();

    protected override string AdviceOn(Exception error) => PostgresFailure.Advice(error);

    // Names of tables are not looked for by the session's search path, which a pooler may have set for another client.
    protected override string Text(string sql) => Table().Replace(sql, $"$0{PostgresSchema.Name}.");

    // PostgreSQL keeps no character 0 in a text, and no half of a surrogate pair.
    protected override object Stored(object value) => value is string text ? StateValue.InEveryStore(text) : value;

    public override string Sealed(string text) =>
        server.Keys is { } keys ? Seal + Convert.ToBase64String(keys.Protect(Notification, store.Key, Encoding.UTF8.GetBytes(text))) : text;

    public override string? Unreadable => server.Keys is null ? Seal : null;

    public override void RemoveSignIns() => Execute("DELETE FROM token WHERE job = @job");

    public override string Unsealed(string text)
    {
        if (!text.StartsWith(Seal, StringComparison.Ordinal))
            return text;
        try
        {
            IStoreKeys keys = server.Keys ?? throw new CryptographicException("This process was started without keys.");
            return Encoding.UTF8.GetString(keys.Unprotect(Notification, store.Key, Convert.FromBase64String(text[Seal.Length..])));
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            throw new ProvisioningException(
                "NotificationKeyMissing",
                $"A notification of the job '{Name}' is encrypted, and the keys of this process do not decrypt it. "
                    + "Start each worker with the same folder of keys (--keys), or put the folder back from the backup.",
                e
            );
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _renewal?.Dispose();
            Release();
        }
        base.Dispose(disposing);
    }

    private void Renew()
    {
        if (_epoch is not { } epoch)
            return;
        try
        {
            using NpgsqlCommand command = server.Command(
                $"UPDATE {Job} SET expires = clock_timestamp() + {LeaseTime} WHERE id = $1 AND epoch = $2 AND owner = $3",
                JobNumber,
                epoch,
                server.Owner
            );
            command.ExecuteNonQuery();
        }
#pragma warning disable CA1031 // An exception of a timer ends the process, and with it the cycles of all jobs.
        catch (Exception e) when (e is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            // The next renewal may succeed. Where none does, the next commit finds the lease late.
        }
    }

    // The next process need not wait for the lease to end.
    private void Release()
    {
        if (_epoch is null)
            return;
        try
        {
            // A server that does not answer must not hold up the end of the process.
            Transact(() =>
                Scalar(
                    $"SET LOCAL lock_timeout = '1s'; UPDATE {Job} SET owner = NULL, expires = '-infinity' "
                        + "WHERE id = @job AND epoch = @p0",
                    _epoch
                )
            );
        }
        catch (DbException)
        {
            // The lease ends by itself.
        }
        _epoch = null;
    }

    private ProvisioningException Busy(Lease? holder)
    {
        string place = holder is null ? "" : $", in {holder}";
        return new ProvisioningException(
            "JobBusy",
            $"Another process has the job '{Name}' for a cycle or a command{place}. Wait for the process, or stop it. "
                + "A process that was killed keeps the job for a minute."
        )
        {
            Failure = ProvisioningFailure.JobBusy,
        };
    }

    private ProvisioningException Late() =>
        new(
            "JobTakenOver",
            $"The lease of the job '{Name}' was not renewed for 30 seconds, so that another process may soon take the job over. "
                + "This process was not running, or did not reach the database. This cycle stops; the next one goes on."
        )
        {
            Failure = ProvisioningFailure.JobTakenOver,
        };

    [GeneratedRegex(@"\b(FROM|INTO|UPDATE|JOIN)\s+(?=[a-z]+\b(?!\.))")]
    private static partial Regex Table();
}

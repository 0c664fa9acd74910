using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.State;

/// <summary>
/// The open state of one job: statements, rows, transactions, and the fence. Not thread-safe. A statement's text is the same for every
/// kind of store. The text has the job as <c>@job</c>, and the other values as <c>@p0</c>, <c>@p1</c> and so on.
/// </summary>
/// <param name="connection">The connection. The database disposes of it.</param>
/// <param name="name">How messages call the state.</param>
/// <param name="job">The job's number in the store.</param>
internal abstract class StateDatabase(DbConnection connection, string name, long job) : IDisposable
{
    /// <summary>Named value: the number of times that the state was written.</summary>
    public const string ChangesName = "changes";

    private readonly Dictionary<string, DbCommand> _commands = new(StringComparer.Ordinal);
    private DbTransaction? _transaction;

    /// <summary>How messages call the state.</summary>
    public string Name => name;

    /// <summary>The job's number in the store.</summary>
    protected long JobNumber => job;

    /// <summary>Told of each statement before it is executed, and of each end of a transaction. Null: nothing is told. A process that
    /// is killed at any statement is tried with it.</summary>
    public Action<string>? Watch { get; set; }

    /// <summary>The mark as it was when the state was opened; null as a rule.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>.</exception>
    public virtual StateMark? MarkWhenOpened => StateMark.Of(this);

    /// <summary>How the store writes an anchor.</summary>
    public abstract object Anchor(string anchor);

    /// <summary>Reads an anchor.</summary>
    public abstract string Anchor(DbDataReader row, int column);

    /// <summary>Makes this process the only writer. A process that wrote before can commit nothing more.</summary>
    public abstract void Fence();

    /// <summary>The first step of a transaction: keeps other transactions of the job away until this one ends. A writer proves that it
    /// still is the writer.</summary>
    /// <exception cref="ProvisioningException"><c>JobTakenOver</c>.</exception>
    protected abstract void Enter(bool asWriter);

    /// <summary>Lets the store's next own number of a table be higher than those that were written into it, within the transaction under
    /// way.</summary>
    public virtual void CountOn(string table, string column) { }

    /// <summary>Bounds how long the transaction under way may rest and wait for other transactions.</summary>
    protected virtual void LimitWaits() { }

    /// <summary>What to do about an error of the store, or about a row that cannot be read.</summary>
    protected abstract string AdviceOn(Exception error);

    protected bool IsInTransaction => _transaction is not null;

    /// <summary>Executes the statements that the store has put off.</summary>
    protected virtual void Flush() { }

    /// <summary>Forgets the statements that the store has put off, because their transaction did not come to its end.</summary>
    protected virtual void Forget() { }

    /// <summary>A statement's text as the store needs it.</summary>
    protected virtual string Text(string sql) => sql;

    /// <summary>A value as the store can keep it.</summary>
    protected virtual object Stored(object value) => value;

    /// <summary>A text of which the store keeps no plain copy where it has keys.</summary>
    public virtual string Sealed(string text) => text;

    /// <summary>How texts begin that this process cannot read, because it has no keys; null where there are none.</summary>
    public virtual string? Unreadable => null;

    /// <summary>The text of what <see cref="Sealed"/> gave.</summary>
    /// <exception cref="ProvisioningException"><c>NotificationKeyMissing</c>.</exception>
    public virtual string Unsealed(string text) => text;

    /// <summary>Deletes the job's sign-ins, where the store keeps them: the job leaves the store.</summary>
    public virtual void RemoveSignIns() { }

    /// <summary>Runs writes as one transaction.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnwritable</c>: disk full, locked for long, damaged. <c>JobTakenOver</c>: another
    /// process became the writer.</exception>
    public void InTransaction(Action writes)
    {
        try
        {
            Transact(() =>
            {
                Enter(asWriter: true);
                writes();
                Execute(
                    """
                    INSERT INTO named (job, name, number) VALUES (@job, @p0, 1)
                    ON CONFLICT (job, name) DO UPDATE SET number = named.number + 1
                    """,
                    ChangesName
                );
            });
        }
        catch (DbException e)
        {
            throw StateFailure.Unwritable(name, e, AdviceOn(e));
        }
    }

    /// <summary>Runs writes about the state itself as one transaction of the writer. They do not count as a change of the state.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnwritable</c>; <c>JobTakenOver</c>.</exception>
    public void AsWriter(Action writes) =>
        Noted(() =>
        {
            Enter(asWriter: true);
            writes();
        });

    /// <summary>As <see cref="AsWriter"/>, for a transaction that takes long. The proof that this process is the writer comes last: until
    /// then the lease can be renewed.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnwritable</c>; <c>JobTakenOver</c>.</exception>
    public void AtLastAsWriter(Action writes) =>
        Noted(() =>
        {
            LimitWaits();
            writes();
            Enter(asWriter: true);
        });

    /// <summary>Runs short writes that no cycle reads as one transaction, beside a cycle that may be under way. The cycle's fence and every
    /// plan stay valid.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnwritable</c>; an error of <see cref="StateMark.Refuse"/>.</exception>
    public void BesideCycles(Action writes) =>
        Noted(() =>
        {
            Enter(asWriter: false);
            StateMark.Refuse(StateMark.Of(this), name);
            writes();
        });

    /// <summary>Runs statements as one transaction whose error says that the state was not written.</summary>
    protected void Noted(Action statements)
    {
        try
        {
            Transact(statements);
        }
        catch (DbException e)
        {
            throw StateFailure.Unnoted(name, e, AdviceOn(e));
        }
    }

    /// <summary>Runs statements as one transaction, without a proof and without a count. An error is the store's own.</summary>
    public void Transact(Action statements)
    {
        // A server may have closed the connection since.
        if (connection.State != ConnectionState.Open)
        {
            connection.Close();
            Open(connection);
        }
        using DbTransaction transaction = _transaction = connection.BeginTransaction();
        try
        {
            statements();
            Flush();
            Watch?.Invoke("COMMIT");
            transaction.Commit();
            Watch?.Invoke("COMMITTED");
        }
        finally
        {
            _transaction = null;
            Forget();
        }
    }

    /// <summary>Opens the connection again.</summary>
    protected virtual void Open(DbConnection connection) => connection.Open();

    /// <summary>Executes a statement that returns nothing. Within a transaction the store may execute it later, yet before the next
    /// statement that returns something.</summary>
    public virtual void Execute(string sql, params object[] values)
    {
        Watch?.Invoke(sql);
        Command(sql, values).ExecuteNonQuery();
    }

    public object? Scalar(string sql, params object[] values)
    {
        Flush();
        Watch?.Invoke(sql);
        return Command(sql, values).ExecuteScalar();
    }

    /// <summary>Rows as they are read. No other statement is executed before they are. A row that a damaged state has made unreadable is
    /// an error that says so.</summary>
    public IEnumerable<T> Rows<T>(string sql, Func<DbDataReader, T> read, params object[] values)
    {
        Flush();
        Watch?.Invoke(sql);
        // A command of its own, because the text may differ each time.
        using DbCommand command = NewCommand(sql, values);
        using DbDataReader reader = Guarded(command.ExecuteReader);
        while (TryRead(reader, read, out T? row))
            yield return row;
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        foreach (DbCommand command in _commands.Values)
            command.Dispose();
        connection.Dispose();
    }

    /// <summary>The error of a process that is no longer the writer.</summary>
    protected ProvisioningException TakenOver() =>
        new(
            "JobTakenOver",
            $"Another process has taken over the job of '{name}' while this one was not running. This cycle stops; the other one goes on."
        )
        {
            Failure = ProvisioningFailure.JobTakenOver,
        };

    private DbCommand Command(string sql, object[] values)
    {
        if (!_commands.TryGetValue(sql, out DbCommand? command))
            return _commands[sql] = NewCommand(sql, values);
        for (int i = 0; i < values.Length; i++)
            command.Parameters[i].Value = Stored(values[i]);
        command.Transaction = _transaction;
        return command;
    }

    private DbCommand NewCommand(string sql, object[] values)
    {
        DbCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The module's own texts. What comes from outside is a parameter.
        command.CommandText = Text(sql);
#pragma warning restore CA2100
        command.Transaction = _transaction;
        for (int i = 0; i < values.Length; i++)
            Add(command, string.Create(CultureInfo.InvariantCulture, $"@p{i}"), Stored(values[i]));
        Add(command, "@job", job);
        return command;
    }

    private static void Add(DbCommand command, string name, object value)
    {
        DbParameter parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }

    private bool TryRead<T>(DbDataReader reader, Func<DbDataReader, T> read, [MaybeNullWhen(false)] out T row)
    {
        try
        {
            bool found = reader.Read();
            row = found ? read(reader) : default;
            return found;
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw StateFailure.Unreadable(name, e, AdviceOn(e));
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
            throw StateFailure.Unreadable(name, e, AdviceOn(e));
        }
    }

    private static bool IsDamage(Exception e) =>
        e is DbException or JsonException or FormatException or InvalidCastException or ArgumentException or EndOfStreamException;
}

using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Net.Sockets;
using Npgsql;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Postgres;

/// <summary>
/// A PostgreSQL database that holds the states of many jobs. A process has one. A pooler in transaction mode may stand in front of the
/// database: no statement relies on what an earlier transaction left in the session.
/// </summary>
internal sealed class PostgresServer : IDisposable
{
    private readonly NpgsqlDataSource _source;
    private bool _prepared;

    /// <param name="connection">A connection string of Npgsql. Statements are prepared only where the string asks for it.</param>
    /// <param name="time">Clock of the leases' renewals. Default: the system's.</param>
    /// <param name="keys">Encrypt notifications and sign-ins. Null: notifications are kept as they are, and sign-ins not at all.</param>
    public PostgresServer(string connection, TimeProvider? time = null, IStoreKeys? keys = null)
    {
        var settings = new NpgsqlConnectionStringBuilder(connection)
        {
            Enlist = false,
            Multiplexing = false,
            NoResetOnClose = true,
        };
        settings.ApplicationName ??= nameof(TravelPerkScim);
        // One of several servers may be a copy that is behind, and a state that is behind would disable and double users.
        if (settings.Host is not { Length: > 0 } host || host.Contains(',', StringComparison.Ordinal))
            throw new ArgumentException("One host is needed: the primary, or an address that leads to the primary.", nameof(connection));
        _source = NpgsqlDataSource.Create(settings);
        Name = $"database {settings.Database} on {settings.Host}";
        Time = time ?? TimeProvider.System;
        Keys = keys;
    }

    /// <summary>How messages call the database. The text has no password.</summary>
    public string Name { get; }

    /// <summary>Tells the leases of this process from those of others.</summary>
    public string Owner { get; } =
        string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName} {Environment.ProcessId} {Guid.NewGuid():N}");

    internal TimeProvider Time { get; }

    internal IStoreKeys? Keys { get; }

    /// <summary>How long a transaction may rest before the database ends it. A process that is stopped within a transaction holds the job's
    /// row, and no other process could take the lease over.</summary>
    internal TimeSpan LongestRest { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The place of a job's state.</summary>
    /// <param name="key">The job's key in the database.</param>
    /// <param name="job">The job's name. The state of a job of another name is refused. Null: any job's.</param>
    public IStateStore StoreOf(string key, string? job = null) => new PostgresStore(this, key, job);

    /// <summary>The place that a move left; null when no job has the move's mark.</summary>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>: the database does not answer.</exception>
    public IStateStore? StoreLeftBy(Guid move) =>
        Ask(
            create: false,
            connection =>
            {
                object? key = connection?.Scalar(
                    $"SELECT job.key FROM {PostgresSchema.Name}.job JOIN {PostgresSchema.Name}.named ON named.job = job.id "
                        + "WHERE named.name = $1 AND named.text LIKE '%' || $2 || '%'",
                    StateNames.Mark,
                    move.ToString("D")
                );
                return key is string found ? StoreOf(found) : null;
            }
        );

    /// <summary>Asks on a connection of its own.</summary>
    /// <param name="create">The tables are made where there are none. The connection is null where there are none.</param>
    /// <param name="question">Gives the answer from the connection.</param>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>: the database does not answer, or a later version made the
    /// tables.</exception>
    internal T Ask<T>(bool create, Func<NpgsqlConnection?, T> question)
    {
        try
        {
            return Use(
                create,
                connection =>
                {
                    T answer = question(connection);
                    connection?.Dispose();
                    return answer;
                }
            );
        }
        catch (DbException e)
        {
            throw StateFailure.StoreUnreadable(Name, e, PostgresFailure.Advice(e));
        }
    }

    /// <summary>Uses a connection. The caller disposes of it, unless the use fails.</summary>
    /// <param name="create">The tables are made where there are none. The connection is null where there are none.</param>
    /// <param name="use">Reads, or writes what may be written twice: it is called again where a connection of the pool had ended while it
    /// was at rest, with the server or at a firewall. The first statement finds that out.</param>
    /// <exception cref="DbException">The database does not answer, or refuses.</exception>
    internal T Use<T>(bool create, Func<NpgsqlConnection?, T> use) => Use(create, use, isAgain: false);

    private T Use<T>(bool create, Func<NpgsqlConnection?, T> use, bool isAgain)
    {
        NpgsqlConnection? connection = Connect(create);
        try
        {
            return use(connection);
        }
        catch (NpgsqlException e) when (!isAgain && HadEnded(connection!, e))
        {
            connection!.Dispose();
            return Use(create, use, isAgain: true);
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
    }

    private static bool HadEnded(NpgsqlConnection connection, NpgsqlException error) =>
        connection.State != ConnectionState.Open && error.InnerException is not TimeoutException;

    public void Dispose() => _source.Dispose();

    /// <summary>Opens a connection to the tables of this version.</summary>
    /// <param name="create">The tables are made where there are none.</param>
    /// <returns>Null when there are no tables, and none were to be made.</returns>
    /// <exception cref="DbException">The database does not answer, or refuses.</exception>
    /// <exception cref="ProvisioningException"><c>StateUnreadable</c>: a later version made the tables.</exception>
    internal NpgsqlConnection? Connect(bool create)
    {
        NpgsqlConnection connection = _source.CreateConnection();
        try
        {
            Open(connection);
            // Tables of this version do not go away while the process runs.
            _prepared = _prepared || PostgresSchema.Prepare(connection, Name, create);
            if (_prepared)
                return connection;
            connection.Dispose();
            return null;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens a connection. A host whose name is not found is an error of the database as others are.</summary>
    /// <exception cref="DbException">The database does not answer, or refuses.</exception>
    internal static void Open(DbConnection connection)
    {
        try
        {
            connection.Open();
        }
        catch (SocketException e)
        {
            throw new NpgsqlException($"The database's host is not reached: {e.Message}", e);
        }
    }

    /// <summary>A statement on a connection of its own.</summary>
    internal NpgsqlCommand Command(string sql, params object[] values) => _source.CreateCommand(sql).With(values);
}

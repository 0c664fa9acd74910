using System.Data.Common;
using Npgsql;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Postgres;

/// <summary>The state of one job in a PostgreSQL database.</summary>
/// <param name="Server">The database.</param>
/// <param name="Key">The job's key in it.</param>
/// <param name="Job">The job's name, which the state keeps. Null: the name is not looked at.</param>
internal sealed record PostgresStore(PostgresServer Server, string Key, string? Job = null) : IStateStore
{
    private const string Jobs = $"{PostgresSchema.Name}.job";
    private const string Named = $"{PostgresSchema.Name}.named";

    public string Name => $"{Key} in the {Server.Name}";

    public bool Exists
    {
        get
        {
            using StateDatabase? state = OpenToLook();
            return state is not null;
        }
    }

    public StateDatabase Open() => Open(create: true)!;

    public StateDatabase? OpenToLook() => Open(create: false);

    public override string ToString() => Name;

    private PostgresStateDatabase? Open(bool create)
    {
        try
        {
            return Server.Use(create, connection => Open(connection, create));
        }
        catch (DbException e)
        {
            throw StateFailure.Unreadable(Name, e, PostgresFailure.Advice(e));
        }
    }

    private PostgresStateDatabase? Open(NpgsqlConnection? connection, bool create)
    {
        if (connection is not null && Find(connection, create) is { } found)
            return new PostgresStateDatabase(Server, connection, this, found.Number, found.Mark);
        connection?.Dispose();
        return null;
    }

    private Row? Find(NpgsqlConnection connection, bool create)
    {
        Row? found = Read(connection);
        if (found is null && create)
        {
            connection.Execute($"INSERT INTO {Jobs} (key) VALUES ($1) ON CONFLICT (key) DO NOTHING", Key);
            found = Read(connection);
        }
        if (create && Job is not null && found is { Job: null } unnamed)
            found = NameFirst(connection, unnamed, Job);
        if (Job is not null && found is { Job: { } known } && known != Job)
            throw OfAnotherJob(known);
        return found;
    }

    private Row? Read(NpgsqlConnection connection)
    {
        using NpgsqlCommand command = new NpgsqlCommand(
            $"""
            SELECT id, (SELECT text FROM {Named} WHERE job = id AND name = $2), (SELECT text FROM {Named} WHERE job = id AND name = $3)
            FROM {Jobs} WHERE key = $1
            """,
            connection
        ).With(Key, StateNames.Job, StateNames.Mark);
        using NpgsqlDataReader row = command.ExecuteReader();
        return row.Read()
            ? new Row(row.GetInt64(0), row.IsDBNull(1) ? null : row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2))
            : null;
    }

    // The first job that writes its name has the state, and the name never changes.
    private Row NameFirst(NpgsqlConnection connection, Row row, string job)
    {
        connection.Execute(
            $"INSERT INTO {Named} (job, name, text) VALUES ($1, $2, $3) ON CONFLICT (job, name) DO NOTHING",
            row.Number,
            StateNames.Job,
            job
        );
        return Read(connection)!;
    }

    // A copied folder has the key of the first one. Its users would be taken for the first job's, and all others for leavers.
    private ProvisioningException OfAnotherJob(string known) =>
        new(
            "StateOfAnotherJob",
            $"The state under the stateKey '{Key}' is that of the job '{ShownText.Of(known)}', and not of the job '{Job}'. "
                + "Give this job a stateKey of its own; or, if the folder was renamed, give it the former name."
        );

    /// <param name="Number">The job's number in the database.</param>
    /// <param name="Job">The name of the job's folder; null before a process has written it.</param>
    /// <param name="Mark">What is said of the state; null as a rule.</param>
    private sealed record Row(long Number, string? Job, string? Mark);
}

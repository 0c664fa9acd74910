using System.Data.Common;
using Npgsql;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Postgres;

/// <summary>The state of one job in a PostgreSQL database.</summary>
/// <param name="Server">The database.</param>
/// <param name="Key">The job's key in it.</param>
internal sealed record PostgresStore(PostgresServer Server, string Key) : IStateStore
{
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
        NpgsqlConnection? connection = null;
        try
        {
            connection = Server.Connect(create);
            if (connection is not null && Number(connection, create) is { } job)
                return new PostgresStateDatabase(Server, connection, this, job);
            connection?.Dispose();
            return null;
        }
        catch (DbException e)
        {
            connection?.Dispose();
            throw StateFailure.Unreadable(Name, e, PostgresFailure.Advice(e));
        }
    }

    private long? Number(NpgsqlConnection connection, bool create)
    {
        long? number = Known();
        if (number is null && create)
        {
            connection.Execute($"INSERT INTO {PostgresSchema.Name}.job (key) VALUES ($1) ON CONFLICT (key) DO NOTHING", Key);
            number = Known();
        }
        return number;

        long? Known() => connection.Scalar($"SELECT id FROM {PostgresSchema.Name}.job WHERE key = $1", Key) as long?;
    }
}

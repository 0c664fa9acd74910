using Npgsql;

namespace TravelPerkScim.Postgres;

/// <summary>Statements with values by position: $1, $2.</summary>
internal static class PostgresCommand
{
    public static NpgsqlCommand With(this NpgsqlCommand command, params object[] values)
    {
        foreach (object value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    public static object? Scalar(this NpgsqlConnection connection, string sql, params object[] values)
    {
        using NpgsqlCommand command = new NpgsqlCommand(sql, connection).With(values);
        return command.ExecuteScalar();
    }

    public static void Execute(this NpgsqlConnection connection, string sql, params object[] values)
    {
        using NpgsqlCommand command = new NpgsqlCommand(sql, connection).With(values);
        command.ExecuteNonQuery();
    }
}

using Npgsql;

namespace TravelPerkScim.Postgres;

/// <summary>What errors of PostgreSQL mean, and what to do about them.</summary>
internal static class PostgresFailure
{
    public static string Advice(Exception error) =>
        error switch
        {
            PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } =>
                "Give the account of the connection the right to use and change the tables of the schema "
                    + $"'{PostgresSchema.Name}', and to make them the first time.",
            PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } =>
                "Check the account and the secret of the connection.",
            PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
                "Make the database, or correct its name in the connection.",
            PostgresException { SqlState: PostgresErrorCodes.DiskFull } => "Make space on the disk of the database.",
            PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } =>
                "Raise max_connections of the database, or lower 'Maximum Pool Size' of the connection.",
            PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } =>
                "Another process has held the job's row for long. Wait for that process, or stop it.",
            PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } =>
                "The database only reads, as a standby does. Let the connection name the primary.",
            PostgresException => "The database's log may say more.",
            NpgsqlException => "Check that the database runs and that this machine reaches it. The next cycle goes on from there.",
            _ => "The row was changed by hand or by another program. Put a backup of the database in its place, or delete the row.",
        };
}

using Microsoft.Data.Sqlite;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Benchmarks;

/// <summary>What a job keeps on disk for each linked user after its initial cycle, log and all.</summary>
internal sealed class StateMeasurement : IMeasurement
{
    public string Verb => "state";

    public string Summary => "Bytes of state on disk a linked user, after an initial cycle. [--users 2000]";

    public IReadOnlyList<Figure> Run(Arguments arguments) => RunAsync(arguments.Number("users", 2000)).GetAwaiter().GetResult();

    private static async Task<IReadOnlyList<Figure>> RunAsync(int users)
    {
        await using var bench = new Bench(new SandboxOptions(), users);
        ProvisioningJob job = bench.NewJob();
        _ = await bench.RunAsync(job);
        // The last one to close the file writes the rest of the write-ahead log into it, and removes it.
        double total = Directory.EnumerateFiles(job.Path, "state.db*").Sum(file => new FileInfo(file).Length);
        double links = Bytes(job, "link"),
            log = Bytes(job, "log");
        return
        [
            new Figure(
                "state.size",
                total / users,
                "bytes/linked user",
                Goal.NoMoreThan(300),
                $"{users:N0} users; links with their index {links / users:0}, log of "
                    + $"their creates {log / users:0}, the rest {(total - links - log) / users:0}"
            )
            {
                Bound = "The log keeps what each create wrote (attribute values, for 30 days); it grows with the values, the links do not.",
            },
        ];
    }

    // Of a copy that holds nothing else, in whole pages as the file has them.
    private static long Bytes(ProvisioningJob job, string table)
    {
        string state = Path.Combine(job.Path, "state.db"),
            copy = state + ".copy";
        try
        {
            File.Copy(state, copy);
            using (
                var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = copy, Pooling = false }.ToString())
            )
            {
                connection.Open();
                List<string> others = [];
                using (
                    SqliteDataReader rows = Command(
                            connection,
                            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                        )
                        .ExecuteReader()
                )
                {
                    while (rows.Read())
                        others.Add(rows.GetString(0));
                }
                foreach (string other in others.Where(other => other != table))
                    _ = Command(connection, $"DROP TABLE \"{other}\"").ExecuteNonQuery();
                _ = Command(connection, "PRAGMA journal_mode = DELETE").ExecuteNonQuery();
                _ = Command(connection, "VACUUM").ExecuteNonQuery();
            }
            return new FileInfo(copy).Length;
        }
        finally
        {
            File.Delete(copy);
        }
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }
}

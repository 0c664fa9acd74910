using Microsoft.Data.Sqlite;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Sandbox;

namespace TravelPerkScim.Benchmarks;

/// <summary>What a job keeps on disk for each linked user after its initial cycle, log and all.</summary>
internal sealed class StateMeasurement : IMeasurement
{
    public string Verb => "state";

    public string Summary => "Bytes of state on disk a linked user, after an initial cycle. [--users 2000]";

    public IReadOnlyList<Figure> Run(Arguments arguments) => RunAsync(arguments.Users(2000)).GetAwaiter().GetResult();

    private static async Task<IReadOnlyList<Figure>> RunAsync(int users)
    {
        await using var bench = new Bench(new SandboxOptions(), users);
        ProvisioningJob job = bench.NewJob();
        _ = await bench.RunAsync(job);
        double links = Bytes(job, "link"), log = Bytes(job, "log");
        // The last one to close the file writes the rest of the write-ahead log into it, and removes it.
        double total = Directory.EnumerateFiles(job.Path, "state.db*").Sum(file => new FileInfo(file).Length);
        return
        [
            new Figure("state.size", total / users, "bytes/linked user", Goal.NoMoreThan(300), $"{users:N0} users; links with their index {links / users:0}, log of their creates {log / users:0}, the rest {(total - links - log) / users:0}")
            {
                Bound = "The log keeps what each create wrote (attribute values, for 30 days); it grows with the values, the links do not.",
            },
        ];
    }

    private static long Bytes(ProvisioningJob job, string table)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = job.StatePath, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_schema WHERE tbl_name = $table)";
        _ = command.Parameters.AddWithValue("$table", table);
        return (long)command.ExecuteScalar()!;
    }
}

using System.Globalization;
using TravelPerkScim.Provisioning.Tests.State;

namespace TravelPerkScim.Worker.Tests;

/// <summary>A database that workers share, the file that names it, and a folder of keys.</summary>
internal sealed class SharedDatabase : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("store-").FullName;

    public SharedDatabase(PostgresCluster cluster)
    {
        Connection = PostgresCluster.Missing is null ? cluster.NewDatabase() : "";
        Keys = Directory.CreateDirectory(Path.Combine(_folder, "keys")).FullName;
        Store = Secret("store", Connection);
    }

    public string Connection { get; }

    public string Keys { get; }

    public string Store { get; }

    /// <summary>Settings of a worker that uses the database and the keys.</summary>
    public string[] Settings => ["--store", Store, "--keys", Keys];

    /// <summary>A file that this account alone can read.</summary>
    public string Secret(string name, string content)
    {
        string file = Path.Combine(_folder, name);
        File.WriteAllText(file, content);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }

    public object? Sql(string sql) => PostgresCluster.Sql(Connection, sql);

    /// <summary>All rows of all tables, bytes in hexadecimal digits.</summary>
    public string Dump() =>
        (string)
            Sql(
                """
                SELECT string_agg(query_to_xml(format('SELECT t::text FROM travelperkscim.%I t', table_name), true, true, '')::text, ' ')
                FROM information_schema.tables WHERE table_schema = 'travelperkscim'
                """
            )!;

    /// <summary>No process has a lease.</summary>
    public bool IsIdle => Sql("SELECT count(*) FROM travelperkscim.job WHERE expires > clock_timestamp()") is 0L;

    /// <summary>The lease of a killed process ends after a minute; a test need not wait for it.</summary>
    public void EndLeases() => Sql("UPDATE travelperkscim.job SET expires = clock_timestamp() - interval '1 second'");

    /// <summary>Makes the job's next cycle due: its last one began long ago.</summary>
    public void MakeDue(string job)
    {
        string began = DateTimeOffset.UtcNow.AddHours(-2).ToString("yyyy-MM-ddTHH:mm:ss+00:00", CultureInfo.InvariantCulture);
        string number = $"(SELECT id FROM travelperkscim.job WHERE key = '{job}')";
        Sql(
            $$"""
            UPDATE travelperkscim.cycle
            SET began = began - 7200000, summary = jsonb_set(summary::jsonb, '{Began}', '"{{began}}"')::text WHERE job = {{number}};
            UPDATE travelperkscim.named SET number = number + 1 WHERE name = 'changes' AND job = {{number}}
            """
        );
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

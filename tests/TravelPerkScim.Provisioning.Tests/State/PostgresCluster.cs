using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace TravelPerkScim.Provisioning.Tests.State;

/// <summary>A PostgreSQL of the tests' own, in a temporary folder, on a free port of 127.0.0.1. The first test that asks for a database
/// starts it.</summary>
public sealed class PostgresCluster : IDisposable
{
    private static readonly string? s_programs = Find();

    private readonly Lazy<(string Folder, int Port)> _running = new(Start);
    private int _databases;

    /// <summary>Why tests on PostgreSQL are skipped; null when there is a PostgreSQL.</summary>
    public static string? Missing { get; } =
        s_programs is not null
            ? null
            : "There is no PostgreSQL on this machine (initdb and pg_ctl on the PATH or in /usr/lib/postgresql), "
                + "so the state was not kept in one. On Debian: apt-get install postgresql.";

    /// <summary>Makes an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public string NewDatabase()
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref _databases)}");
        Sql(Connection("postgres"), $"CREATE DATABASE {name}");
        return Connection(name);
    }

    public static object? Sql(string connection, string sql)
    {
        using var source = NpgsqlDataSource.Create(connection + ";Pooling=false");
        using NpgsqlCommand command = source.CreateCommand(sql);
        return command.ExecuteScalar();
    }

    /// <summary>Stops the server at once, as a crash does, and starts it again.</summary>
    public void Restart() => Control(_running.Value.Folder, "restart", "-m", "immediate", "-w");

    public void Dispose()
    {
        if (!_running.IsValueCreated)
            return;
        Control(_running.Value.Folder, "stop", "-m", "immediate");
        Directory.Delete(_running.Value.Folder, recursive: true);
    }

    private string Connection(string database) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = _running.Value.Port,
            Username = "postgres",
            Database = database,
        }.ToString();

    private static (string Folder, int Port) Start()
    {
        string folder = Directory.CreateTempSubdirectory("postgres-").FullName;
        if (Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows())
            Run("chown", "postgres", folder);
        RunAsOwner("initdb", "-D", Data(folder), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
        int port = FreePort();
        Control(
            folder,
            "start",
            "-w",
            "-l",
            Path.Combine(folder, "log"),
            "-o",
            string.Create(
                CultureInfo.InvariantCulture,
                $"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=200"
            )
        );
        return (folder, port);
    }

    private static string Data(string folder) => Path.Combine(folder, "data");

    private static void Control(string folder, params string[] arguments) => RunAsOwner("pg_ctl", ["-D", Data(folder), "-s", .. arguments]);

    // PostgreSQL does not run as root.
    private static void RunAsOwner(string program, params string[] arguments)
    {
        string path = Path.Combine(s_programs!, program);
        if (Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows())
            Run("runuser", ["-u", "postgres", "--", path, .. arguments]);
        else
            Run(path, arguments);
    }

    private static void Run(string program, params string[] arguments)
    {
        // The server inherits the streams of pg_ctl and outlives it: its output is not waited for.
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = Path.GetTempPath() };
        if (OperatingSystem.IsWindows())
            start.FileName = program;
        else
            start.ArgumentList.Add("-c");
        if (!OperatingSystem.IsWindows())
        {
            start.ArgumentList.Add("exec \"$@\" > /dev/null 2>&1 < /dev/null");
            start.ArgumentList.Add("sh");
            start.ArgumentList.Add(program);
        }
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string? Find()
    {
        const string Debian = "/usr/lib/postgresql";
        IEnumerable<string> versions = Directory.Exists(Debian)
            ? Directory.GetDirectories(Debian).OrderByDescending(version => version, StringComparer.Ordinal)
            : [];
        string suffix = OperatingSystem.IsWindows() ? ".exe" : "";
        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(versions.Select(version => Path.Combine(version, "bin")))
            .FirstOrDefault(folder =>
                File.Exists(Path.Combine(folder, "initdb" + suffix)) && File.Exists(Path.Combine(folder, "pg_ctl" + suffix))
            );
    }
}

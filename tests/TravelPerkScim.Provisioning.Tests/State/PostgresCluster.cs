using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace TravelPerkScim.Provisioning.Tests.State;

/// <summary>A PostgreSQL of the tests' own, in a temporary folder, on a free port of 127.0.0.1. The first test that asks for a database
/// starts it. It stops with the tests, also when they are killed.</summary>
public sealed class PostgresCluster : IDisposable
{
    private static readonly string? s_programs = Find();

    private readonly Lazy<Server> _server = new(Start);
    private int _databases;

    /// <summary>Why tests on PostgreSQL are skipped; null when there is a PostgreSQL.</summary>
    public static string? Missing { get; } =
        OperatingSystem.IsWindows() ? "The tests start PostgreSQL with a shell, which Windows does not have."
        : s_programs is null
            ? "There is no PostgreSQL on this machine (initdb and pg_ctl on the PATH or in /usr/lib/postgresql), "
                + "so no state was kept in one. On Debian: apt-get install postgresql."
        : null;

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

    /// <summary>Has the server write down the statements of connections that open from now on.</summary>
    /// <param name="connection">The database.</param>
    public static void LogStatements(string connection) =>
        Sql(connection, $"ALTER DATABASE {new NpgsqlConnectionStringBuilder(connection).Database} SET log_statement = 'all'");

    /// <summary>The statements that the server wrote down for a database, in their order. COMMIT is one too.</summary>
    public IReadOnlyList<string> StatementsOf(string connection)
    {
        string mark = $"{new NpgsqlConnectionStringBuilder(connection).Database}:LOG:  ";
        using var log = new StreamReader(
            new FileStream(Path.Combine(_server.Value.Folder, "log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite)
        );
        List<string> statements = [];
        while (log.ReadLine() is { } line)
        {
            // The further lines of a statement begin with a tab.
            if (line.StartsWith('\t') && statements.Count > 0)
                statements[^1] = $"{statements[^1]} {line.Trim()}";
            if (!line.StartsWith(mark, StringComparison.Ordinal))
                continue;
            int kind = line.IndexOf(": ", mark.Length, StringComparison.Ordinal);
            if (kind > 0)
                statements.Add(line[(kind + 2)..]);
        }
        return statements;
    }

    /// <summary>Stops all processes of the server where they are, until <see cref="Continue"/>. Clients get no answer and no error.</summary>
    public void Pause() => Signal("STOP");

    public void Continue() => Signal("CONT");

    /// <summary>CPU time of the server's processes that run now.</summary>
    public TimeSpan Cpu => Processes().Select(CpuOf).Aggregate(TimeSpan.Zero, (sum, time) => sum + time);

    /// <summary>Stops the server at once, as a crash does, and starts it again.</summary>
    public void Restart() => Run(Control(_server.Value.Folder, "restart", "-m", "immediate", "-w"));

    public void Dispose()
    {
        if (!_server.IsValueCreated)
            return;
        using Process watch = _server.Value.Watch;
        watch.StandardInput.Close();
        watch.WaitForExit();
    }

    // A connection's process may be over meanwhile.
    private void Signal(string name) => Run(["/bin/sh", "-c", $"kill -{name} {string.Join(' ', Processes())}; true"]);

    // The first process of the server, and then its children. Linux.
    private int[] Processes()
    {
        string first = File.ReadLines(Path.Combine(Data(_server.Value.Folder), "postmaster.pid")).First();
        return [int.Parse(first, CultureInfo.InvariantCulture), .. ChildrenOf(first)];
    }

    private static IEnumerable<int> ChildrenOf(string parent) =>
        Directory
            .EnumerateDirectories("/proc")
            .Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]) && ParentOf(folder) == parent)
            .Select(folder => int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture));

    private static TimeSpan CpuOf(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return process.TotalProcessorTime;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // The process is over.
            return TimeSpan.Zero;
        }
    }

    private static string? ParentOf(string process)
    {
        try
        {
            return File.ReadLines(Path.Combine(process, "status"))
                .FirstOrDefault(line => line.StartsWith("PPid:", StringComparison.Ordinal))
                ?[5..].Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process is over.
            return null;
        }
    }

    private string Connection(string database) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = _server.Value.Port,
            Username = "postgres",
            Database = database,
        }.ToString();

    private static Server Start()
    {
        string folder = Directory.CreateTempSubdirectory("postgres-").FullName;
        if (Environment.IsPrivilegedProcess)
            Run(["chown", "postgres", folder]);
        Run(AsOwner("initdb", "-D", Data(folder), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"));
        int port = FreePort();
        string settings = string.Create(
            CultureInfo.InvariantCulture,
            $"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=200 "
                + $"-c log_line_prefix=%d:"
        );
        Run(Control(folder, "start", "-w", "-l", Path.Combine(folder, "log"), "-o", settings));
        // The shell waits for the end of its input, which comes with the end of this process.
        Process watch = Shell(
            "cat > /dev/null; \"$@\" > /dev/null 2>&1; rm -rf \"$0\"",
            folder,
            Control(folder, "stop", "-m", "immediate")
        );
        return new Server(folder, port, watch);
    }

    private static string Data(string folder) => Path.Combine(folder, "data");

    private static string[] Control(string folder, params string[] arguments) =>
        AsOwner("pg_ctl", ["-D", Data(folder), "-s", .. arguments]);

    // PostgreSQL does not run as root.
    private static string[] AsOwner(string program, params string[] arguments)
    {
        string path = Path.Combine(s_programs!, program);
        return Environment.IsPrivilegedProcess ? ["runuser", "-u", "postgres", "--", path, .. arguments] : [path, .. arguments];
    }

    private static void Run(string[] command)
    {
        // The server inherits the streams of pg_ctl and outlives it: its output is not waited for.
        using Process process = Shell("exec \"$@\" > /dev/null 2>&1 < /dev/null", "sh", command);
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}.");
    }

    private static Process Shell(string script, string name, string[] arguments) =>
        Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", script, name, .. arguments])
            {
                WorkingDirectory = Path.GetTempPath(),
                RedirectStandardInput = true,
            }
        )!;

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
        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(versions.Select(version => Path.Combine(version, "bin")))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "pg_ctl")));
    }

    private sealed record Server(string Folder, int Port, Process Watch);
}

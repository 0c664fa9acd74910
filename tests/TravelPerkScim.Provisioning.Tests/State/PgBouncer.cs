using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Npgsql;
using Xunit.Sdk;

namespace TravelPerkScim.Provisioning.Tests.State;

/// <summary>A PgBouncer of the tests' own before the tests' PostgreSQL, in transaction mode and with two sessions to the server: each
/// transaction may come to another session, and most clients wait. The first test that asks for the pooler starts it. It stops with the
/// tests, also when they are killed.</summary>
public sealed class PgBouncer : IDisposable
{
    private static readonly string? s_program = Find();

    private readonly object _lock = new();
    private Pooler? _pooler;

    /// <summary>Why tests with a pooler are skipped; null when there are a pooler and a PostgreSQL.</summary>
    public static string? Missing { get; } =
        PostgresCluster.Missing
        ?? (
            s_program is null
                ? "There is no PgBouncer on this machine (pgbouncer on the PATH or in /usr/sbin), "
                    + "so no state was kept behind one. On Debian: apt-get install pgbouncer."
                : null
        );

    /// <summary>The way to a database of the tests' PostgreSQL that leads through the pooler.</summary>
    public string Before(string database)
    {
        var settings = new NpgsqlConnectionStringBuilder(database);
        lock (_lock)
            settings.Port = (_pooler ??= Start(settings.Port)).Port;
        return settings.ToString();
    }

    public void Dispose()
    {
        if (_pooler is not { Watch: var watch })
            return;
        watch.StandardInput.Close();
        watch.WaitForExit();
        watch.Dispose();
    }

    private static Pooler Start(int server)
    {
        string folder = Directory.CreateTempSubdirectory("pgbouncer-").FullName;
        int port = FreePort();
        string settings = Path.Combine(folder, "pgbouncer.ini");
        File.WriteAllText(
            settings,
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                [databases]
                * = host=127.0.0.1 port={server} user=postgres

                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = {port}
                unix_socket_dir =
                auth_type = any
                pool_mode = transaction
                default_pool_size = 2
                max_client_conn = 200
                """
            )
        );
        // PgBouncer does not run as root. It reads the settings before it becomes another account.
        string[] account = Environment.IsPrivilegedProcess ? ["-u", "postgres"] : [];
        // The shell waits for the end of its input, which comes with the end of this process.
        const string Script = "\"$@\" > \"$0/log\" 2>&1 & cat > /dev/null; kill $!; wait $!; rm -rf \"$0\"";
        Process watch = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", Script, folder, s_program!, .. account, settings]) { RedirectStandardInput = true }
        )!;
        if (!SpinWait.SpinUntil(() => Answers(port), TimeSpan.FromSeconds(20)))
            throw new InvalidOperationException($"PgBouncer did not start:\n{File.ReadAllText(Path.Combine(folder, "log"))}");
        return new Pooler(port, watch);
    }

    private static bool Answers(int port)
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string? Find() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append("/usr/sbin")
            .Select(folder => Path.Combine(folder, "pgbouncer"))
            .FirstOrDefault(File.Exists);

    private sealed record Pooler(int Port, Process Watch);
}

/// <summary>A test that needs PgBouncer. Without one it is skipped, and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PooledFactAttribute : FactAttribute
{
    public PooledFactAttribute() => Skip = PgBouncer.Missing;
}

/// <summary>Runs a test of the contract on a state in PostgreSQL behind a pooler. Without a pooler that run is skipped, and says
/// so.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PooledDataAttribute : DataAttribute
{
    public PooledDataAttribute() => Skip = PgBouncer.Missing;

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        [
            [StoreKind.Pooled],
        ];
}

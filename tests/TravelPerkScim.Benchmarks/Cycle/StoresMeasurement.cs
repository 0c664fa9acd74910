using TravelPerkScim.Postgres;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Tests.State;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Benchmarks;

/// <summary>An initial cycle with the state in PostgreSQL, beside one with the state in a file. Without a PostgreSQL on the machine there is
/// no figure.</summary>
internal sealed class StoresMeasurement : IMeasurement
{
    private const int Rounds = 5;

    // Without a pooler, or with one that knows prepared statements.
    private const string Prepared = ";Max Auto Prepare=50;Auto Prepare Min Usages=2";

    public string Verb => "stores";

    public string Summary => "An initial cycle with its state in PostgreSQL, beside one with a file. [--users 2000] [--latency 20]";

    public IReadOnlyList<Figure> Run(Arguments arguments)
    {
        if (PostgresCluster.Missing is not null)
            return [];
        using var cluster = new PostgresCluster();
        int users = arguments.Number("users", 2000);
        return
        [
            RunAsync("store.postgres", new PostgresServer(cluster.NewDatabase()), users, TimeSpan.Zero).GetAwaiter().GetResult(),
            RunAsync("store.postgres.prepared", new PostgresServer(cluster.NewDatabase() + Prepared), users, TimeSpan.Zero)
                .GetAwaiter()
                .GetResult(),
            RunAsync(
                    "store.postgres.latency",
                    new PostgresServer(cluster.NewDatabase()),
                    users / 5,
                    TimeSpan.FromMilliseconds(arguments.Number("latency", 20))
                )
                .GetAwaiter()
                .GetResult(),
        ];
    }

    private static async Task<Figure> RunAsync(string name, PostgresServer server, int users, TimeSpan latency)
    {
        using PostgresServer owned = server;
        List<double> ratios = [],
            files = [],
            databases = [];
        // The first round warms up; the others are interleaved, so that whatever else the machine does falls on both.
        for (int round = 0; round <= Rounds; round++)
        {
            double file = await CycleAsync(null),
                database = await CycleAsync(server);
            if (round == 0)
                continue;
            ratios.Add(file / database);
            files.Add(users / file);
            databases.Add(users / database);
        }
        return Figure.Of(
            name,
            ratios,
            "of a file's",
            Goal.NoLessThan(0.8),
            $"{users:N0} users: PostgreSQL {databases.Median():N0} users/s, a file {files.Median():N0}; the sandbox answers after "
                + $"{latency.TotalMilliseconds:0} ms; service, client and database share the cores"
        ) with
        {
            Bound = "PostgreSQL reads and plans each statement again, unless statements are prepared. A pooler may not allow that.",
        };

        async Task<double> CycleAsync(PostgresServer? store)
        {
            await using var bench = new Bench(new SandboxOptions { Latency = latency }, users);
            ProvisioningJob job = bench.NewJob();
            if (store is not null)
            {
                string key = Guid.NewGuid().ToString("N");
                job.Save(job.Settings with { StateKey = key });
                job.Store = store.StoreOf(key);
            }
            return (await bench.RunAsync(job)).Seconds;
        }
    }
}

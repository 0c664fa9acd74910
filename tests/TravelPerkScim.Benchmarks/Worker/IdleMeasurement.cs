using System.Diagnostics;
using System.Globalization;
using Npgsql;
using TravelPerkScim.Postgres;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Tests.State;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Worker.Tests;

namespace TravelPerkScim.Benchmarks;

/// <summary>One worker with thousands of jobs that have nothing to do, and their states in one PostgreSQL. The states are copies of the
/// state of one job that ran.</summary>
internal sealed class IdleMeasurement : IMeasurement
{
    private const int Users = 3;

    // Of the cycles that are due, so many have to begin in time.
    private const double Held = 0.95;

    private static readonly TimeSpan s_usual = JobSchedule.DefaultInterval;

    public string Verb => "idle";

    public string Summary =>
        "One worker with jobs that have nothing to do, on one PostgreSQL: use at 40 minutes, and the rate that it holds. "
        + "[--jobs 10000] [--seconds 180] [--cycles 8] [--links 1000000]";

    public IReadOnlyList<Figure> Run(Arguments arguments)
    {
        if (PostgresCluster.Missing is { } missing)
        {
            Console.Error.WriteLine(missing);
            return [];
        }
        using var postgres = new PostgresCluster();
        return
        [
            .. new Idle(postgres, arguments).RunAsync().GetAwaiter().GetResult(),
            .. LinksAsync(postgres, arguments.Number("links", 1_000_000)).GetAwaiter().GetResult(),
        ];
    }

    // An idle cycle of a job with 1,000 links, beside few other links and beside many.
    private static async Task<IReadOnlyList<Figure>> LinksAsync(PostgresCluster postgres, int links)
    {
        const int Each = 1000,
            Rounds = 15;
        string database = postgres.NewDatabase();
        using var states = SharedStates.At(database);
        await using var bench = new Bench(new SandboxOptions(), Each);
        ProvisioningJob job = bench.NewJob();
        job.Save(job.Settings with { StateKey = "job1" });
        states.Attach(job);
        await bench.RunAsync(job);
        new CopiedStates(database).Copy(9, s_usual);
        double few = await MedianAsync();
        new CopiedStates(database).Copy((links / Each) - 10, s_usual);
        double many = await MedianAsync();
        double bytes = (long)PostgresCluster.Sql(database, "SELECT pg_database_size(current_database())")!;
        return
        [
            new(
                "idle.links",
                many / few,
                "of the time beside 10,000",
                Goal.NoMoreThan(1.5),
                $"an idle cycle of 1,000 links takes {many * 1000:0} ms beside {links:N0} links, and {few * 1000:0} ms beside 10,000"
            ),
            new("idle.disk", bytes / links, "bytes a link", Beside: $"{bytes / 1048576:N0} MB with the tables of the system"),
        ];

        async Task<double> MedianAsync()
        {
            PostgresCluster.Sql(database, "ANALYZE");
            List<double> times = [];
            for (int round = 0; round < Rounds; round++)
                times.Add((await bench.RunAsync(job)).Seconds);
            return times.Median();
        }
    }

    private sealed class Idle(PostgresCluster postgres, Arguments arguments)
    {
        private readonly int _jobs = arguments.Number("jobs", 10_000);
        private readonly TimeSpan _length = TimeSpan.FromSeconds(arguments.Number("seconds", 180));
        private readonly string _database = postgres.NewDatabase();
        private readonly string _store = Path.GetTempFileName();

        public async Task<IReadOnlyList<Figure>> RunAsync()
        {
            await File.WriteAllTextAsync(_store, _database);
            await using var folder = new JobFolder();
            FixtureJob first = folder.Add("job1", Users, settings: s => s with { StateKey = "job1" });
            await using (WorkerProcess worker = folder.Start(more: ["--store", _store]))
                await worker.LoggedAsync(6, "job1");
            new CopiedStates(_database).Copy(_jobs - 1, s_usual);
            CopyFolders(folder, first);

            List<Figure> figures = [];
            foreach (TimeSpan interval in (TimeSpan[])[s_usual, s_usual / 4, s_usual / 8, s_usual / 16, s_usual / 32])
            {
                Span span = await RunAsync(folder, interval);
                figures.AddRange(span.Figures(_jobs, interval));
                if (span.Share < Held)
                    break;
            }
            File.Delete(_store);
            return figures;
        }

        private static void CopyFolders(JobFolder folder, FixtureJob first, string text, int job)
        {
            string path = Path.Combine(folder.Path, CopiedStates.NameOf(job));
            Directory.CreateDirectory(path);
            File.WriteAllText(
                Path.Combine(path, "job.json"),
                text.Replace("\"job1\"", $"\"{CopiedStates.NameOf(job)}\"", StringComparison.Ordinal)
            );
            string mapping = Path.Combine(path, "mapping.json");
            if (!File.Exists(mapping))
                File.Copy(Path.Combine(first.Job.Path, "mapping.json"), mapping);
        }

        private void CopyFolders(JobFolder folder, FixtureJob first)
        {
            string text = File.ReadAllText(Path.Combine(first.Job.Path, "job.json"));
            for (int job = 2; job <= _jobs; job++)
                CopyFolders(folder, first, text, job);
        }

        private async Task<Span> RunAsync(JobFolder folder, TimeSpan interval)
        {
            FixtureJob first = folder.Jobs[0];
            first.Job.Save(first.Job.Settings with { Schedule = first.Job.Settings.Schedule! with { Interval = interval } });
            CopyFolders(folder, first);
            // The folder is read before the first cycle is due.
            var lead = TimeSpan.FromSeconds(30 + (_jobs / 150));
            var states = new CopiedStates(_database);
            states.Spread(interval, lead);
            long requests = Requests(first);
            string cycles = arguments.Number("cycles", 8).ToString(CultureInfo.InvariantCulture);
            await using WorkerProcess worker = folder.Start(more: ["--store", _store, "--cycles", cycles]);
            await Task.Delay(lead);
            var before = Use.Of(worker, postgres, _database);
            await Task.Delay(_length);
            var after = Use.Of(worker, postgres, _database);
            long done = (long)
                PostgresCluster.Sql(
                    _database,
                    $"SELECT count(*) FROM travelperkscim.cycle WHERE began >= {before.Milliseconds} AND began < {after.Milliseconds}"
                )!;
            double due = _jobs * _length / interval;
            worker.Terminate();
            await worker.ExitAsync();
            return new Span(before, after, done, due, Requests(first) - requests);
        }

        private static long Requests(FixtureJob job) => job.Sandbox.RequestCounts.Sum(c => (long)c.Count);
    }

    /// <summary>What was used until a moment.</summary>
    private sealed record Use(long Milliseconds, TimeSpan Worker, TimeSpan Postgres, long Commits, long Memory)
    {
        public static Use Of(WorkerProcess worker, PostgresCluster postgres, string database)
        {
            using var process = Process.GetProcessById(worker.Id);
            long commits = (long)
                PostgresCluster.Sql(database, "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")!;
            return new Use(
                DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
                process.TotalProcessorTime,
                postgres.Cpu,
                commits,
                process.WorkingSet64
            );
        }
    }

    private sealed record Span(Use Before, Use After, long Done, double Due, long Requests)
    {
        public double Share => Done / Due;

        public IEnumerable<Figure> Figures(int jobs, TimeSpan interval)
        {
            double seconds = (After.Milliseconds - Before.Milliseconds) / 1000.0;
            string name = FormattableString.Invariant($"idle.{interval.TotalMinutes:0.##}min");
            double worker = (After.Worker - Before.Worker).TotalSeconds,
                postgres = (After.Postgres - Before.Postgres).TotalSeconds;
            string commits = FormattableString.Invariant($"{(After.Commits - Before.Commits) / (double)Math.Max(1, Done):0.0}");
            return
            [
                new(
                    $"{name}.rate",
                    Done / seconds,
                    "cycles/s",
                    interval == s_usual ? Goal.NoLessThan(Held * Due / seconds) : null,
                    $"{jobs:N0} jobs; {Due / seconds:0.0} a second were due"
                ),
                new(
                    $"{name}.cpu",
                    worker / seconds * 100,
                    "% of a core",
                    Beside: $"PostgreSQL {postgres / seconds * 100:0} %; {worker / Math.Max(1, Done) * 1000:0} ms a cycle"
                ),
                new($"{name}.memory", After.Memory / 1048576.0, "MB working set", Beside: $"{commits} transactions a cycle"),
            ];
        }
    }
}

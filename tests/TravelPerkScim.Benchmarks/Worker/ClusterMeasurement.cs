using System.Diagnostics;
using System.Net;
using TravelPerkScim.Postgres;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Tests.State;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Worker.Tests;

namespace TravelPerkScim.Benchmarks;

/// <summary>Workers that share one PostgreSQL, with jobs whose sources change all the time. Workers are killed, stopped, and paused for
/// longer than a lease; the database is restarted, and paused for longer than a lease. The clocks of the machines are apart.</summary>
internal sealed class ClusterMeasurement : IMeasurement
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(50);

    // A cycle may begin a tenth of its interval early (jitter), and then a twentieth. Clocks are equal within a second.
    private static readonly TimeSpan s_earliest = (JobSchedule.ShortestInterval * 17 / 20) - TimeSpan.FromSeconds(1);

    // Long enough that a kill meets cycles under way.
    private static readonly TimeSpan s_latency = TimeSpan.FromMilliseconds(300);

    // The job of a worker that is killed goes on elsewhere.
    private static readonly TimeSpan s_resumed = TimeSpan.FromMinutes(1);

    // A worker starts, looks at its folder, and asks for a lease every few seconds.
    private static readonly TimeSpan s_slack = TimeSpan.FromSeconds(15);

    // What changed last has to arrive within an interval, and a lease that was lost last has to end.
    private static readonly TimeSpan s_settle = JobSchedule.ShortestInterval + s_lease + s_slack + s_slack;

    private static readonly string[] s_kinds = ["killed", "stopped", "paused", "database restarted", "database paused"];

    // Each job's first cycle comes before its first change: a user who is disabled by then is never made, and the target would lack the
    // user.
    private static readonly TimeSpan s_first = TimeSpan.FromMinutes(5);

    public string Verb => "cluster";

    public string Summary =>
        "Workers on one PostgreSQL that are killed, stopped and paused at random, with clocks apart: every target right, no cycle "
        + "twice at once. [--nodes 3] [--jobs 30] [--apart 45] [--minutes 15] [--users 30] [--seed 1] [--faults killed,paused]";

    public IReadOnlyList<Figure> Run(Arguments arguments)
    {
        if (PostgresCluster.Missing is { } missing)
        {
            Console.Error.WriteLine(missing);
            return [];
        }
        using var postgres = new PostgresCluster();
        return new Cluster(postgres, arguments).RunAsync().GetAwaiter().GetResult();
    }

    private sealed class Cluster(PostgresCluster postgres, Arguments arguments)
    {
        private readonly int _nodes = arguments.Number("nodes", 3);
        private readonly int _users = arguments.Number("users", 30);
        private readonly TimeSpan _length = TimeSpan.FromMinutes(arguments.Number("minutes", 15));
        private readonly Random _random = new(arguments.Number("seed", 1));
        private readonly Dictionary<FixtureJob, (int Users, int Revision)> _sources = [];
        private readonly List<JobFolder> _folders = [];
        private readonly List<WorkerProcess> _workers = [];
        private readonly string[] _kinds = arguments.Text("faults")?.Split(',') ?? s_kinds;
        private readonly Dictionary<string, int> _faults = [];
        private readonly List<DateTimeOffset> _kills = [];
        private readonly string _store = Path.GetTempFileName();
        private TimeSpan _settled;

        public async Task<IReadOnlyList<Figure>> RunAsync()
        {
            string database = postgres.NewDatabase();
            await File.WriteAllTextAsync(_store, database);
            using var states = SharedStates.At(database);
            await using var folder = new JobFolder();
            for (int number = 1; number <= arguments.Number("jobs", 30); number++)
            {
                string name = FormattableString.Invariant($"job{number}");
                FixtureJob job = folder.Add(
                    name,
                    _users,
                    options: new SandboxOptions { Latency = s_latency },
                    settings: s => s with { StateKey = name, Schedule = s.Schedule! with { Jitter = null } }
                );
                states.Attach(job.Job);
                _sources[job] = (_users, 0);
            }
            for (int node = 0; node < _nodes; node++)
            {
                _folders.Add(folder.Copy());
                _workers.Add(Start(node));
            }
            try
            {
                await RightAsync(s_first);
                await DisturbAsync();
                _settled = await RightAsync(4 * s_settle);
                return Figures();
            }
            finally
            {
                foreach (WorkerProcess worker in _workers)
                    await worker.DisposeAsync();
                foreach (JobFolder copy in _folders)
                    await copy.DisposeAsync();
                File.Delete(_store);
            }
        }

        // One clock is right, the next ahead, the next behind.
        private WorkerProcess Start(int node)
        {
            double ahead = arguments.Number("apart", 45) * (((node + 1) % 3) - 1);
            return _folders[node].Start(host: ShiftedWorker.Host(TimeSpan.FromSeconds(ahead)), more: ["--store", _store]);
        }

        private async Task DisturbAsync()
        {
            long began = Stopwatch.GetTimestamp();
            using var ticks = new PeriodicTimer(TimeSpan.FromSeconds(1));
            double next = _random.Next(10, 30);
            (Action Continue, double Until)? paused = null;
            while (Stopwatch.GetElapsedTime(began) is var time && time < _length)
            {
                FixtureJob job = _sources.Keys.ElementAt(_random.Next(_sources.Count));
                (int users, int revision) = _sources[job];
                _sources[job] = (users + _random.Next(3), revision + 1);
                job.Write(_sources[job].Users, _sources[job].Revision);
                if (paused is { } one && time.TotalSeconds >= one.Until)
                {
                    one.Continue();
                    paused = null;
                }
                if (time.TotalSeconds >= next && paused is null)
                {
                    int node = _random.Next(_nodes);
                    int kills = _kills.Count;
                    paused = await FaultAsync(node, time.TotalSeconds);
                    // What a killed worker left is resumed before the next fault.
                    double rest = _kills.Count > kills ? s_resumed.TotalSeconds : 0;
                    next = time.TotalSeconds + rest + _random.Next(10, 40);
                }
                await ticks.WaitForNextTickAsync();
            }
            paused?.Continue();
        }

        private async Task<(Action Continue, double Until)?> FaultAsync(int node, double now)
        {
            string kind = _kinds[_random.Next(_kinds.Length)];
            _faults[kind] = _faults.GetValueOrDefault(kind) + 1;
            WorkerProcess worker = _workers[node];
            switch (kind)
            {
                case "killed":
                    worker.Kill();
                    _kills.Add(DateTimeOffset.UtcNow);
                    await worker.DisposeAsync();
                    _workers[node] = Start(node);
                    return null;
                case "stopped":
                    worker.Terminate();
                    await worker.ExitAsync();
                    await worker.DisposeAsync();
                    _workers[node] = Start(node);
                    return null;
                case "paused":
                    worker.Pause();
                    return (worker.Continue, now + (s_lease + s_slack).TotalSeconds);
                case "database paused":
                    postgres.Pause();
                    return (postgres.Continue, now + (s_lease + s_slack).TotalSeconds);
                default:
                    postgres.Restart();
                    return null;
            }
        }

        // A target that is right late is another fault than one that is never right.
        private async Task<TimeSpan> RightAsync(TimeSpan longest)
        {
            long began = Stopwatch.GetTimestamp();
            using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
            while (_sources.Any(source => !IsRight(source.Key, source.Value)) && Stopwatch.GetElapsedTime(began) < longest)
                await ticks.WaitForNextTickAsync();
            return Stopwatch.GetElapsedTime(began);
        }

        private IReadOnlyList<Figure> Figures()
        {
            int twice = 0,
                early = 0,
                cycles = 0,
                failed = 0,
                doubled = 0,
                conflicts = 0;
            double longest = 0;
            List<double> resumed = [];
            foreach (FixtureJob job in _sources.Keys)
            {
                CycleSummary[] all = [.. job.Cycles.OrderBy(cycle => cycle.Began)];
                cycles += all.Length;
                failed += all.Count(cycle => cycle.State is not (CycleState.Succeeded or CycleState.Stopped or CycleState.Running));
                doubled += job.Sandbox.UserCount - job.Names.Count;
                conflicts += job.Sandbox.RequestCounts.Where(c => c.Status == HttpStatusCode.Conflict).Sum(c => (int)c.Count);
                foreach ((CycleSummary one, CycleSummary next) in all.Zip(all.Skip(1)))
                {
                    twice += one.Ended > next.Began ? 1 : 0;
                    double seconds = (next.Began - one.Began).TotalSeconds;
                    longest = Math.Max(longest, seconds);
                    if (KillWithin(one, next) is { } kill)
                        resumed.Add((next.Began - kill).TotalSeconds);
                    early += one.State == CycleState.Succeeded && seconds < s_earliest.TotalSeconds ? 1 : 0;
                }
            }
            string faults = string.Join(", ", _faults.Select(fault => $"{fault.Key} {fault.Value} times"));
            return
            [
                new(
                    "cluster.wrong",
                    _sources.Count(source => !IsRight(source.Key, source.Value)),
                    "targets",
                    Goal.NoMoreThan(0),
                    $"of {_sources.Count}, with {_sources.Values.Sum(s => s.Users):N0} users, {_nodes} workers; {faults}"
                ),
                new("cluster.settled", _settled.TotalSeconds, "s until every target was right", Goal.NoMoreThan(s_settle.TotalSeconds)),
                new(
                    "cluster.resumed",
                    resumed.DefaultIfEmpty().Max(),
                    "s from a kill to the job's next cycle",
                    Goal.NoMoreThan(s_resumed.TotalSeconds),
                    $"{resumed.Count} cycles were cut off by {_kills.Count} kills"
                ),
                new("cluster.doubled", doubled, "users", Goal.NoMoreThan(0)),
                new("cluster.conflicts", conflicts, "answers 409"),
                new(
                    "cluster.twice",
                    twice,
                    "cycles at once with another of their job",
                    Goal.NoMoreThan(0),
                    $"of {cycles} cycles, {failed} of which ended otherwise than succeeded or stopped"
                ),
                new("cluster.early", early, "cycles that began before their time", Goal.NoMoreThan(0), $"of {cycles} cycles"),
                new(
                    "cluster.gap",
                    longest,
                    "s between two begins of a job",
                    // No cycle begins while the database does not answer.
                    Goal.NoMoreThan((JobSchedule.ShortestInterval + (2 * (s_lease + s_slack))).TotalSeconds),
                    $"interval {JobSchedule.ShortestInterval.TotalSeconds:0} s, lease {s_lease.TotalSeconds:0} s"
                ),
            ];
        }

        // A cycle that was cut off has no end of its own.
        private DateTimeOffset? KillWithin(CycleSummary one, CycleSummary next) =>
            one.Ended is null && _kills.Find(kill => kill > one.Began && kill < next.Began) is var kill && kill != default ? kill : null;

        private static bool IsRight(FixtureJob job, (int Users, int Revision) source) =>
            job.Names.SetEquals(FixtureJob.NamesTo(source.Users)) && job.Sandbox.Users.All(user => FixtureJob.IsAt(user, source.Revision));
    }
}

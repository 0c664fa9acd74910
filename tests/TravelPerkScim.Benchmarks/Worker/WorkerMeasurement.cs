using System.Diagnostics;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Worker.Tests;

namespace TravelPerkScim.Benchmarks;

/// <summary>The worker with many jobs at the shortest interval, whose sources change all the time, stopped and killed at random.</summary>
internal sealed class WorkerMeasurement : IMeasurement
{
    private static readonly TimeSpan s_interval = JobSchedule.ShortestInterval;

    // The folder is looked at every two seconds, and a process takes a moment to start.
    private static readonly TimeSpan s_slack = TimeSpan.FromSeconds(5);

    public string Verb => "worker";

    public string Summary =>
        "The worker, stopped and killed at random: every target right, no cycle twice at once, no gap. "
        + "[--jobs 20] [--minutes 10] [--users 50] [--seed 1]";

    public IReadOnlyList<Figure> Run(Arguments arguments) =>
        RunAsync(
                arguments.Number("jobs", 20),
                TimeSpan.FromMinutes(arguments.Number("minutes", 10)),
                arguments.Number("users", 50),
                arguments.Number("seed", 1)
            )
            .GetAwaiter()
            .GetResult();

    private static async Task<IReadOnlyList<Figure>> RunAsync(int jobs, TimeSpan length, int users, int seed)
    {
        var random = new Random(seed);
        await using var folder = new JobFolder();
        Dictionary<FixtureJob, (int Users, int Revision)> sources = [];
        for (int number = 1; number <= jobs; number++)
        {
            sources[
                folder.Add(
                    FormattableString.Invariant($"job{number}"),
                    users,
                    settings: s => s with { Schedule = s.Schedule! with { Jitter = null } }
                )
            ] = (users, 0);
        }
        var use = new Use();
        List<(DateTimeOffset Time, bool Killed)> ends = [];
        List<DateTimeOffset> starts = [];
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < length)
        {
            starts.Add(DateTimeOffset.UtcNow);
            await using WorkerProcess worker = folder.Start();
            await RunForAsync(
                worker,
                sources,
                random,
                use,
                TimeSpan.FromSeconds(random.Next(25, 100)),
                length - Stopwatch.GetElapsedTime(began)
            );
            bool kill = random.Next(2) == 0;
            ends.Add((DateTimeOffset.UtcNow, kill));
            use.Add(worker);
            if (kill)
                worker.Kill();
            else
                worker.Terminate();
            (int code, string error) = await worker.ExitAsync();
            if (!kill && (code != 0 || error.Length > 0))
                throw new InvalidOperationException($"The worker that was stopped ended with {code}: {error}");
        }

        // What changed last has to arrive within an interval.
        DateTimeOffset last = DateTimeOffset.UtcNow;
        starts.Add(last);
        await using (WorkerProcess worker = folder.Start())
        {
            long waited = Stopwatch.GetTimestamp();
            using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
            while (
                sources.Any(source => !IsRight(source.Key, source.Value))
                && Stopwatch.GetElapsedTime(waited) < s_interval + s_slack + s_slack
            )
            {
                await ticks.WaitForNextTickAsync();
            }
            use.Add(worker);
            worker.Terminate();
            await worker.ExitAsync();
        }
        return Figures(sources, use, starts, ends);
    }

    private static async Task RunForAsync(
        WorkerProcess worker,
        Dictionary<FixtureJob, (int Users, int Revision)> sources,
        Random random,
        Use use,
        TimeSpan time,
        TimeSpan most
    )
    {
        long began = Stopwatch.GetTimestamp();
        using var ticks = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (Stopwatch.GetElapsedTime(began) < time && Stopwatch.GetElapsedTime(began) < most)
        {
            FixtureJob job = sources.Keys.ElementAt(random.Next(sources.Count));
            (int users, int revision) = sources[job];
            sources[job] = (users + random.Next(3), revision + 1);
            job.Write(sources[job].Users, sources[job].Revision);
            use.Sample(worker);
            await ticks.WaitForNextTickAsync();
        }
    }

    private static IReadOnlyList<Figure> Figures(
        Dictionary<FixtureJob, (int Users, int Revision)> sources,
        Use use,
        List<DateTimeOffset> starts,
        List<(DateTimeOffset Time, bool Killed)> ends
    )
    {
        int wrong = 0,
            twice = 0,
            cycles = 0,
            failed = 0;
        double longest = 0,
            afterRestart = 0;
        foreach ((FixtureJob job, (int Users, int Revision) source) in sources)
        {
            wrong += IsRight(job, source) ? 0 : 1;
            CycleSummary[] all = [.. job.Cycles.OrderBy(cycle => cycle.Began)];
            cycles += all.Length;
            failed += all.Count(cycle => cycle.State is not (CycleState.Succeeded or CycleState.Stopped or CycleState.Running));
            foreach ((CycleSummary one, CycleSummary next) in all.Zip(all.Skip(1)))
            {
                twice += one.Ended > next.Began ? 1 : 0;
                longest = Math.Max(longest, (next.Began - one.Began).TotalSeconds);
            }
            // A worker that lived for less than an interval need not have come to each job.
            foreach (
                (DateTimeOffset start, DateTimeOffset end) in starts
                    .Zip(ends.Select(end => end.Time))
                    .Where(life => life.Second - life.First > s_interval)
            )
            {
                afterRestart = Math.Max(
                    afterRestart,
                    ((all.FirstOrDefault(cycle => cycle.Began >= start)?.Began ?? end) - start).TotalSeconds
                );
            }
        }
        long requests = sources.Keys.Sum(job => job.Sandbox.RequestCounts.Sum(c => (long)c.Count));
        double bound = (s_interval + s_slack).TotalSeconds;
        return
        [
            new(
                "worker.wrong",
                wrong,
                "targets",
                Goal.NoMoreThan(0),
                $"of {sources.Count}, with {sources.Values.Sum(s => s.Users):N0} users"
            ),
            new(
                "worker.twice",
                twice,
                "cycles at once with another of their job",
                Goal.NoMoreThan(0),
                $"of {cycles} cycles, {failed} of which ended otherwise than succeeded or stopped"
            ),
            new(
                "worker.gap",
                longest,
                "s between two begins of a job",
                Goal.NoMoreThan(bound),
                $"interval {s_interval.TotalSeconds:0} s; "
                    + $"stopped {ends.Count(e => !e.Killed)} times, killed {ends.Count(e => e.Killed)} times"
            ),
            new("worker.restart", afterRestart, "s from a start of the worker to each job's next cycle", Goal.NoMoreThan(bound)),
            new(
                "worker.cpu",
                use.Cpu.TotalSeconds / use.Wall.TotalSeconds * 100,
                "% of a core",
                Beside: $"{use.Cpu.TotalSeconds:0.0} s in {use.Wall.TotalSeconds:0} s, {starts.Count} starts included"
            ),
            new("worker.memory", use.Memory / 1048576.0, "MB working set at most"),
            new("worker.requests", requests, "requests", Beside: $"{requests / (double)Math.Max(1, cycles):0.0} a cycle"),
        ];
    }

    private static bool IsRight(FixtureJob job, (int Users, int Revision) source) =>
        job.Names.SetEquals(FixtureJob.NamesTo(source.Users)) && job.Sandbox.Users.All(user => FixtureJob.IsAt(user, source.Revision));

    /// <summary>What the workers used, all together.</summary>
    private sealed class Use
    {
        private readonly Dictionary<int, TimeSpan> _cpu = [];
        private readonly long _began = Stopwatch.GetTimestamp();

        public TimeSpan Cpu => TimeSpan.FromTicks(_cpu.Values.Sum(time => time.Ticks));

        public TimeSpan Wall => Stopwatch.GetElapsedTime(_began);

        public long Memory { get; private set; }

        public void Sample(WorkerProcess worker)
        {
            using var process = Process.GetProcessById(worker.Id);
            _cpu[worker.Id] = process.TotalProcessorTime;
            Memory = Math.Max(Memory, process.WorkingSet64);
        }

        public void Add(WorkerProcess worker) => Sample(worker);
    }
}

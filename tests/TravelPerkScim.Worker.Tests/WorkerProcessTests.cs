using System.Diagnostics;
using System.Net;
using TravelPerkScim.Provisioning.Disk;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Worker.Tests;

/// <summary>The worker as a process, against sandboxes over real sockets.</summary>
public sealed class WorkerProcessTests
{
    private const int Taken = 2,
        Removed = 3,
        Broken = 4,
        Done = 6,
        Stopped = 7,
        Failed = 8,
        Draining = 15;

    [Fact]
    public async Task Jobs_that_are_On_run_and_changes_of_the_folder_are_taken_up()
    {
        await using var folder = new JobFolder();
        FixtureJob one = folder.Add("one"),
            two = folder.Add("two", users: 5),
            off = folder.Add("off", on: false),
            broken = folder.Add("broken");
        string settings = await File.ReadAllTextAsync(Path.Combine(broken.Job.Path, "job.json"));
        await File.WriteAllTextAsync(Path.Combine(broken.Job.Path, "job.json"), "{ \"target\": ");
        await using WorkerProcess worker = folder.Start();
        await worker.LoggedAsync(Done, "one");
        await worker.LoggedAsync(Done, "two");
        Assert.Equal(FixtureJob.NamesTo(3), one.Names);
        Assert.Equal(FixtureJob.NamesTo(5), two.Names);
        Assert.Empty(off.Sandbox.RequestCounts);

        // The next cycle is due when the interval is over, and not before.
        one.Write(4);
        one.MakeDue();
        await worker.LoggedAsync(Done, "one", 2);
        Assert.Equal(FixtureJob.NamesTo(4), one.Names);
        Assert.Equal(1, worker.Count(Done, "two"));

        off.Job.Save(off.Job.Settings with { Schedule = off.Job.Settings.Schedule! with { On = true } });
        await worker.LoggedAsync(Done, "off");
        two.Job.Save(two.Job.Settings with { Schedule = two.Job.Settings.Schedule! with { On = false } });
        await worker.LoggedAsync(Taken, "two", 2);
        Directory.Delete(one.Job.Path, recursive: true);
        await worker.LoggedAsync(Removed, "one");
        Assert.Equal(1, worker.Count(Broken, "broken"));
        await File.WriteAllTextAsync(Path.Combine(broken.Job.Path, "job.json"), settings);
        await worker.LoggedAsync(Done, "broken");

        two.Write(6);
        two.MakeDue();
        // A job that is made while the worker runs; by then the worker has looked at the others too.
        JobSettings other = off.Job.Settings;
        ProvisioningJob.Create(Path.Combine(folder.Path, "made later"), other, off.Job.ReadMapping());
        await worker.LoggedAsync(Done, "made later");
        Assert.Equal(FixtureJob.NamesTo(5), two.Names);
        Assert.DoesNotContain("zoe", worker.Logged, StringComparison.OrdinalIgnoreCase);

        worker.Terminate();
        Assert.Equal((0, ""), await worker.ExitAsync());
    }

    [Fact]
    public async Task A_worker_that_is_stopped_in_a_cycle_ends_at_once_and_the_next_one_goes_on()
    {
        const int Users = 120;
        await using var folder = new JobFolder();
        FixtureJob job = folder.Add(
            "large",
            Users,
            options: new SandboxOptions { Latency = TimeSpan.FromMilliseconds(100) },
            settings: s => s with { Concurrency = 2 }
        );
        await using (WorkerProcess first = folder.Start())
        {
            await Eventually.Async(() => job.Posts >= 10);
            first.Terminate();
            long asked = Stopwatch.GetTimestamp();
            Assert.Equal((0, ""), await first.ExitAsync());
            Assert.InRange(Stopwatch.GetElapsedTime(asked).TotalSeconds, 0, 5);
            Assert.Equal(1, first.Count(Stopped, "large"));
        }
        Assert.InRange(job.Posts, 10, Users - 1);
        Assert.Equal(CycleState.Stopped, job.Cycles[0].State);

        await using (WorkerProcess second = folder.Start())
        {
            await Eventually.Async(() => job.Posts >= 40);
            second.Kill();
            await second.ExitAsync();
        }
        await using WorkerProcess third = folder.Start();
        await third.LoggedAsync(Done, "large");

        Assert.Equal(FixtureJob.NamesTo(Users), job.Names);
        Assert.Equal(Users, job.Sandbox.Users.Count());
    }

    [Fact]
    public async Task Slow_initial_cycles_do_not_hold_back_small_jobs()
    {
        await using var folder = new JobFolder();
        FixtureJob[] small = [.. Enumerable.Range(1, 40).Select(n => folder.Add($"small{n}"))];
        await using (WorkerProcess first = folder.Start())
            await Task.WhenAll(small.Select(job => first.LoggedAsync(Done, job.Job.Name)));
        var slow = new SandboxOptions { Latency = TimeSpan.FromSeconds(1) };
        foreach (int n in Enumerable.Range(1, 3))
            folder.Add($"large{n}", users: 400, options: slow, settings: s => s with { Concurrency = 1 });
        await using WorkerProcess worker = folder.Start(more: ["--cycles", "4"]);
        await Eventually.Async(() =>
            folder.Jobs.Count(job => job.Posts > 0 && job.Job.Name.StartsWith("large", StringComparison.Ordinal)) == 2
        );

        foreach (FixtureJob job in small)
            job.MakeDue();

        await Task.WhenAll(small.Select(job => worker.LoggedAsync(Done, job.Job.Name)));
        Assert.Single(folder.Jobs, job => job.Job.Name.StartsWith("large", StringComparison.Ordinal) && job.Posts == 0);
    }

    [Fact]
    public async Task A_worker_that_drains_begins_no_cycle_and_lets_those_under_way_finish()
    {
        const int Users = 60;
        await using var folder = new JobFolder();
        FixtureJob job = folder.Add(
            "large",
            Users,
            options: new SandboxOptions { Latency = TimeSpan.FromMilliseconds(100) },
            settings: s => s with { Concurrency = 2 }
        );
        FixtureJob waiting = folder.Add("waiting", on: false);
        await using WorkerProcess worker = folder.Start(more: ["--drain-seconds", "60"]);
        using var http = new HttpClient { BaseAddress = await worker.AddressAsync() };
        await Eventually.Async(() => job.Posts >= 5);

        worker.Terminate();
        await worker.LoggedAsync(Draining);
        waiting.Job.Save(waiting.Job.Settings with { Schedule = waiting.Job.Settings.Schedule! with { On = true } });

        using HttpResponseMessage ready = await http.GetAsync(new Uri("/health/ready", UriKind.Relative));
        using HttpResponseMessage live = await http.GetAsync(new Uri("/health/live", UriKind.Relative));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (ready.StatusCode, live.StatusCode));
        Assert.Equal((0, ""), await worker.ExitAsync());
        Assert.Equal(1, worker.Count(Done, "large"));
        Assert.Equal(FixtureJob.NamesTo(Users), job.Names);
        Assert.Equal(CycleState.Succeeded, job.Cycles[0].State);
        Assert.Empty(waiting.Sandbox.RequestCounts);
    }

    [Fact]
    public async Task A_cycle_that_is_longer_than_the_drain_is_stopped_and_the_next_worker_goes_on()
    {
        await using var folder = new JobFolder();
        FixtureJob job = folder.Add(
            "large",
            users: 400,
            options: new SandboxOptions { Latency = TimeSpan.FromMilliseconds(200) },
            settings: s => s with { Concurrency = 1 }
        );
        await using WorkerProcess worker = folder.Start(more: ["--drain-seconds", "2"]);
        await Eventually.Async(() => job.Posts >= 2);

        worker.Terminate();
        long asked = Stopwatch.GetTimestamp();

        Assert.Equal((0, ""), await worker.ExitAsync());
        Assert.InRange(Stopwatch.GetElapsedTime(asked).TotalSeconds, 2, 15);
        Assert.Equal(1, worker.Count(Stopped, "large"));
        Assert.Equal(CycleState.Stopped, job.Cycles[0].State);
    }

    [Fact]
    public async Task Two_workers_on_one_folder_never_write_at_once()
    {
        await using var folder = new JobFolder();
        FixtureJob job = folder.Add("one", users: 40, options: new SandboxOptions { Latency = TimeSpan.FromMilliseconds(20) });
        await using WorkerProcess first = folder.Start();
        await using WorkerProcess second = folder.Start();
        await first.LoggedAsync(12);
        await second.LoggedAsync(12);
        await Eventually.Async(() => job.Cycles is [{ Ended: not null }, ..] && job.Names.Count == 40);

        Assert.Equal(40, job.Posts);
        CycleSummary[] cycles = [.. job.Cycles.OrderBy(cycle => cycle.Began)];
        Assert.All(cycles.Zip(cycles.Skip(1)), pair => Assert.True(pair.First.Ended <= pair.Second.Ended));
    }

    [Fact]
    public async Task A_job_folder_alone_does_not_choose_where_a_key_is_sent()
    {
        await using var folder = new JobFolder();
        FixtureJob job = folder.Add("foreign");
        await using WorkerProcess worker = folder.Start(allowTargets: false);

        Assert.Equal("TargetNotChosen", (string?)(await worker.LoggedAsync(Failed, "foreign"))["ErrorId"]);
        Assert.Empty(job.Sandbox.RequestCounts);
        using var http = new HttpClient();
        string page = await http.GetStringAsync(await worker.AddressAsync());
        Assert.Contains("--allow-target", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", "Runs each provisioning job")]
    [InlineData("no-such-folder", "There is no folder", "")]
    [InlineData(". --cycles 0", "--cycles is a number", "")]
    [InlineData(". --tenant-cycles 65", "--tenant-cycles is a number from 1 to 64", "")]
    [InlineData(". --drain-seconds -1", "--drain-seconds is a number from 0", "")]
    [InlineData(". --urls https://example.com", "--urls is an http address", "")]
    [InlineData(". --allow-target http://scim.example.com/v2", "is no SCIM address", "")]
    [InlineData(". --nothing", "is no setting", "")]
    public async Task What_cannot_be_started_says_how(string arguments, string error, string output)
    {
        await using var worker = WorkerProcess.Start(
            arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            new Dictionary<string, string>()
        );

        (int code, string said) = await worker.ExitAsync();

        Assert.Equal(1, code);
        Assert.Contains(error, said, StringComparison.Ordinal);
        Assert.Contains(output, worker.Logged, StringComparison.Ordinal);
    }
}

using System.Diagnostics;
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
        Failed = 8;

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
            await EventuallyAsync(() => job.Posts >= 10);
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
            await EventuallyAsync(() => job.Posts >= 40);
            second.Kill();
            await second.ExitAsync();
        }
        await using WorkerProcess third = folder.Start();
        await third.LoggedAsync(Done, "large");

        Assert.Equal(FixtureJob.NamesTo(Users), job.Names);
        Assert.Equal(Users, job.Sandbox.Users.Count());
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
        await EventuallyAsync(() => job.Cycles is [{ Ended: not null }, ..] && job.Names.Count == 40);

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

    private static async Task EventuallyAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!condition())
            await ticks.WaitForNextTickAsync(patience.Token);
    }
}

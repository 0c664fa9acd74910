using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Npgsql;
using TravelPerkScim.Postgres;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Tests.State;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Worker.Settings;

namespace TravelPerkScim.Worker.Tests;

/// <summary>Workers with folders of their own, as on several machines, whose jobs keep their states in one PostgreSQL.</summary>
public sealed class SharedStateTests : IClassFixture<PostgresCluster>, IDisposable
{
    private const int Taken = 2,
        Broken = 4,
        Done = 6,
        Stopped = 7,
        Failed = 8,
        StoreUnreadable = 14;

    private readonly string _database;
    private readonly string _store = Path.GetTempFileName();

    public SharedStateTests(PostgresCluster cluster)
    {
        _database = PostgresCluster.Missing is null ? cluster.NewDatabase() : "";
        File.WriteAllText(_store, _database);
    }

    [PostgresFact]
    public async Task Two_workers_share_the_jobs_and_each_cycle_runs_once()
    {
        await using var folder = new JobFolder();
        FixtureJob[] jobs = [.. Enumerable.Range(1, 6).Select(n => Shared(folder, $"job{n}", users: 20))];
        await using JobFolder other = folder.Copy();
        await using WorkerProcess first = folder.Start(more: ["--store", _store]);
        await using WorkerProcess second = other.Start(more: ["--store", _store]);

        foreach (FixtureJob job in jobs)
            await DoneByOneAsync(job, first, second, count: 1);

        foreach (FixtureJob job in jobs)
        {
            Assert.Equal(FixtureJob.NamesTo(20), job.Names);
            Assert.Equal(20, job.Posts);
            Assert.Equal(1, first.Count(Done, job.Job.Name) + second.Count(Done, job.Job.Name));
            Assert.False(File.Exists(Path.Combine(job.Job.Path, "state.db")));
        }

        jobs[0].Write(21);
        MakeDue(_database, "job1");
        await DoneByOneAsync(jobs[0], first, second, count: 2);
        Assert.Equal(FixtureJob.NamesTo(21), jobs[0].Names);
        Assert.Equal(21, jobs[0].Posts);
    }

    [PostgresFact]
    public async Task A_job_of_a_machine_that_was_killed_is_gone_on_with_by_another_one_and_no_user_is_created_twice()
    {
        const int Users = 150;
        await using var folder = new JobFolder();
        FixtureJob job = Shared(folder, "large", Users, new SandboxOptions { Latency = TimeSpan.FromMilliseconds(100) });
        await using JobFolder other = folder.Copy();
        await using WorkerProcess second = other.Start(more: ["--store", _store]);
        await using WorkerProcess first = folder.Start(more: ["--store", _store]);
        await Eventually.Async(() => job.Posts >= 20);
        (WorkerProcess holder, WorkerProcess survivor) = HolderIs(second) ? (second, first) : (first, second);

        holder.Kill();
        // The lease of the killed process ends after a minute; a test need not wait for it.
        PostgresCluster.Sql(_database, "UPDATE travelperkscim.job SET expires = clock_timestamp() - interval '1 second'");

        await survivor.LoggedAsync(Done, "large");
        Assert.Equal(FixtureJob.NamesTo(Users), job.Names);
        Assert.Equal(Users, job.Sandbox.UserCount);
    }

    [PostgresFact]
    public async Task A_worker_that_is_stopped_leaves_its_job_to_another_one_at_once()
    {
        const int Users = 150;
        await using var folder = new JobFolder();
        FixtureJob job = Shared(folder, "large", Users, new SandboxOptions { Latency = TimeSpan.FromMilliseconds(100) });
        await using JobFolder other = folder.Copy();
        await using WorkerProcess first = folder.Start(more: ["--store", _store]);
        await Eventually.Async(() => job.Posts >= 10);
        await using WorkerProcess second = other.Start(more: ["--store", _store]);

        first.Terminate();
        await first.LoggedAsync(Stopped, "large");

        await second.LoggedAsync(Done, "large");
        Assert.Equal(FixtureJob.NamesTo(Users), job.Names);
        Assert.Equal(Users, job.Sandbox.UserCount);
    }

    [PostgresFact]
    public async Task A_job_that_one_process_has_claimed_is_busy_for_another_one_until_it_lets_go()
    {
        await using var folder = new JobFolder();
        ProvisioningJob job = Shared(folder, "claimed").Job;
        using var one = SharedStates.At(_database);
        using var another = SharedStates.At(_database);

        using (one.Claim(job))
        {
            ProvisioningException busy = Assert.Throws<ProvisioningException>(() => another.Claim(job));
            Assert.Equal(ProvisioningFailure.JobBusy, busy.Failure);
            Assert.True(another.Look()["claimed"].IsElsewhere);
            Assert.False(one.Look()["claimed"].IsElsewhere);
            // The claim of a process covers the cycle that the same process applies meanwhile.
            one.Claim(job).Dispose();
        }

        another.Claim(job).Dispose();
        Assert.Equal(new SharedState(0, IsElsewhere: false), another.Look()["claimed"]);
    }

    [PostgresFact]
    public void Machines_whose_clocks_are_apart_go_by_the_clock_of_the_database()
    {
        using var ahead = SharedStates.At(_database, new ShiftedTime(TimeSpan.FromMinutes(10)));
        using var behind = SharedStates.At(_database, new ShiftedTime(TimeSpan.FromMinutes(-10)));

        ahead.Look();
        behind.Look();

        Assert.InRange((ahead.Clock.GetUtcNow() - behind.Clock.GetUtcNow()).TotalSeconds, -5, 5);
        Assert.InRange(ahead.ClockApart.TotalMinutes, 9.9, 10.1);
        Assert.InRange(behind.ClockApart.TotalMinutes, -10.1, -9.9);
    }

    [PostgresFact]
    public async Task While_one_machine_runs_a_cycle_the_others_leave_the_job_alone_and_the_page_says_so()
    {
        await using var folder = new JobFolder();
        FixtureJob job = Shared(folder, "large", users: 400, new SandboxOptions { Latency = TimeSpan.FromMilliseconds(200) });
        await using JobFolder copy = folder.Copy();
        await using WorkerProcess first = folder.Start(more: ["--store", _store]);
        await Eventually.Async(() => job.Posts >= 2);
        await using WorkerProcess second = copy.Start(more: ["--store", _store]);
        await second.LoggedAsync(Taken, "large");
        using var http = new HttpClient { BaseAddress = await second.AddressAsync() };

        await Eventually.Async(() => Page().Contains("another machine runs a cycle now", StringComparison.Ordinal));
        first.Terminate();
        await first.LoggedAsync(Stopped, "large");
        await Eventually.Async(() => Page().Contains("A cycle is under way since", StringComparison.Ordinal));

        string Page() => http.GetStringAsync(new Uri("/", UriKind.Relative)).GetAwaiter().GetResult();
    }

    [PostgresFact]
    public async Task A_database_that_does_not_answer_is_told_once_and_the_jobs_run_when_it_answers_again()
    {
        await using var folder = new JobFolder();
        FixtureJob[] jobs = [Shared(folder, "one"), Shared(folder, "two")];
        string elsewhere = new NpgsqlConnectionStringBuilder(_database) { Database = "not_made_yet" }.ToString();
        await File.WriteAllTextAsync(_store, elsewhere);
        await using WorkerProcess worker = folder.Start(more: ["--store", _store]);
        await worker.LoggedAsync(StoreUnreadable);
        await Eventually.Async(() => worker.Count(StoreUnreadable) == 1);

        PostgresCluster.Sql(_database, "CREATE DATABASE not_made_yet");

        foreach (FixtureJob job in jobs)
            await worker.LoggedAsync(Done, job.Job.Name);
        Assert.Equal(1, worker.Count(StoreUnreadable));
        Assert.Equal(0, worker.Count(Broken));
    }

    [Fact]
    public async Task There_is_a_thread_for_each_transaction_that_waits_and_for_what_sends_it()
    {
        const int Cycles = 20;
        await using var folder = new JobFolder();
        await File.WriteAllTextAsync(_store, "Host=127.0.0.1;Database=is_not_asked");
        var options = new WorkerOptions
        {
            Folder = folder.Path,
            Urls = ["http://127.0.0.1:0"],
            Store = _store,
            Cycles = Cycles,
        };

        await using WebApplication worker = WorkerHost.Build(options);

        ThreadPool.GetMinThreads(out int threads, out _);
        Assert.InRange(threads, 2 * Cycles, int.MaxValue);
    }

    [PostgresFact]
    public async Task A_copied_folder_that_has_the_key_of_another_job_is_not_run()
    {
        await using var folder = new JobFolder();
        FixtureJob[] jobs = [.. new[] { "first", "copy" }.Select(name => folder.Add(name, settings: s => s with { StateKey = "same" }))];
        await using WorkerProcess worker = folder.Start(more: ["--store", _store]);

        await worker.LoggedAsync(Done);
        // Refused when its cycle begins, or when the folder is looked at before that.
        await Eventually.Async(() => worker.Logged.Contains("StateOfAnotherJob", StringComparison.Ordinal));

        FixtureJob refused = Assert.Single(jobs, job => job.Sandbox.RequestCount == 0);
        Assert.Equal(1, worker.Count(Failed, refused.Job.Name) + worker.Count(Broken, refused.Job.Name));
        Assert.Equal(FixtureJob.NamesTo(3), jobs.Single(job => job != refused).Names);
    }

    [Theory]
    [InlineData("Host=one,two;Database=perk")]
    [InlineData("Database=perk")]
    [InlineData("Host=one;Database=perk;Target Session Attributes=primary")]
    [InlineData("Host=one;Port=hunter2")]
    public void A_connection_that_may_lead_to_a_copy_that_is_behind_is_refused(string connection)
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => SharedStates.At(connection));

        Assert.Contains("one host", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_whose_name_is_not_found_is_an_error_of_the_database()
    {
        using var states = SharedStates.At("Host=no-such-host.invalid;Database=perk;Username=a;Password=hunter2");

        ProvisioningException error = Assert.Throws<ProvisioningException>(() => states.Look());

        Assert.Equal("StateUnreadable", error.ErrorId);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_whose_state_is_shared_is_not_deleted_by_halves()
    {
        await using var folder = new JobFolder();
        ProvisioningJob job = Shared(folder, "kept").Job;

        Assert.Equal("StateStoreMissing", Assert.Throws<ProvisioningException>(job.Delete).ErrorId);

        Assert.True(ProvisioningJob.Exists(job.Path));
    }

    [PostgresFact]
    public async Task A_job_without_a_key_is_not_run_and_the_log_says_what_to_do()
    {
        await using var folder = new JobFolder();
        FixtureJob own = folder.Add("own");
        await using WorkerProcess worker = folder.Start(more: ["--store", _store]);

        string told = (string)(await worker.LoggedAsync(Broken, "own"))["{OriginalFormat}"]!;

        Assert.NotNull(told);
        Assert.Contains("stateKey", worker.Logged, StringComparison.Ordinal);
        Assert.Empty(own.Sandbox.RequestCounts);
    }

    [PostgresFact]
    public async Task A_job_with_a_key_and_a_state_in_its_folder_is_not_run()
    {
        await using var folder = new JobFolder();
        FixtureJob job = folder.Add("twice");
        Assert.Null(ProvisioningStatus.NoteRunFailure(job.Job, "SecretMissing", "No key.", DateTimeOffset.UnixEpoch));
        job.Job.Save(job.Job.Settings with { StateKey = "twice" });
        await using WorkerProcess worker = folder.Start(more: ["--store", _store]);

        await worker.LoggedAsync(Broken, "twice");

        Assert.Contains("StateInTwoPlaces", worker.Logged, StringComparison.Ordinal);
        Assert.Empty(job.Sandbox.RequestCounts);
    }

    [Fact]
    public async Task A_store_that_is_no_connection_string_ends_the_worker_with_a_message_that_does_not_repeat_it()
    {
        await using var folder = new JobFolder();
        await File.WriteAllTextAsync(_store, "hunter2secret");
        await using WorkerProcess worker = folder.Start(more: ["--store", _store]);

        (int code, string error) = await worker.ExitAsync();

        Assert.Equal(1, code);
        Assert.Contains("Host=", error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2secret", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_with_a_key_is_not_run_by_a_worker_without_a_store()
    {
        await using var folder = new JobFolder();
        FixtureJob job = Shared(folder, "alone");
        await using WorkerProcess worker = folder.Start();

        await worker.LoggedAsync(Broken, "alone");

        Assert.Contains("StateStoreMissing", worker.Logged, StringComparison.Ordinal);
        Assert.Empty(job.Sandbox.RequestCounts);
    }

    public void Dispose() => File.Delete(_store);

    private static FixtureJob Shared(JobFolder folder, string name, int users = 3, SandboxOptions? options = null) =>
        folder.Add(name, users, options: options, settings: s => s with { StateKey = name, Concurrency = 2 });

    private static async Task DoneByOneAsync(FixtureJob job, WorkerProcess first, WorkerProcess second, int count)
    {
        string name = job.Job.Name;
        await Eventually.Async(() => first.Count(Done, name) + second.Count(Done, name) >= count);
    }

    private bool HolderIs(WorkerProcess worker) =>
        ((string)PostgresCluster.Sql(_database, "SELECT owner FROM travelperkscim.job")!).Contains(
            worker.Id.ToString(CultureInfo.InvariantCulture),
            StringComparison.Ordinal
        );

    /// <summary>Makes the job's next cycle due: the last one began long ago.</summary>
    internal static void MakeDue(string database, string job) =>
        PostgresCluster.Sql(
            database,
            $$"""
            WITH due AS (SELECT to_jsonb(to_char(now() at time zone 'utc' - interval '2 hours', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')) AS time)
            UPDATE travelperkscim.cycle SET began = began - 7200000, summary = jsonb_set(
                    jsonb_set(summary::jsonb, '{Began}', due.time), '{Ended}', due.time, create_if_missing => false)::text
                FROM due WHERE job = (SELECT id FROM travelperkscim.job WHERE key = '{{job}}');
            UPDATE travelperkscim.named SET number = number + 1
                WHERE name = 'changes' AND job = (SELECT id FROM travelperkscim.job WHERE key = '{{job}}')
            """
        );
}

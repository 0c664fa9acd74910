using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Npgsql;
using TravelPerkScim.Operations.Channels;
using TravelPerkScim.Postgres;
using TravelPerkScim.Provisioning.Disk;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Provisioning.Tests.State;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Worker.Jobs;
using TravelPerkScim.Worker.Running;
using TravelPerkScim.Worker.Settings;
using TravelPerkScim.Worker.Status;

namespace TravelPerkScim.Worker.Tests;

/// <summary>What a worker tells, with the other side of a channel in this process.</summary>
public sealed class NotificationTests(PostgresCluster cluster) : IClassFixture<PostgresCluster>
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static readonly JobNotifications s_channels = new()
    {
        Channels =
        [
            new NotificationChannel("ops", NotificationChannelType.Webhook) { Address = new SecretPlace(SecretFrom.Environment, "UNUSED") },
        ],
    };

    [Fact]
    public async Task A_quarantine_and_its_end_are_told_once_each_right_after_their_cycles()
    {
        await using var folder = new JobFolder();
        FixtureJob job = folder.Add(
            "contoso",
            options: new SandboxOptions { Behaviors = [SandboxBehavior.HtmlInsteadOfJson] },
            settings: s => s with { Notifications = s_channels }
        );
        using (System.Security.SecureString key = job.Sandbox.GetApiKey())
            Environment.SetEnvironmentVariable(job.Variable, new NetworkCredential("", key).Password);
        var other = new OtherSide();
        await using WebApplication worker = WorkerHost.Build(OptionsOf(folder, job, other));
        await worker.StartAsync();

        Notification begun = await other.NextAsync();
        Assert.Equal((NotificationRule.Quarantine, NotificationChange.Begun), (begun.Rule, begun.Change));

        job.Sandbox.SetBehavior(SandboxBehavior.HtmlInsteadOfJson, false);
        job.Job.Reset(JobReset.Quarantine);
        job.MakeDue();
        Notification over = await other.NextAsync();
        Assert.Equal((NotificationRule.Quarantine, NotificationChange.Over), (over.Rule, over.Change));

        await worker.StopAsync();
        Assert.Equal(2, other.Count);
        Assert.DoesNotContain("zoe", begun.Text + over.Text, StringComparison.OrdinalIgnoreCase);
        Environment.SetEnvironmentVariable(job.Variable, null);
    }

    [PostgresFact]
    public async Task A_channel_of_a_shared_job_that_takes_nothing_is_shown_while_it_takes_nothing()
    {
        using var database = new SharedDatabase(cluster);
        await using var folder = new JobFolder();
        FixtureJob job = folder.Add(
            "contoso",
            options: new SandboxOptions { Behaviors = [SandboxBehavior.HtmlInsteadOfJson] },
            settings: s => s with { StateKey = "contoso", Notifications = s_channels }
        );
        using (System.Security.SecureString key = job.Sandbox.GetApiKey())
            Environment.SetEnvironmentVariable(job.Variable, new NetworkCredential("", key).Password);
        var other = new OtherSide { Answer = new ChannelAnswer(ChannelResult.Refused, "No such channel.") };
        await using WebApplication worker = WorkerHost.Build(OptionsOf(folder, job, other) with { Store = database.Store });
        await worker.StartAsync();
        JobBoard board = worker.Services.GetRequiredService<JobBoard>();

        await Eventually.Async(() => HealthOf(board) == "Quarantine" && Waiting(board) == (1, "No such channel."));

        await worker.StopAsync();
        Environment.SetEnvironmentVariable(job.Variable, null);

        string HealthOf(JobBoard board) => board.Views is [var view] ? JobHealth.Of(view).Word : "";

        static (long, string?) Waiting(JobBoard board) =>
            board.Views[0].Status?.Channels is [var channel] ? (channel.Waiting, channel.LastError) : default;
    }

    [PostgresFact]
    public async Task A_shared_job_stands_as_it_was_seen_last_while_the_database_does_not_answer()
    {
        using var database = new SharedDatabase(cluster);
        await using var folder = new JobFolder();
        ProvisioningJob job = folder.Add("contoso", settings: s => s with { StateKey = "contoso" }).Job;
        using var states = SharedStates.At(database.Connection);
        var reader = new JobReader(TimeProvider.System, states);
        JobView seen = reader.Read(new JobView { Path = job.Path, Name = job.Name });
        Assert.NotNull(seen.Status);
        var names = new NpgsqlConnectionStringBuilder(database.Connection);
        string server = new NpgsqlConnectionStringBuilder(database.Connection) { Database = "postgres" }.ToString();
        PostgresCluster.Sql(server, $"ALTER DATABASE {names.Database} ALLOW_CONNECTIONS false");
        PostgresCluster.Sql(server, $"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{names.Database}'");

        Assert.Null(reader.Read(seen).Status);
        Assert.Same(seen, reader.ReadIfAble(seen));
    }

    [PostgresFact]
    public async Task A_shared_job_whose_view_was_lost_for_a_moment_begins_no_cycle_without_the_lease()
    {
        using var database = new SharedDatabase(cluster);
        await using var folder = new JobFolder();
        FixtureJob job = folder.Add("contoso", settings: s => s with { StateKey = "contoso", Notifications = s_channels });
        using (System.Security.SecureString key = job.Sandbox.GetApiKey())
            Environment.SetEnvironmentVariable(job.Variable, new NetworkCredential("", key).Password);
        await using WebApplication worker = WorkerHost.Build(OptionsOf(folder, job, new OtherSide()) with { Store = database.Store });
        JobBoard board = worker.Services.GetRequiredService<JobBoard>();
        using var other = SharedStates.At(database.Connection);
        using IDisposable lease = other.Claim(job.Job);
        // As NotificationWatch.ReadAgain leaves the view when one look at the database fails.
        board.Set(new JobView { Path = job.Job.Path, Name = job.Job.Name });

        await worker.Services.GetRequiredService<JobRunner>().RunAsync(job.Job.Path, default);
        Environment.SetEnvironmentVariable(job.Variable, null);

        // Another machine has the job: neither is TravelPerk read, nor is a run noted as failed.
        Assert.Equal((0L, null), (job.Sandbox.RequestCount, board.Views[0].Problem?.Message));
    }

    [Fact]
    public async Task What_is_left_of_a_removed_channel_is_dropped_also_when_the_state_could_not_be_read_at_first()
    {
        await using var folder = new JobFolder();
        ProvisioningJob job = folder.Add("contoso", on: false).Job;
        using (var store = NotificationStore.Open(job))
            store.InTransaction(() => store.Add(new OutboxEntry("n1", "ops", DateTimeOffset.UtcNow, 0, "{}")));
        var time = new FastTime();
        var options = new WorkerOptions { Folder = folder.Path, Time = time };
        var board = new JobBoard { IsRead = true };
        var reader = new JobReader(time);
        board.Set(reader.Read(new JobView { Path = job.Path, Name = job.Name }));
        string state = Path.Combine(job.Path, "state.db");
        File.Move(state, state + ".away");
        await File.WriteAllTextAsync(state, new string('x', 4096));
        var logger = new Lines();
        using var watch = new NotificationWatch(options, board, reader, new OtherSide(), logger);
        await watch.StartAsync(default);
        await Eventually.Async(() => logger.Count > 0);
        File.Move(state + ".away", state, overwrite: true);

        await Eventually.Async(() => !IsWaiting(job));

        await watch.StopAsync(default);
    }

    private static bool IsWaiting(ProvisioningJob job)
    {
        using var store = NotificationStore.Open(job);
        return store.ReadWaiting().Count > 0;
    }

    /// <summary>Counts what is logged.</summary>
    private sealed class Lines : ILogger<NotificationWatch>
    {
        private int _count;

        public int Count => _count;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? error, Func<TState, Exception?, string> format) =>
            Interlocked.Increment(ref _count);
    }

    /// <summary>A clock that goes a hundred times as fast.</summary>
    private sealed class FastTime : TimeProvider
    {
        private readonly DateTimeOffset _start = DateTimeOffset.UtcNow;

        public override DateTimeOffset GetUtcNow() => _start + ((DateTimeOffset.UtcNow - _start) * 100);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, Faster(dueTime), Faster(period));

        private static TimeSpan Faster(TimeSpan time) => time > TimeSpan.Zero ? time / 100 : time;
    }

    private static WorkerOptions OptionsOf(JobFolder folder, FixtureJob job, OtherSide other) =>
        new()
        {
            Folder = folder.Path,
            Urls = ["http://127.0.0.1:0"],
            Targets = [job.Sandbox.BaseUri],
            Look = TimeSpan.FromMilliseconds(200),
            Channels = other,
        };

    /// <summary>Who receives the notifications.</summary>
    private sealed class OtherSide : IChannelOpener, INotificationChannel
    {
        private readonly Channel<Notification> _received = Channel.CreateUnbounded<Notification>();
        private int _count;

        public ChannelAnswer Answer { get; init; } = new(ChannelResult.Sent);

        public int Count => _count;

        public async Task<Notification> NextAsync()
        {
            using var patience = new CancellationTokenSource(s_patience);
            return await _received.Reader.ReadAsync(patience.Token);
        }

        public Task<INotificationChannel> OpenAsync(NotificationChannel channel, CancellationToken cancellationToken) =>
            Task.FromResult<INotificationChannel>(this);

        public Task<ChannelAnswer> SendAsync(Notification notification, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _count);
            _received.Writer.TryWrite(notification);
            return Task.FromResult(Answer);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

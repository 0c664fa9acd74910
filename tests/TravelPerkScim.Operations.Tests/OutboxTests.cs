using System.Text.Json;
using TravelPerkScim.Operations.Channels;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Operations.Tests;

/// <summary>What is told waits in the job's state until a channel has taken it.</summary>
public sealed class OutboxTests
{
    private static readonly ScimException s_refused = new(ScimFailure.Credential, "Unauthorized", "The API key is refused.");

    [Fact]
    public async Task A_notification_is_kept_with_the_end_of_the_cycle_and_goes_to_each_channel_once()
    {
        await using var bench = new NotificationBench(
            new JobNotifications { Channels = [NotificationBench.Teams, NotificationBench.Slack], IncludeNames = true }
        );
        await bench.RunAsync();
        bench.People.RemoveRange(0, 3);
        await bench.SaveAsync();
        var options = new CycleOptions { Time = bench.Time, Observer = bench.Notifier() };
        var engine = new ProvisioningEngine(bench.Job, bench.Client);
        await foreach (ProvisioningOutcome _ in engine.ApplyAsync(await engine.PlanAsync(options, default), options, default)) { }

        Assert.Equal(["slack", "teams"], bench.Sql("SELECT channel FROM outbox ORDER BY channel"));
        Assert.DoesNotContain(
            bench.Sql("SELECT content FROM outbox UNION ALL SELECT memory FROM alert"),
            text => text.Contains("example.com", StringComparison.Ordinal)
        );
        Assert.Equal([1, 1], bench.Status.Channels.Select(channel => (int)channel.Waiting));
        await bench.CheckAsync();
        await bench.CheckAsync();
        Assert.Equal(["slack", "teams"], bench.Channels.Delivered.Select(d => d.Channel).Order());
        Assert.Single(bench.Channels.Delivered.Select(d => d.Notification.Id).Distinct());
        Assert.All(bench.Status.Channels, channel => Assert.False(channel.NeedsAttention));
    }

    [Fact]
    public async Task A_channel_that_takes_nothing_is_tried_at_growing_pauses_and_given_up_after_three_days()
    {
        await using NotificationBench bench = await QuarantinedAsync(
            (_, _, _) => Task.FromResult(new ChannelAnswer(ChannelResult.TryLater, "No connection."))
        );
        List<TimeSpan> attempts = [];
        for (int minute = 0; minute <= 4 * 24 * 60; minute += minute < 60 ? 1 : 6)
        {
            int before = bench.Channels.Attempts;
            await bench.Notifier().SendDueAsync(default);
            if (bench.Channels.Attempts > before)
                attempts.Add(bench.Time.GetUtcNow() - NotificationBench.Start);
            bench.Time.Advance(TimeSpan.FromMinutes(minute < 60 ? 1 : 6));
        }

        TimeSpan[] pauses = [.. attempts.Prepend(TimeSpan.Zero).Zip(attempts, (one, next) => next - one)];
        Assert.Equal(
            [
                "00:01:00",
                "00:05:00",
                "00:30:00",
                "02:00:00",
                "06:00:00",
                "12:00:00",
                "12:00:00",
                "12:00:00",
                "12:00:00",
                "12:00:00",
                "12:00:00",
            ],
            pauses.Select(pause => pause.ToString("c"))
        );
        NotificationChannelStatus channel = Assert.Single(bench.Status.Channels);
        Assert.Equal(
            (0, 1, NotificationBench.Start, "No connection."),
            ((int)channel.Waiting, channel.GivenUp, channel.FailingSince, channel.LastError)
        );
        bench.Channels.Answer = null;
        await bench.RunAsync();
        Assert.False(Assert.Single(bench.Status.Channels).NeedsAttention);
    }

    [Fact]
    public async Task What_the_other_side_asks_to_wait_is_waited()
    {
        await using NotificationBench bench = await QuarantinedAsync(
            (_, _, _) => Task.FromResult(new ChannelAnswer(ChannelResult.TryLater, "429", TimeSpan.FromMinutes(10)))
        );
        Assert.Contains("2026-03-02 08:10 UTC", Assert.Single(bench.Warnings), StringComparison.Ordinal);
        bench.Channels.Answer = null;

        bench.Time.Advance(TimeSpan.FromMinutes(9));
        await bench.CheckAsync();
        Assert.Empty(bench.Told());
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        await bench.CheckAsync();
        Assert.Equal(["Quarantine Begun"], bench.Told());
    }

    [Fact]
    public async Task What_is_refused_is_tried_hourly_for_a_day()
    {
        await using NotificationBench bench = await QuarantinedAsync(
            (_, _, _) => Task.FromResult(new ChannelAnswer(ChannelResult.Refused, "403"))
        );
        for (int minute = 0; minute <= 2 * 24 * 60; minute += 10)
        {
            await bench.Notifier().SendDueAsync(default);
            bench.Time.Advance(TimeSpan.FromMinutes(10));
        }

        Assert.Equal(25, bench.Channels.Attempts);
        Assert.Equal(1, Assert.Single(bench.Status.Channels).GivenUp);
    }

    [Fact]
    public async Task Gone_switches_the_channel_off_until_the_job_is_set_again()
    {
        await using NotificationBench bench = await QuarantinedAsync(
            (_, _, _) => Task.FromResult(new ChannelAnswer(ChannelResult.Gone, "410"))
        );
        Assert.True(Assert.Single(bench.Status.Channels).IsOff);
        bench.Channels.Answer = null;
        bench.Time.Advance(TimeSpan.FromDays(1));
        await bench.RunAsync();
        Assert.Empty(bench.Told());
        Assert.Equal(1, bench.Channels.Attempts);

        bench.Change(settings =>
            settings with
            {
                Notifications = new JobNotifications
                {
                    Channels = [NotificationBench.Teams with { Rules = [NotificationRule.Quarantine] }],
                },
            }
        );
        await bench.RunAsync(s_refused);
        Assert.Equal(["Quarantine Begun"], bench.Told());
        Assert.False(Assert.Single(bench.Status.Channels).NeedsAttention);
    }

    [Fact]
    public async Task A_channel_that_is_removed_takes_what_waits_for_it_along()
    {
        await using NotificationBench bench = await QuarantinedAsync(
            (_, _, _) => Task.FromResult(new ChannelAnswer(ChannelResult.TryLater, "No connection."))
        );
        bench.Change(settings => settings with { Notifications = null });

        await bench.CheckAsync();

        Assert.Equal(
            ["0"],
            bench.Sql("SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM channel) + (SELECT count(*) FROM alert)")
        );
    }

    [Fact]
    public async Task Only_a_warning_comes_of_a_channel_that_cannot_be_opened_throws_or_never_answers()
    {
        await using NotificationBench bench = await QuarantinedAsync(
            async (_, _, stop) =>
            {
                await Task.Delay(Timeout.Infinite, stop);
                throw new InvalidOperationException();
            },
            send: false
        );
        Task sending = bench.CheckAsync();
        while (!sending.IsCompleted)
        {
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        Assert.Contains("No answer came within 15 seconds.", Assert.Single(bench.Warnings), StringComparison.Ordinal);

        bench.Channels.Answer = (_, _, _) => throw new InvalidOperationException("A fault.");
        bench.Time.Advance(TimeSpan.FromMinutes(2));
        await bench.RunAsync(s_refused);
        Assert.Contains("A fault.", bench.Warnings[^1], StringComparison.Ordinal);
        bench.Channels.Opening = _ => throw new ProvisioningException("SecretMissing", "The environment variable TEAMS_URL is not set.");
        bench.Time.Advance(TimeSpan.FromMinutes(10));
        await bench.RunAsync(s_refused);
        Assert.Contains("TEAMS_URL", bench.Warnings[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_senders_at_once_one_sends()
    {
        var arrived = new TaskCompletionSource();
        var answer = new TaskCompletionSource<ChannelAnswer>();
        await using NotificationBench bench = await QuarantinedAsync(
            (_, _, _) =>
            {
                return arrived.TrySetResult() ? answer.Task : Task.FromResult(new ChannelAnswer(ChannelResult.Sent));
            },
            send: false
        );

        Task first = bench.Notifier().SendDueAsync(default);
        await arrived.Task;
        await bench.Notifier().SendDueAsync(default);
        answer.SetResult(new ChannelAnswer(ChannelResult.Sent));
        await first;

        Assert.Equal(1, bench.Channels.Attempts);
        Assert.Equal(["Quarantine Begun"], bench.Told());
    }

    [Fact]
    public async Task A_sender_takes_the_job_from_no_cycle_and_makes_no_plan_outdated()
    {
        await using NotificationBench bench = await QuarantinedAsync(null, send: false);
        await bench.SaveAsync();
        var options = new CycleOptions { Time = bench.Time, Observer = bench.Notifier() };
        var engine = new ProvisioningEngine(bench.Job, bench.Client);
        ProvisioningPlan plan = await engine.PlanAsync(options, default);
        await bench.CheckAsync();
        Assert.Equal(["Quarantine Begun"], bench.Told());

        int applied = 0;
        await foreach (ProvisioningOutcome outcome in engine.ApplyAsync(plan, options, default))
        {
            Assert.Equal(OutcomeStatus.Success, outcome.Status);
            bench.Time.Advance(TimeSpan.FromHours(1));
            await bench.CheckAsync();
            applied++;
        }

        Assert.Equal((20, CycleState.Succeeded), (applied, bench.Status.LastCycle!.State));
        await bench.CheckAsync();
        Assert.Contains("Quarantine Over", bench.Told());
    }

    [Fact]
    public async Task A_state_that_takes_no_notification_takes_the_cycle_all_the_same()
    {
        await using var bench = new NotificationBench();
        await bench.RunAsync();
        bench.People.RemoveRange(0, 3);
        bench.Sql("DROP TABLE outbox");

        bench.Time.Advance(TimeSpan.FromHours(1));
        await bench.RunAsync();

        Assert.Contains(bench.Warnings, warning => warning.Contains("could not be noted", StringComparison.Ordinal));
        Assert.Equal(["3"], bench.Sql("SELECT count(*) FROM staged"));
        // Nothing was remembered as told that was not.
        Assert.Equal(["0"], bench.Sql("SELECT count(*) FROM alert"));
    }

    [Fact]
    public async Task A_job_without_notifications_writes_no_more_than_without_an_observer()
    {
        await using var bench = new NotificationBench(settings: settings => settings with { Notifications = null });
        await bench.CheckAsync();
        Assert.False(File.Exists(Path.Combine(bench.Job.Path, "state.db")));
        await bench.RunAsync();
        var engine = new ProvisioningEngine(bench.Job, bench.Client);
        long observed = await WritesAsync(new CycleOptions { Time = bench.Time, Observer = bench.Notifier() });
        long alone = await WritesAsync(new CycleOptions { Time = bench.Time });

        Assert.Equal(alone, observed);
        Assert.Equal(
            ["0"],
            bench.Sql("SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM channel) + (SELECT count(*) FROM alert)")
        );

        async Task<long> WritesAsync(CycleOptions options)
        {
            long before = Changes();
            await foreach (ProvisioningOutcome _ in engine.ApplyAsync(await engine.PlanAsync(options, default), options, default)) { }
            return Changes() - before;
        }

        long Changes() => long.Parse(bench.Sql("SELECT value FROM named WHERE name = 'changes'")[0], null);
    }

    /// <summary>Kills are at the places where they hurt: between commit and send, while a message is on its way, and after it
    /// arrived.</summary>
    [Fact]
    public async Task A_thousand_histories_with_kills_lose_nothing()
    {
        await using var bench = new NotificationBench(
            new JobNotifications { Channels = [NotificationBench.Teams, NotificationBench.Slack] }
        );
        int kills = 0,
            doubled = 0;
        for (int seed = 0; seed < 1000; seed++)
        {
            var random = new Random(seed);
            foreach (string file in Directory.GetFiles(bench.Job.Path, "state.db*"))
                File.Delete(file);
            bench.Channels.Delivered.Clear();
            // Held open, so that not each of the others writes the log of the file back as it closes.
            using var held = NotificationStore.Open(bench.Job);
            HashSet<string> owed = [];
            for (int step = 0; step < 5; step++)
            {
                bench.Time.Advance(TimeSpan.FromMinutes(random.Next(1, 600)));
                if (step == 0 || random.Next(3) > 0)
                {
                    Assert.Null(
                        new ProvisioningEngine(bench.Job, bench.Client).RecordFailure(
                            new CycleOptions { Time = bench.Time, Observer = bench.Notifier() },
                            s_refused
                        )
                    );
                }
                else
                {
                    bench.Job.Reset(JobReset.Quarantine);
                }
                await bench.Notifier().CheckAsync(default);
                owed.UnionWith(bench.Sql("SELECT id || ' ' || channel FROM outbox"));
                if (random.Next(4) == 0)
                    continue;
                using var killed = new CancellationTokenSource();
                (int place, int after) = (random.Next(3), random.Next(3));
                bench.Channels.Answer = async (channel, notification, _) =>
                {
                    if (place == 0 || after-- > 0)
                    {
                        return random.Next(4) == 0
                            ? new ChannelAnswer(ChannelResult.TryLater, "No connection.")
                            : new ChannelAnswer(ChannelResult.Sent);
                    }
                    if (place == 2)
                        bench.Channels.Deliver(channel, notification);
                    kills++;
                    await killed.CancelAsync();
                    throw new OperationCanceledException(killed.Token);
                };
                try
                {
                    await bench.Notifier().SendDueAsync(killed.Token);
                }
                catch (OperationCanceledException) { }
            }
            bench.Channels.Answer = null;
            for (int turn = 0; turn < 10 && bench.Sql("SELECT id FROM outbox").Count > 0; turn++)
            {
                bench.Time.Advance(TimeSpan.FromHours(6));
                await bench.Notifier().SendDueAsync(default);
            }
            string[] delivered = [.. bench.Channels.Delivered.Select(d => $"{d.Notification.Id} {d.Channel}")];
            Assert.True(owed.SetEquals(delivered), $"Seed {seed}: {owed.Count} were owed, {delivered.Distinct().Count()} came.");
            doubled += delivered.Length - owed.Count;
        }

        Assert.True(kills > 500, $"{kills} kills");
        Assert.True(doubled > 100, $"{doubled} doubled");
    }

    private static async Task<NotificationBench> QuarantinedAsync(
        Func<NotificationChannel, Notification, CancellationToken, Task<ChannelAnswer>>? answer,
        bool send = true
    )
    {
        var bench = new NotificationBench();
        bench.Channels.Answer = answer;
        if (send)
        {
            await bench.RunAsync(s_refused);
        }
        else
        {
            Assert.Null(
                new ProvisioningEngine(bench.Job, bench.Client).RecordFailure(
                    new CycleOptions { Time = bench.Time, Observer = bench.Notifier() },
                    s_refused
                )
            );
        }
        return bench;
    }
}

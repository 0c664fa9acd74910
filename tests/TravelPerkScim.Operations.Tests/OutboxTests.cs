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
        await using var fixture = new NotificationFixture(
            new JobNotifications { Channels = [NotificationFixture.Teams, NotificationFixture.Slack], IncludeNames = true }
        );
        await fixture.RunAsync();
        fixture.People.RemoveRange(0, 3);
        await fixture.SaveAsync();
        var options = new CycleOptions { Time = fixture.Time, Observer = fixture.Notifier() };
        var engine = new ProvisioningEngine(fixture.Job, fixture.Client);
        await foreach (ProvisioningOutcome _ in engine.ApplyAsync(await engine.PlanAsync(options, default), options, default)) { }

        Assert.Equal(["slack", "teams"], fixture.Sql("SELECT channel FROM outbox ORDER BY channel"));
        Assert.DoesNotContain(
            fixture.Sql("SELECT content FROM outbox UNION ALL SELECT memory FROM alert"),
            text => text.Contains("example.com", StringComparison.Ordinal)
        );
        Assert.Equal([1, 1], fixture.Status.Channels.Select(channel => (int)channel.Waiting));
        await fixture.CheckAsync();
        await fixture.CheckAsync();
        Assert.Equal(["slack", "teams"], fixture.Channels.Delivered.Select(d => d.Channel).Order());
        Assert.Single(fixture.Channels.Delivered.Select(d => d.Notification.Id).Distinct());
        Assert.All(fixture.Status.Channels, channel => Assert.False(channel.NeedsAttention));
    }

    [Fact]
    public async Task A_channel_that_takes_nothing_is_tried_at_growing_pauses_and_given_up_after_three_days()
    {
        await using NotificationFixture fixture = await QuarantinedAsync(
            (_, _, _) => Task.FromResult(new ChannelAnswer(ChannelResult.TryLater, "No connection."))
        );
        List<TimeSpan> attempts = [];
        for (int minute = 0; minute <= 4 * 24 * 60; minute += minute < 60 ? 1 : 6)
        {
            int before = fixture.Channels.Attempts;
            await fixture.Notifier().SendDueAsync(default);
            if (fixture.Channels.Attempts > before)
                attempts.Add(fixture.Time.GetUtcNow() - NotificationFixture.Start);
            fixture.Time.Advance(TimeSpan.FromMinutes(minute < 60 ? 1 : 6));
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
        NotificationChannelStatus channel = Assert.Single(fixture.Status.Channels);
        Assert.Equal(
            (0, 1, NotificationFixture.Start, "No connection."),
            ((int)channel.Waiting, channel.GivenUp, channel.FailingSince, channel.LastError)
        );
        fixture.Channels.Answer = null;
        await fixture.RunAsync();
        Assert.False(Assert.Single(fixture.Status.Channels).NeedsAttention);
    }

    [Fact]
    public async Task What_the_other_side_asks_to_wait_is_waited()
    {
        await using NotificationFixture fixture = await QuarantinedAsync(
            (_, _, _) => Task.FromResult(new ChannelAnswer(ChannelResult.TryLater, "429", TimeSpan.FromMinutes(10)))
        );
        Assert.Contains("2026-03-02 08:10 UTC", Assert.Single(fixture.Warnings), StringComparison.Ordinal);
        fixture.Channels.Answer = null;

        fixture.Time.Advance(TimeSpan.FromMinutes(9));
        await fixture.CheckAsync();
        Assert.Empty(fixture.Told());
        fixture.Time.Advance(TimeSpan.FromMinutes(1));
        await fixture.CheckAsync();
        Assert.Equal(["Quarantine Begun"], fixture.Told());
    }

    [Fact]
    public async Task What_is_refused_is_tried_hourly_for_a_day()
    {
        await using NotificationFixture fixture = await QuarantinedAsync(
            (_, _, _) => Task.FromResult(new ChannelAnswer(ChannelResult.Refused, "403"))
        );
        for (int minute = 0; minute <= 2 * 24 * 60; minute += 10)
        {
            await fixture.Notifier().SendDueAsync(default);
            fixture.Time.Advance(TimeSpan.FromMinutes(10));
        }

        Assert.Equal(25, fixture.Channels.Attempts);
        Assert.Equal(1, Assert.Single(fixture.Status.Channels).GivenUp);
    }

    [Fact]
    public async Task Gone_switches_the_channel_off_until_the_job_is_set_again()
    {
        await using NotificationFixture fixture = await QuarantinedAsync(
            (_, _, _) => Task.FromResult(new ChannelAnswer(ChannelResult.Gone, "410"))
        );
        Assert.True(Assert.Single(fixture.Status.Channels).IsOff);
        fixture.Channels.Answer = null;
        fixture.Time.Advance(TimeSpan.FromDays(1));
        await fixture.RunAsync();
        Assert.Empty(fixture.Told());
        Assert.Equal(1, fixture.Channels.Attempts);

        fixture.Change(settings =>
            settings with
            {
                Notifications = new JobNotifications
                {
                    Channels = [NotificationFixture.Teams with { Rules = [NotificationRule.Quarantine] }],
                },
            }
        );
        await fixture.RunAsync(s_refused);
        Assert.Equal(["Quarantine Begun"], fixture.Told());
        Assert.False(Assert.Single(fixture.Status.Channels).NeedsAttention);
    }

    [Fact]
    public async Task A_channel_that_is_removed_takes_what_waits_for_it_along()
    {
        await using NotificationFixture fixture = await QuarantinedAsync(
            (_, _, _) => Task.FromResult(new ChannelAnswer(ChannelResult.TryLater, "No connection."))
        );
        fixture.Change(settings => settings with { Notifications = null });

        await fixture.CheckAsync();

        Assert.Equal(
            ["0"],
            fixture.Sql("SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM channel) + (SELECT count(*) FROM alert)")
        );
    }

    [Fact]
    public async Task Only_a_warning_comes_of_a_channel_that_cannot_be_opened_throws_or_never_answers()
    {
        await using NotificationFixture fixture = await QuarantinedAsync(
            async (_, _, stop) =>
            {
                await Task.Delay(Timeout.Infinite, stop);
                throw new InvalidOperationException();
            },
            send: false
        );
        Task sending = fixture.CheckAsync();
        while (!sending.IsCompleted)
        {
            fixture.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        Assert.Contains("No answer came within 15 seconds.", Assert.Single(fixture.Warnings), StringComparison.Ordinal);

        fixture.Channels.Answer = (_, _, _) => throw new InvalidOperationException("A fault.");
        fixture.Time.Advance(TimeSpan.FromMinutes(2));
        await fixture.RunAsync(s_refused);
        Assert.Contains("A fault.", fixture.Warnings[^1], StringComparison.Ordinal);
        fixture.Channels.Opening = _ => throw new ProvisioningException("SecretMissing", "The environment variable TEAMS_URL is not set.");
        fixture.Time.Advance(TimeSpan.FromMinutes(10));
        await fixture.RunAsync(s_refused);
        Assert.Contains("TEAMS_URL", fixture.Warnings[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_senders_at_once_one_sends()
    {
        var arrived = new TaskCompletionSource();
        var answer = new TaskCompletionSource<ChannelAnswer>();
        await using NotificationFixture fixture = await QuarantinedAsync(
            (_, _, _) =>
            {
                return arrived.TrySetResult() ? answer.Task : Task.FromResult(new ChannelAnswer(ChannelResult.Sent));
            },
            send: false
        );

        Task first = fixture.Notifier().SendDueAsync(default);
        await arrived.Task;
        await fixture.Notifier().SendDueAsync(default);
        answer.SetResult(new ChannelAnswer(ChannelResult.Sent));
        await first;

        Assert.Equal(1, fixture.Channels.Attempts);
        Assert.Equal(["Quarantine Begun"], fixture.Told());
    }

    [Fact]
    public async Task A_sender_takes_the_job_from_no_cycle_and_makes_no_plan_outdated()
    {
        await using NotificationFixture fixture = await QuarantinedAsync(null, send: false);
        await fixture.SaveAsync();
        var options = new CycleOptions { Time = fixture.Time, Observer = fixture.Notifier() };
        var engine = new ProvisioningEngine(fixture.Job, fixture.Client);
        ProvisioningPlan plan = await engine.PlanAsync(options, default);
        await fixture.CheckAsync();
        Assert.Equal(["Quarantine Begun"], fixture.Told());

        int applied = 0;
        await foreach (ProvisioningOutcome outcome in engine.ApplyAsync(plan, options, default))
        {
            Assert.Equal(OutcomeStatus.Success, outcome.Status);
            fixture.Time.Advance(TimeSpan.FromHours(1));
            await fixture.CheckAsync();
            applied++;
        }

        Assert.Equal((20, CycleState.Succeeded), (applied, fixture.Status.LastCycle!.State));
        await fixture.CheckAsync();
        Assert.Contains("Quarantine Over", fixture.Told());
    }

    [Fact]
    public async Task A_state_that_takes_no_notification_takes_the_cycle_all_the_same()
    {
        await using var fixture = new NotificationFixture();
        await fixture.RunAsync();
        fixture.People.RemoveRange(0, 3);
        fixture.Sql("DROP TABLE outbox");

        fixture.Time.Advance(TimeSpan.FromHours(1));
        await fixture.RunAsync();

        Assert.Contains(fixture.Warnings, warning => warning.Contains("could not be noted", StringComparison.Ordinal));
        Assert.Equal(["3"], fixture.Sql("SELECT count(*) FROM staged"));
        // Nothing was remembered as told that was not.
        Assert.Equal(["0"], fixture.Sql("SELECT count(*) FROM alert"));
    }

    [Fact]
    public async Task A_job_without_notifications_writes_no_more_than_without_an_observer()
    {
        await using var fixture = new NotificationFixture(settings: settings => settings with { Notifications = null });
        await fixture.CheckAsync();
        Assert.False(File.Exists(Path.Combine(fixture.Job.Path, "state.db")));
        await fixture.RunAsync();
        var engine = new ProvisioningEngine(fixture.Job, fixture.Client);
        long observed = await WritesAsync(new CycleOptions { Time = fixture.Time, Observer = fixture.Notifier() });
        long alone = await WritesAsync(new CycleOptions { Time = fixture.Time });

        Assert.Equal(alone, observed);
        Assert.Equal(
            ["0"],
            fixture.Sql("SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM channel) + (SELECT count(*) FROM alert)")
        );

        async Task<long> WritesAsync(CycleOptions options)
        {
            long before = Changes();
            await foreach (ProvisioningOutcome _ in engine.ApplyAsync(await engine.PlanAsync(options, default), options, default)) { }
            return Changes() - before;
        }

        long Changes() => long.Parse(fixture.Sql("SELECT number FROM named WHERE name = 'changes'")[0], null);
    }

    /// <summary>Kills are at the places where they hurt: between commit and send, while a message is on its way, and after it
    /// arrived.</summary>
    [Fact]
    public async Task A_thousand_histories_with_kills_lose_nothing()
    {
        await using var fixture = new NotificationFixture(
            new JobNotifications { Channels = [NotificationFixture.Teams, NotificationFixture.Slack] }
        );
        int kills = 0,
            doubled = 0;
        for (int seed = 0; seed < 1000; seed++)
        {
            var random = new Random(seed);
            foreach (string file in Directory.GetFiles(fixture.Job.Path, "state.db*"))
                File.Delete(file);
            fixture.Channels.Delivered.Clear();
            // Held open, so that not each of the others writes the log of the file back as it closes.
            using var held = NotificationStore.Open(fixture.Job);
            HashSet<string> owed = [];
            for (int step = 0; step < 5; step++)
            {
                fixture.Time.Advance(TimeSpan.FromMinutes(random.Next(1, 600)));
                if (step == 0 || random.Next(3) > 0)
                {
                    Assert.Null(
                        new ProvisioningEngine(fixture.Job, fixture.Client).RecordFailure(
                            new CycleOptions { Time = fixture.Time, Observer = fixture.Notifier() },
                            s_refused
                        )
                    );
                }
                else
                {
                    fixture.Job.Reset(JobReset.Quarantine);
                }
                await fixture.Notifier().CheckAsync(default);
                owed.UnionWith(fixture.Sql("SELECT id || ' ' || channel FROM outbox"));
                if (random.Next(4) == 0)
                    continue;
                using var killed = new CancellationTokenSource();
                (int place, int after) = (random.Next(3), random.Next(3));
                fixture.Channels.Answer = async (channel, notification, _) =>
                {
                    if (place == 0 || after-- > 0)
                    {
                        return random.Next(4) == 0
                            ? new ChannelAnswer(ChannelResult.TryLater, "No connection.")
                            : new ChannelAnswer(ChannelResult.Sent);
                    }
                    if (place == 2)
                        fixture.Channels.Deliver(channel, notification);
                    kills++;
                    await killed.CancelAsync();
                    throw new OperationCanceledException(killed.Token);
                };
                try
                {
                    await fixture.Notifier().SendDueAsync(killed.Token);
                }
                catch (OperationCanceledException) { }
            }
            fixture.Channels.Answer = null;
            for (int turn = 0; turn < 10 && fixture.Sql("SELECT id FROM outbox").Count > 0; turn++)
            {
                fixture.Time.Advance(TimeSpan.FromHours(6));
                await fixture.Notifier().SendDueAsync(default);
            }
            string[] delivered = [.. fixture.Channels.Delivered.Select(d => $"{d.Notification.Id} {d.Channel}")];
            Assert.True(owed.SetEquals(delivered), $"Seed {seed}: {owed.Count} were owed, {delivered.Distinct().Count()} came.");
            doubled += delivered.Length - owed.Count;
        }

        Assert.True(kills > 500, $"{kills} kills");
        Assert.True(doubled > 100, $"{doubled} doubled");
    }

    private static async Task<NotificationFixture> QuarantinedAsync(
        Func<NotificationChannel, Notification, CancellationToken, Task<ChannelAnswer>>? answer,
        bool send = true
    )
    {
        var fixture = new NotificationFixture();
        fixture.Channels.Answer = answer;
        if (send)
        {
            await fixture.RunAsync(s_refused);
        }
        else
        {
            Assert.Null(
                new ProvisioningEngine(fixture.Job, fixture.Client).RecordFailure(
                    new CycleOptions { Time = fixture.Time, Observer = fixture.Notifier() },
                    s_refused
                )
            );
        }
        return fixture;
    }
}

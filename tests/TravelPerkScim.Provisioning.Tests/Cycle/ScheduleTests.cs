using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Tests.Cycle;

/// <summary>When a scheduled cycle may begin: status, interval and jitter of job.json, in virtual time.</summary>
public sealed class ScheduleTests
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Jitter_takes_up_to_a_tenth_off_the_interval_and_is_the_same_each_time()
    {
        var schedule = new JobSchedule();
        DateTimeOffset[] begins = [.. Enumerable.Range(0, 1000).Select(n => s_start.AddSeconds(n))];
        double[] early = [.. begins.Select(began => (began + schedule.Interval - schedule.NextAfter(began, "/jobs/contoso")).TotalSeconds)];

        Assert.All(early, seconds => Assert.InRange(seconds, 0, 240));
        Assert.InRange(early.Average(), 110, 130);
        Assert.Equal(early, begins.Select(began => (began + schedule.Interval - schedule.NextAfter(began, "/jobs/contoso")).TotalSeconds));
        // Jobs that began together part.
        Assert.True(Enumerable.Range(0, 100).Select(n => schedule.NextAfter(s_start, $"/jobs/{n}")).Distinct().Count() > 90);
        Assert.Equal(s_start.AddMinutes(40), (schedule with { Jitter = TimeSpan.Zero }).NextAfter(s_start, "/jobs/contoso"));
    }

    [Fact]
    public void Thirty_days_of_a_scheduler_that_fires_each_minute_have_a_cycle_an_interval_and_no_longer_gap()
    {
        List<DateTimeOffset> begins = Fired(new JobSchedule(), TimeSpan.FromMinutes(1), _ => TimeSpan.Zero, days: 30);

        Assert.InRange(begins.Count, 1080, 1200);
        Assert.All(
            begins.Zip(begins.Skip(1), (one, next) => next - one),
            gap => Assert.InRange(gap, TimeSpan.FromMinutes(35), TimeSpan.FromMinutes(40))
        );
    }

    [Theory]
    [InlineData("00:01:00", null, 2)]
    [InlineData("00:40:00", null, 45)]
    [InlineData("00:40:00", "00:00:00", 45)]
    [InlineData("1.00:00:00", "00:00:00", 45)]
    public void A_scheduler_that_fires_at_the_interval_itself_never_waits_for_a_second_one(string interval, string? jitter, int inexact)
    {
        var schedule = new JobSchedule
        {
            Interval = TimeSpan.Parse(interval, null),
            Jitter = jitter is null ? null : TimeSpan.Parse(jitter, null),
        };

        // Each run comes some seconds late or early, as those of operating systems do.
        List<DateTimeOffset> begins = Fired(
            schedule,
            schedule.Interval,
            n => TimeSpan.FromSeconds(n * 37 % (inexact + 1)),
            days: schedule.Interval.TotalDays * 100
        );

        Assert.Equal(100, begins.Count);
    }

    [Fact]
    public async Task A_cycle_is_due_at_once_then_an_interval_after_the_last_one_began()
    {
        await using CycleFixture fixture = Scheduled(new JobSchedule { On = true, Jitter = TimeSpan.Zero });
        Assert.Equal((JobStatus.On, true, null), (Status(fixture).Status, Status(fixture).IsDue, Status(fixture).NextCycle));
        await fixture.RunAsync();
        DateTimeOffset began = fixture.Time.GetUtcNow();

        Assert.Equal(
            (JobStatus.On, false, began.AddMinutes(40)),
            (Status(fixture).Status, Status(fixture).IsDue, Status(fixture).NextCycle)
        );
        ProvisioningRunResult waits = ProvisioningRunResult.Waiting(fixture.Job, Status(fixture), ordinary: true)!;
        Assert.Equal((ProvisioningRunState.NotDue, 0), (waits.State, waits.ExitCode));
        Assert.Null(ProvisioningRunResult.Waiting(fixture.Job, Status(fixture), ordinary: false));

        fixture.Time.Advance(TimeSpan.FromMinutes(30));
        await fixture.RunAsync(new CycleOptions { Time = fixture.Time, Identities = ["user1@example.com"] });
        Assert.Equal(began.AddMinutes(40), Status(fixture).NextCycle);
        fixture.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.True(Status(fixture).IsDue);
        Assert.Null(ProvisioningRunResult.Waiting(fixture.Job, Status(fixture), ordinary: true));
    }

    [Fact]
    public async Task A_cycle_of_a_clock_that_was_ahead_holds_nothing_back()
    {
        await using CycleFixture fixture = Scheduled(new JobSchedule { On = true });
        fixture.Time.Advance(TimeSpan.FromDays(400));
        await fixture.RunAsync();
        fixture.Time.AdjustTime(s_start);

        Assert.True(Status(fixture).IsDue);
        await fixture.RunAsync();
        Assert.False(Status(fixture).IsDue);
    }

    [Fact]
    public async Task A_cycle_of_another_machine_whose_clock_is_seconds_ahead_counts()
    {
        await using CycleFixture fixture = Scheduled(new JobSchedule { On = true });
        fixture.Time.Advance(TimeSpan.FromSeconds(30));
        await fixture.RunAsync();
        fixture.Time.AdjustTime(s_start);

        Assert.False(Status(fixture).IsDue);
    }

    [Fact]
    public async Task Off_is_never_due_and_a_job_without_a_schedule_always()
    {
        await using CycleFixture off = Scheduled(new JobSchedule { On = false });
        Assert.Equal((JobStatus.Off, false, null, false), Turn(off));
        Assert.Equal((ProvisioningRunState.Off, 0), (Waiting(off)!.State, Waiting(off)!.ExitCode));

        await using var manual = new CycleFixture();
        await manual.RunAsync();
        Assert.Equal((JobStatus.Manual, true, null, false), Turn(manual));
        Assert.Null(Waiting(manual));
    }

    [Fact]
    public async Task No_cycle_for_three_intervals_is_overdue()
    {
        await using CycleFixture fixture = Scheduled(new JobSchedule { On = true, Interval = TimeSpan.FromHours(1) });
        Assert.False(Status(fixture).IsOverdue);
        fixture.Time.Advance(TimeSpan.FromMinutes(181));
        Assert.True(Status(fixture).IsOverdue);
        // One that was switched On again counts from then.
        File.SetLastWriteTimeUtc(Path.Combine(fixture.Job.Path, "job.json"), fixture.Time.GetUtcNow().UtcDateTime);
        Assert.False(Status(fixture).IsOverdue);
        await fixture.RunAsync();
        fixture.Time.Advance(TimeSpan.FromMinutes(179));
        Assert.False(Status(fixture).IsOverdue);
        fixture.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.True(Status(fixture).IsOverdue);
    }

    [Fact]
    public async Task In_quarantine_the_next_attempt_is_what_is_due()
    {
        await using CycleFixture fixture = Scheduled(new JobSchedule { On = true });
        fixture.Add(1);
        new ProvisioningEngine(fixture.Job, fixture.Client).RecordFailure(
            new CycleOptions { Time = fixture.Time },
            new ScimException(ScimFailure.Credential, "Unauthorized", "The API key is refused.")
        );
        DateTimeOffset attempt = fixture.Time.GetUtcNow().AddHours(6);

        fixture.Time.Advance(TimeSpan.FromHours(5));
        Assert.Equal((JobStatus.Quarantine, false, attempt, false), Turn(fixture));
        Assert.Equal(
            (ProvisioningRunState.Quarantine, 4, attempt),
            (Waiting(fixture)!.State, Waiting(fixture)!.ExitCode, Waiting(fixture)!.NextCycle)
        );
        fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal((JobStatus.Quarantine, true, attempt, false), Turn(fixture));
        Assert.Null(Waiting(fixture));
        fixture.Time.Advance(TimeSpan.FromMinutes(81));
        Assert.True(Status(fixture).IsOverdue);
        await fixture.RunAsync();
        Assert.Equal(JobStatus.On, Status(fixture).Status);
    }

    [Fact]
    public async Task Staged_operations_stop_no_cycle_and_each_cycle_tells_of_them()
    {
        await using CycleFixture fixture = Scheduled(new JobSchedule { On = true }, settings => settings with { DeleteThreshold = 0 });
        foreach (int number in Enumerable.Range(1, 3))
            fixture.Add(number);
        await fixture.RunAsync();
        fixture.People.RemoveAt(0);
        fixture.Time.Advance(TimeSpan.FromMinutes(40));
        await fixture.RunAsync();

        var result = ProvisioningRunResult.Of(Status(fixture), null);
        Assert.Equal((ProvisioningRunState.Staged, 3, JobStatus.On), (result.State, result.ExitCode, Status(fixture).Status));
        Assert.Equal(QuarantineReason.TooManyDeletes, Status(fixture).Quarantine!.Reason);
        fixture.Time.Advance(TimeSpan.FromMinutes(40));
        Assert.True(Status(fixture).IsDue);
    }

    [Fact]
    public async Task Job_json_keeps_it_and_a_file_of_an_earlier_version_has_none()
    {
        await using var fixture = new CycleFixture();
        Assert.DoesNotContain("schedule", File.ReadAllText(Path.Combine(fixture.Job.Path, "job.json")), StringComparison.Ordinal);
        Assert.Null(ProvisioningJob.Open(fixture.Job.Path).Settings.Schedule);
        var schedule = new JobSchedule
        {
            On = true,
            Interval = TimeSpan.FromMinutes(5),
            Jitter = TimeSpan.FromSeconds(20),
        };
        var secrets = new JobSecrets(
            new SecretPlace(SecretFrom.File, Path: "/run/secrets/travelperk"),
            new SecretPlace(SecretFrom.Vault, "entra", Vault: "Automation", ClientId: "app")
        );

        fixture.Job.Save(fixture.Job.Settings with { Schedule = schedule, Secrets = secrets });

        string json = File.ReadAllText(Path.Combine(fixture.Job.Path, "job.json"));
        Assert.Contains("\"interval\": \"00:05:00\"", json, StringComparison.Ordinal);
        Assert.Contains("\"from\": \"File\"", json, StringComparison.Ordinal);
        Assert.Equal(
            (schedule, secrets),
            (ProvisioningJob.Open(fixture.Job.Path).Settings.Schedule, ProvisioningJob.Open(fixture.Job.Path).Settings.Secrets)
        );
    }

    [Theory]
    [InlineData("\"schedule\": { \"on\": true, \"interval\": \"00:00:59\" }", "schedule.interval")]
    [InlineData("\"schedule\": { \"on\": true, \"interval\": \"32.00:00:00\" }", "schedule.interval")]
    [InlineData("\"schedule\": { \"on\": true, \"interval\": 40 }", "schedule.interval")]
    [InlineData("\"schedule\": { \"on\": true, \"jitter\": \"00:21:00\" }", "schedule.jitter")]
    [InlineData("\"schedule\": { \"on\": true, \"jitter\": \"-00:01:00\" }", "schedule.jitter")]
    [InlineData("\"secrets\": { \"travelPerk\": { \"from\": \"Environment\" } }", "secrets.travelPerk")]
    [InlineData("\"secrets\": { \"travelPerk\": { \"from\": \"File\", \"name\": \"x\" } }", "secrets.travelPerk")]
    [InlineData(
        "\"secrets\": { \"travelPerk\": { \"from\": \"Environment\", \"name\": \"x\", \"value\": \"y\" } }",
        "secrets.travelPerk.value"
    )]
    [InlineData("\"secrets\": { \"entra\": { \"from\": \"Environment\", \"name\": \"x\" } }", "secrets.entra")]
    public async Task A_wrong_value_is_named(string setting, string named)
    {
        await using var fixture = new CycleFixture();
        string file = Path.Combine(fixture.Job.Path, "job.json");
        await File.WriteAllTextAsync(file, $"{{ {setting}, {(await File.ReadAllTextAsync(file)).TrimStart()[1..]}");

        ProvisioningException error = Assert.Throws<ProvisioningException>(() => ProvisioningJob.Open(fixture.Job.Path));

        Assert.Equal("JobSettingsInvalid", error.ErrorId);
        Assert.Contains($"'{named}'", error.Message, StringComparison.Ordinal);
    }

    private static (JobStatus, bool, DateTimeOffset?, bool) Turn(CycleFixture fixture)
    {
        ProvisioningStatus status = Status(fixture);
        return (status.Status, status.IsDue, status.NextCycle, status.IsOverdue);
    }

    private static ProvisioningRunResult? Waiting(CycleFixture fixture) =>
        ProvisioningRunResult.Waiting(fixture.Job, Status(fixture), ordinary: true);

    private static ProvisioningStatus Status(CycleFixture fixture) => ProvisioningStatus.Read(fixture.Job, 1, fixture.Time);

    private static CycleFixture Scheduled(JobSchedule schedule, Func<JobSettings, JobSettings>? settings = null)
    {
        var fixture = new CycleFixture(settings: defaults => (settings?.Invoke(defaults) ?? defaults) with { Schedule = schedule });
        // The folder was made in real time, which is not the fixture's.
        File.SetLastWriteTimeUtc(Path.Combine(fixture.Job.Path, "job.json"), fixture.Time.GetUtcNow().UtcDateTime);
        return fixture;
    }

    // Begins of the cycles that a scheduler causes.
    private static List<DateTimeOffset> Fired(JobSchedule schedule, TimeSpan every, Func<int, TimeSpan> late, double days)
    {
        List<DateTimeOffset> begins = [];
        for (int n = 0; n * every < TimeSpan.FromDays(days); n++)
        {
            DateTimeOffset now = s_start + (n * every) + late(n);
            if (schedule.IsDue(begins.Count == 0 ? null : schedule.NextAfter(begins[^1], "/jobs/contoso"), now))
                begins.Add(now);
        }
        return begins;
    }
}

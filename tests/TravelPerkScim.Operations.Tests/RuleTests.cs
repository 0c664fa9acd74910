using System.Text.Json;
using System.Text.Json.Nodes;
using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Scope;
using TravelPerkScim.Operations.Channels;
using TravelPerkScim.Operations.Notifications;
using TravelPerkScim.Provisioning.Cycle;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Plan;
using TravelPerkScim.Provisioning.State;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Operations.Tests;

/// <summary>What a job tells of, and when: over its real folder, with real cycles against a sandbox.</summary>
public sealed class RuleTests
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);
    private static readonly MappingException s_mapping = new("ExpressionInvalid", "The mapping of title does not compile.");
    private static readonly ScimException s_refused = new(ScimFailure.Credential, "Unauthorized", "The API key is refused.");

    [Fact]
    public async Task A_second_failed_cycle_in_a_row_is_told_then_daily_then_the_first_that_reaches_its_end()
    {
        await using var fixture = new NotificationFixture();
        await fixture.RunAsync();
        await fixture.RunAfterAsync(s_hour, s_mapping);
        Assert.Empty(fixture.Told());

        await fixture.RunAfterAsync(s_hour, s_mapping);
        Notification begun = Assert.Single(fixture.Channels.Delivered).Notification;
        Assert.Equal("contoso: 2 cycles in a row failed", begun.Title);
        Assert.Contains("The mapping of title does not compile.", begun.Text, StringComparison.Ordinal);
        Assert.Contains($"Get-ProvisioningStatus {fixture.Job.Path}", begun.Commands);
        Assert.Equal(["CycleFailing Begun"], fixture.Told());
        for (int hour = 1; hour <= 23; hour++)
            await fixture.RunAfterAsync(s_hour, s_mapping);
        Assert.Empty(fixture.Told());
        await fixture.RunAfterAsync(s_hour, s_mapping);
        Assert.Equal(["CycleFailing Continuing"], fixture.Told());
        Assert.Equal(NotificationRule.CycleFailing, Assert.Single(fixture.Status.Alerts).Rule);

        await fixture.RunAfterAsync(s_hour);
        Assert.Equal(["CycleFailing Over"], fixture.Told());
        Assert.Empty(fixture.Status.Alerts);
    }

    [Fact]
    public async Task Users_on_demand_say_nothing_of_failing_cycles()
    {
        await using var fixture = new NotificationFixture();
        await fixture.RunAsync();
        await fixture.RunAfterAsync(s_hour, s_mapping);
        await fixture.RunAfterAsync(s_hour, s_mapping);
        Assert.Equal(["CycleFailing Begun"], fixture.Told());

        await fixture.RunAsync(identities: ["user1@example.com"]);

        Assert.Empty(fixture.Told());
    }

    [Fact]
    public async Task A_job_that_names_the_place_of_its_key_tells_a_new_session_how_to_connect()
    {
        var place = new SecretPlace(SecretFrom.File, Path: "/etc/travelperk/key");
        await using var fixture = new NotificationFixture(settings: defaults => defaults with { Secrets = new JobSecrets(place) });
        await fixture.RunAsync();
        await fixture.RunAfterAsync(s_hour, s_refused);

        Notification begun = Assert.Single(fixture.Channels.Delivered).Notification;

        Assert.Equal($"Connect-TravelPerk -Job {fixture.Job.Path} -BaseUri {fixture.Job.Target}", begun.Commands[0]);
        Assert.Contains(new NotificationFact("API key", "the file '/etc/travelperk/key'"), begun.Facts);
    }

    [Fact]
    public async Task A_quarantine_is_told_once_with_its_reason_and_takes_the_place_of_failing_cycles()
    {
        await using var fixture = new NotificationFixture(
            new JobNotifications
            {
                Channels = [NotificationFixture.Teams, NotificationFixture.Slack with { Rules = [NotificationRule.CycleFailing] }],
            }
        );
        await fixture.RunAsync();
        await fixture.RunAfterAsync(s_hour, s_refused);

        Assert.Equal(["slack", "teams"], fixture.Channels.Delivered.Select(d => d.Channel).Order());
        Notification begun = fixture.Channels.Delivered[0].Notification;
        Assert.Equal("contoso: in quarantine, cycles cannot get through", begun.Title);
        Assert.Contains("The API key is refused.", begun.Text, StringComparison.Ordinal);
        Assert.Contains("wait until 2026-03-02 15:00 UTC", begun.Text, StringComparison.Ordinal);
        Assert.Equal(["Quarantine Begun", "Quarantine Begun"], fixture.Told());
        await fixture.RunAfterAsync(TimeSpan.FromHours(6), s_refused);
        await fixture.RunAfterAsync(TimeSpan.FromHours(6), s_refused);
        Assert.Empty(fixture.Told());

        await fixture.RunAfterAsync(s_hour);
        Assert.Equal(["Quarantine Over", "Quarantine Over"], fixture.Told());
    }

    [Fact]
    public async Task A_quarantine_that_disables_the_job_is_told_at_once_and_a_reset_ends_it()
    {
        await using var fixture = new NotificationFixture(
            new JobNotifications { Channels = [NotificationFixture.Teams], RepeatAfter = JobNotifications.LongestRepeat }
        );
        await fixture.RunAsync();
        await fixture.RunAfterAsync(s_hour, s_refused);
        Assert.Equal(["Quarantine Begun"], fixture.Told());

        await fixture.RunAfterAsync(Quarantine.Limit, s_refused);
        Notification disabled = Assert.Single(fixture.Channels.Delivered).Notification;
        Assert.Equal("contoso: disabled after 28 days in quarantine", disabled.Title);
        Assert.Contains($"Reset-ProvisioningJob {fixture.Job.Path} -Scope Quarantine", disabled.Commands);
        Assert.Equal(["Quarantine Continuing"], fixture.Told());

        await fixture.SaveAsync();
        fixture.Job.Reset(JobReset.Quarantine);
        await fixture.CheckAsync();
        Assert.Equal(["Quarantine Over"], fixture.Told());
    }

    [Fact]
    public async Task Staged_deletes_are_told_at_once_with_the_command_that_approves_and_names_only_where_they_are_switched_on()
    {
        await using var fixture = new NotificationFixture();
        await fixture.RunAsync();
        fixture.People.RemoveRange(0, 3);
        await fixture.RunAfterAsync(s_hour);

        Notification begun = Assert.Single(fixture.Channels.Delivered).Notification;
        Guid cycle = Assert.Single(fixture.Status.Staged).CycleId;
        Assert.Equal("contoso: 3 disables wait for approval", begun.Title);
        Assert.Contains(
            "because 3 disables and deletes are more than the 2 that the job allows in a cycle.",
            begun.Text,
            StringComparison.Ordinal
        );
        Assert.Equal(
            [
                $"Get-ProvisioningPlan {fixture.Job.Path} | Where-Object Staged",
                $"Invoke-Provisioning {fixture.Job.Path} -ApproveCycle {cycle}",
            ],
            begun.Commands
        );
        Assert.Empty(begun.Names);
        Assert.DoesNotContain("example.com", JsonSerializer.Serialize(begun), StringComparison.Ordinal);
        Assert.Equal(["DeletesStaged Begun"], fixture.Told());

        fixture.Change(settings => settings with { Notifications = settings.Notifications! with { IncludeNames = true } });
        await fixture.RunAfterAsync(TimeSpan.FromDays(1));
        Assert.Equal(
            ["user1@example.com", "user2@example.com", "user3@example.com"],
            Assert.Single(fixture.Channels.Delivered).Notification.Names.Order()
        );
        Assert.Equal(["DeletesStaged Continuing"], fixture.Told());

        await fixture.RunAsync(approve: cycle);
        Assert.Equal(["DeletesStaged Over"], fixture.Told());
    }

    [Fact]
    public async Task What_another_cycle_stages_beside_is_told_at_once()
    {
        await using var fixture = new NotificationFixture();
        await fixture.RunAsync();
        fixture.People.RemoveRange(0, 3);
        await fixture.RunAfterAsync(s_hour);
        await fixture.RunAfterAsync(s_hour);
        Assert.Equal(["DeletesStaged Begun"], fixture.Told());

        fixture.People.RemoveRange(0, 2);
        await fixture.RunAfterAsync(s_hour);

        Notification news = Assert.Single(fixture.Channels.Delivered).Notification;
        Assert.Equal("contoso: 5 disables still wait for approval", news.Title);
        Assert.Equal(2, fixture.Status.Staged.Count);
        Assert.All(
            fixture.Status.Staged,
            staged => Assert.Contains($"Invoke-Provisioning {fixture.Job.Path} -ApproveCycle {staged.CycleId}", news.Commands)
        );
    }

    [Fact]
    public async Task A_takeover_that_waits_is_told()
    {
        await using var fixture = new NotificationFixture();
        await fixture.RunAsync();
        // The name of one who left goes to another person, with the same user name.
        fixture.People[0]["id"] = "00000000-0000-4000-8000-000000000099";
        fixture.People[0]["givenName"] = "Omar";
        fixture.People[0]["surname"] = "Said";
        await fixture.RunAfterAsync(s_hour);

        Notification begun = Assert.Single(fixture.Channels.Delivered).Notification;
        Assert.Equal((NotificationRule.TakeoversStaged, "contoso: 1 takeover waits for approval"), (begun.Rule, begun.Title));
        Assert.Contains(
            begun.Commands,
            command => command.StartsWith($"Invoke-Provisioning {fixture.Job.Path} -ApproveCycle ", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Escrow_is_told_from_six_on_and_again_when_it_is_twice_as_many()
    {
        await using var fixture = new NotificationFixture();
        await fixture.RunAsync();
        foreach (int number in Enumerable.Range(1, 5))
            fixture.SetPhone(number, "call me");
        await fixture.RunAfterAsync(s_hour);
        Assert.Empty(fixture.Told());
        fixture.SetPhone(6, "call me");
        await fixture.RunAfterAsync(s_hour);

        Notification begun = Assert.Single(fixture.Channels.Delivered).Notification;
        Assert.Equal("contoso: 6 entries wait in escrow", begun.Title);
        Assert.Contains(begun.Facts, fact => fact.Value == "6 entries");
        Assert.DoesNotContain("example.com", JsonSerializer.Serialize(begun), StringComparison.Ordinal);
        Assert.Equal(["EscrowGrowing Begun"], fixture.Told());
        foreach (int number in Enumerable.Range(7, 5))
            fixture.SetPhone(number, "call me");
        await fixture.RunAfterAsync(s_hour);
        Assert.Empty(fixture.Told());
        fixture.SetPhone(12, "call me");
        await fixture.RunAfterAsync(s_hour);
        Assert.Equal(["EscrowGrowing Continuing"], fixture.Told());

        foreach (int number in Enumerable.Range(1, 12))
            fixture.SetPhone(number, $"+34 94{number:D7}");
        await fixture.RunAfterAsync(TimeSpan.FromDays(2));
        Assert.Equal(["EscrowGrowing Over"], fixture.Told());
    }

    [Fact]
    public async Task A_credential_is_told_of_30_7_and_1_days_before_and_when_it_has_run_out()
    {
        await using var fixture = new NotificationFixture(settings: settings =>
            settings with
            {
                Schedule = null,
                Secrets = new JobSecrets(
                    new SecretPlace(SecretFrom.Environment, "TRAVELPERK_API_KEY") { Expires = new DateOnly(2026, 4, 10) }
                ),
            }
        );
        List<string> told = [];
        for (int day = 0; day <= 45; day++)
        {
            await fixture.CheckAsync();
            told.AddRange(fixture.Channels.Delivered.Select(d => $"{fixture.Time.GetUtcNow():MM-dd} {d.Notification.Title}"));
            fixture.Told();
            fixture.Time.Advance(TimeSpan.FromDays(1));
        }

        Assert.Equal(
            [
                "03-11 contoso: the API key of TravelPerk runs out in 30 days",
                "04-03 contoso: the API key of TravelPerk runs out in 7 days",
                "04-09 contoso: the API key of TravelPerk runs out in 1 day",
                "04-10 contoso: the API key of TravelPerk has run out",
            ],
            told
        );
        fixture.Change(settings =>
            settings with
            {
                Secrets = new JobSecrets(settings.Secrets!.TravelPerk! with { Expires = new DateOnly(2027, 4, 10) }),
            }
        );
        await fixture.CheckAsync();
        Assert.Equal("contoso: the API key of TravelPerk was renewed", Assert.Single(fixture.Channels.Delivered).Notification.Title);
    }

    [Fact]
    public async Task No_cycle_for_three_intervals_is_told_also_before_the_first_and_only_a_cycle_ends_it()
    {
        await using var fixture = new NotificationFixture();
        fixture.Time.Advance(TimeSpan.FromMinutes(181));
        await fixture.CheckAsync();
        Assert.Equal("contoso: no cycle yet", Assert.Single(fixture.Channels.Delivered).Notification.Title);
        Assert.Equal(["NoCycle Begun"], fixture.Told());
        fixture.Change(settings => settings with { LogRetentionDays = 10 });
        await fixture.CheckAsync();
        Assert.Empty(fixture.Told());

        await fixture.RunAfterAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(["NoCycle Over"], fixture.Told());
    }

    [Fact]
    public async Task A_notification_says_which_account_of_which_machine_sent_it()
    {
        await using var fixture = new NotificationFixture();
        await fixture.RunAsync();
        await fixture.RunAfterAsync(s_hour, s_refused);

        Assert.Contains(
            new NotificationFact("Sent by", $"{Environment.UserName} on {Environment.MachineName}"),
            Assert.Single(fixture.Channels.Delivered).Notification.Facts
        );
    }

    [Theory]
    [InlineData(2, 1.0, 3, "3 disables and deletes are more than the 2 that the job allows in a cycle")]
    [InlineData(
        100,
        0.25,
        8,
        "8 disables and deletes are more than 25 % of the 20 enabled users and linked groups, the job's limit for a cycle"
    )]
    [InlineData(100, 1.0, 20, "they would leave no user in scope of the 20 enabled users")]
    public async Task Staged_disables_are_told_with_the_limit_that_they_exceed(int threshold, double share, int leavers, string why)
    {
        await using var fixture = new NotificationFixture(settings: settings =>
            settings with
            {
                DeleteThreshold = threshold,
                DeleteThresholdShare = share,
            }
        );
        await fixture.RunAsync();
        // A file without users is refused; a scope that lets no user in is not.
        if (leavers == fixture.People.Count)
            LetNoUserIn(fixture.Job);
        else
            fixture.People.RemoveRange(0, leavers);
        await fixture.RunAfterAsync(s_hour);

        Assert.Contains($"because {why}.", Assert.Single(fixture.Channels.Delivered).Notification.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Users_who_were_disabled_before_do_not_count_in_the_share_that_staged_disables_exceed()
    {
        await using var fixture = new NotificationFixture(settings: settings =>
            settings with
            {
                DeleteThreshold = 100,
                DeleteThresholdShare = 0.5,
            }
        );
        await fixture.RunAsync();
        fixture.People.RemoveRange(0, 10);
        await fixture.RunAsync();
        fixture.People.RemoveRange(0, 6);
        await fixture.RunAfterAsync(s_hour);

        Assert.Contains(
            "because 6 disables and deletes are more than 50 % of the 10 enabled users and linked groups, the job's limit for a cycle.",
            Assert.Single(fixture.Channels.Delivered).Notification.Text,
            StringComparison.Ordinal
        );
    }

    private static void LetNoUserIn(ProvisioningJob job)
    {
        SynchronizationSchema mapping = job.ReadMapping();
        mapping.UserMapping.Scope = new ScopeFilter();
        foreach (FilterGroup group in ScopeText.Parse("userPrincipalName EQUALS 'none@example.com'", mapping))
            mapping.UserMapping.Scope.Groups.Add(group);
        job.SaveMapping(mapping);
    }

    [Fact]
    public async Task A_source_with_an_entry_that_cannot_be_read_is_told_after_two_cycles_and_when_it_is_read_whole_again()
    {
        await using var fixture = new NotificationFixture();
        await fixture.RunAsync();
        JsonNode id = fixture.People[4]["id"]!.DeepClone();
        fixture.People[4]["id"] = new JsonObject();

        await fixture.RunAsync();

        Assert.Equal((CycleState.Incomplete, JobConcern.SourceIncomplete), (fixture.Status.LastCycle!.State, fixture.Status.Concern));
        Assert.StartsWith("1 entry of the source could not be read (line ", fixture.Status.LastCycle.Message, StringComparison.Ordinal);
        var run = ProvisioningRunResult.Of(fixture.Status, firstFailure: null);
        Assert.Equal((ProvisioningRunState.Incomplete, 2), (run.State, run.ExitCode));
        Assert.Empty(fixture.Told());
        await fixture.RunAsync();
        Notification told = Assert.Single(fixture.Channels.Delivered).Notification;
        Assert.Equal("contoso: the source cannot be read whole", told.Title);
        Assert.Equal(["SourceIncomplete Begun"], fixture.Told());
        Assert.Equal(20, fixture.Sandbox.Users.Count(user => (bool)user["active"]!));

        fixture.People[4]["id"] = id;
        await fixture.RunAsync();

        Assert.Equal(["SourceIncomplete Over"], fixture.Told());
        Assert.Equal((CycleState.Succeeded, JobConcern.None), (fixture.Status.LastCycle!.State, fixture.Status.Concern));
    }

    [Fact]
    public async Task A_source_file_that_is_no_longer_written_is_told_once_and_when_it_is_new_again()
    {
        await using var fixture = new NotificationFixture(settings: settings =>
            settings with
            {
                Schedule = settings.Schedule! with { Interval = JobSchedule.LongestInterval },
            }
        );
        await fixture.RunAsync();
        DateTimeOffset written = fixture.Time.GetUtcNow();
        for (int day = 1; day <= 10; day++)
        {
            Assert.False(fixture.Status.IsSourceStale && day <= 8);
            fixture.Time.Advance(TimeSpan.FromDays(1));
            await fixture.CheckAsync();
        }
        Assert.True(fixture.Status.IsSourceStale);
        Assert.Equal(
            "contoso: the source file was not written since 2026-03-02 08:00 UTC",
            Assert.Single(fixture.Channels.Delivered).Notification.Title
        );
        Assert.Equal(["SourceStale Begun"], fixture.Told());

        await fixture.RunAsync();

        Assert.False(fixture.Status.IsSourceStale);
        Assert.Equal(["SourceStale Over"], fixture.Told());
        fixture.Change(settings => settings with { Notifications = settings.Notifications! with { SourceStaleAfter = TimeSpan.Zero } });
        fixture.Time.Advance(TimeSpan.FromHours(2));
        File.SetLastWriteTimeUtc(fixture.SourcePath, written.AddDays(-100).UtcDateTime);
        await fixture.CheckAsync();
        Assert.Empty(fixture.Told());
    }

    [Fact]
    public async Task No_cycle_is_told_with_the_error_that_the_last_run_ended_with()
    {
        await using var fixture = new NotificationFixture();
        await fixture.RunAsync();
        fixture.Time.Advance(TimeSpan.FromHours(2));
        Assert.Null(ProvisioningStatus.NoteRunFailure(fixture.Job, "SecretMissing", "The key is gone.", fixture.Time.GetUtcNow()));
        fixture.Time.Advance(TimeSpan.FromHours(2));
        Assert.Null(ProvisioningStatus.NoteRunFailure(fixture.Job, "SecretMissing", "The key is gone.", fixture.Time.GetUtcNow()));
        await fixture.CheckAsync();

        Notification none = Assert.Single(fixture.Channels.Delivered).Notification;
        Assert.Contains("ended before its cycle began: The key is gone.", none.Text, StringComparison.Ordinal);
        Assert.Contains(new NotificationFact("Runs fail since", "2026-03-02 10:00 UTC"), none.Facts);
        Assert.Equal("SecretMissing", fixture.Status.RunFailure!.ErrorId);

        await fixture.RunAfterAsync(TimeSpan.FromMinutes(1));
        Assert.Null(fixture.Status.RunFailure);
    }

    [Fact]
    public async Task A_change_of_other_settings_does_not_hide_that_no_cycle_comes()
    {
        await using var fixture = new NotificationFixture(settings: settings =>
            settings with
            {
                Schedule = settings.Schedule! with { Since = NotificationFixture.Start },
            }
        );
        fixture.Time.Advance(TimeSpan.FromMinutes(181));
        Assert.True(fixture.Status.IsOverdue);

        fixture.Change(settings => settings with { LogRetentionDays = 10 });

        Assert.True(fixture.Status.IsOverdue);
    }

    [Fact]
    public async Task A_digest_comes_daily_at_its_time_and_one_for_all_that_were_missed()
    {
        await using var fixture = new NotificationFixture(
            new JobNotifications
            {
                Channels = [NotificationFixture.Teams],
                Digest = DigestFrequency.Daily,
                DigestAt = new TimeOnly(7, 0),
            }
        );
        await fixture.RunAsync();
        Assert.Empty(fixture.Told());
        fixture.Time.SetUtcNow(NotificationFixture.Start.AddHours(22).AddMinutes(59));
        await fixture.CheckAsync();
        Assert.DoesNotContain("Digest Report", fixture.Told());
        fixture.Time.Advance(TimeSpan.FromMinutes(2));
        fixture.People[0]["jobTitle"] = "Head of Travel";
        await fixture.RunAsync();

        Notification digest = Assert.Single(fixture.Channels.Delivered, d => d.Notification.Rule == NotificationRule.Digest).Notification;
        Assert.Equal("contoso: 1 cycle, 1 updated", digest.Title);
        fixture.Told();
        fixture.Time.Advance(TimeSpan.FromDays(3));
        await fixture.RunAsync();
        await fixture.CheckAsync();
        Assert.Single(fixture.Told(), told => told == "Digest Report");
    }

    [Fact]
    public async Task A_job_that_is_off_tells_nothing_but_the_digest()
    {
        await using var fixture = new NotificationFixture(
            new JobNotifications { Channels = [NotificationFixture.Teams], Digest = DigestFrequency.Weekly },
            settings => settings with { Schedule = new JobSchedule { On = false } }
        );
        await fixture.RunAsync(s_refused);
        for (int day = 0; day < 7; day++)
        {
            fixture.Time.Advance(TimeSpan.FromDays(1));
            await fixture.CheckAsync();
        }

        Assert.Contains("The job is Off", Assert.Single(fixture.Channels.Delivered).Notification.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_and_goes_is_told_three_times_a_day_at_most_and_the_last_says_so()
    {
        await using var fixture = new NotificationFixture();
        await fixture.RunAsync();
        for (int time = 0; time < 6; time++)
        {
            await fixture.RunAfterAsync(TimeSpan.FromMinutes(10), s_mapping);
            await fixture.RunAfterAsync(TimeSpan.FromMinutes(10), s_mapping);
            await fixture.RunAfterAsync(TimeSpan.FromMinutes(10));
        }

        Notification last = fixture.Channels.Delivered[^1].Notification;
        Assert.Equal("contoso: 2 cycles in a row failed; no more of this until 2026-03-03 08:50 UTC", last.Title);
        Assert.Contains("until 2026-03-03 08:50 UTC", last.Text, StringComparison.Ordinal);
        Assert.Equal(["CycleFailing Begun", "CycleFailing Over", "CycleFailing Begun"], fixture.Told());
        // What was told last was that it is there, and it is not: that is told when the quiet is over.
        await fixture.RunAfterAsync(TimeSpan.FromHours(20));
        Assert.DoesNotContain("CycleFailing Over", fixture.Told());
        await fixture.RunAfterAsync(TimeSpan.FromHours(5));
        Assert.Contains("CycleFailing Over", fixture.Told());
    }

    [Theory]
    [InlineData(
        "20 entries in a row failed, the last one with: user7@example.com: phone 'call me' is refused. The cycle was stopped.",
        "20 entries in a row failed."
    )]
    [InlineData("The manager anna.berg@contoso.com of omar@contoso.com is not there.", "The manager (a user) of (a user) is not there.")]
    [InlineData(null, "No reason is known.")]
    public void A_reason_names_no_user(string? message, string told) => Assert.Equal(told, Words.Reason(message));

    [Fact]
    public void A_path_can_be_pasted()
    {
        string folder = Path.Combine(Directory.CreateTempSubdirectory("o'brien ").FullName, "job");
        var job = ProvisioningJob.Create(
            folder,
            new JobSettings
            {
                Source = new JobSource(JobSourceType.File, "users.json"),
                Target = new Uri("https://app.travelperk.com/scim/v2"),
            },
            SynchronizationSchema.Default
        );

        Assert.Equal(
            $"Get-ProvisioningStatus '{folder.Replace("'", "''", StringComparison.Ordinal)}'",
            Words.Command(job, "Get-ProvisioningStatus")
        );
        Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
    }
}

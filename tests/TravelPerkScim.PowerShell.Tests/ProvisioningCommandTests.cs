using System.Diagnostics;
using System.Text.RegularExpressions;

namespace TravelPerkScim.PowerShell.Tests;

/// <summary>Jobs, mappings and cycles as a user at a prompt meets them.</summary>
public sealed class ProvisioningCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("jobs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_job_goes_from_file_to_travelperk_in_two_commands()
    {
        using Session session = WithJob(users: 5);

        PSObject[] outcomes = [.. session.Run("Invoke-Provisioning contoso")];

        Assert.Equal(5, outcomes.Length);
        Assert.All(outcomes, o => Assert.Equal(("Create", "Success"), (Text(o, "Action"), Text(o, "Status"))));
        Assert.Equal(5, session.Value<int>("$sandbox.UserCount"));
        Assert.Empty(session.Run("Invoke-Provisioning contoso"));
        Assert.Equal(
            ["Incremental", "Initial"],
            session.Run("(Get-ProvisioningStatus contoso).Cycles | ForEach-Object Kind").Select(k => k.ToString())
        );
    }

    [Fact]
    public void A_plan_that_another_cycle_made_outdated_is_made_again()
    {
        using Session session = WithJob(users: 5);

        // The first request is told while the cycle is planned; the other cycle runs before it can be applied.
        PSObject[] outcomes =
        [
            .. session.Run(
                """
                $script:overtaken = $false
                Invoke-Provisioning contoso -Verbose 4>&1 | ForEach-Object {
                    if (-not $script:overtaken) { $script:overtaken = $true; $null = Invoke-Provisioning contoso }
                    $_
                }
                """
            ),
        ];

        Assert.Contains(outcomes, o => Text(o, "Message")?.Contains("planned once more", StringComparison.Ordinal) == true);
        Assert.DoesNotContain(outcomes, o => Text(o, "Action") is not null);
        Assert.Equal((5, 5L), (session.Value<int>("$sandbox.UserCount"), session.Value<long>("$sandbox.WriteCount")));
    }

    [Fact]
    public void The_key_of_another_company_is_an_error_that_the_status_keeps()
    {
        using Session session = WithJob(users: 12);
        session.Run("Invoke-Provisioning contoso");
        session.Run(
            """
            $other = $sandbox.AddCompany()
            Connect-TravelPerk $other.GetApiKey() -BaseUri $sandbox.BaseUri
            Set-ScimMapping contoso title -Expression '"New"'
            """
        );

        ErrorRecord error = session.Fail("Invoke-Provisioning contoso");

        Assert.StartsWith("TargetIsAnother,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(
            "another company",
            session.Value<string>("(Get-ProvisioningStatus contoso).LastCycle.Message"),
            StringComparison.Ordinal
        );
        Assert.Equal(0, session.Value<int>("$other.UserCount"));
    }

    [Fact]
    public void WhatIf_gives_the_plan_and_writes_nothing_anywhere()
    {
        using Session session = WithJob(users: 5);

        PSObject[] operations = [.. session.Run("Invoke-Provisioning contoso -WhatIf")];

        Assert.Equal(5, operations.Length);
        Assert.All(operations, o => Assert.Equal("TravelPerkScim.Provisioning.Model.ProvisioningOperation", o.TypeNames[0]));
        Assert.Equal(0L, session.Value<long>("$sandbox.WriteCount"));
        Assert.Equal(
            ["job.json", "mapping.json"],
            Directory.GetFileSystemEntries(Path.Combine(_folder, "contoso")).Select(Path.GetFileName).Order()
        );
        Assert.Contains(
            "user1@example.com",
            session.Run("(Get-ProvisioningPlan contoso)[0].Changes | ForEach-Object NewValue").Select(v => v?.ToString())
        );
    }

    [Fact]
    public void The_job_at_the_current_location_needs_no_name_and_others_come_through_the_pipeline()
    {
        using Session session = WithJob(users: 2);

        Assert.Equal("contoso", Text(Assert.Single(session.Run("Get-ProvisioningJob")), "Name"));
        Assert.Equal(2, session.Run("Get-ProvisioningJob | Invoke-Provisioning").Count);
        Assert.Equal(
            "contoso",
            Text(
                Assert.Single(
                    session.Run(
                        "$null = $ExecutionContext.SessionState.Path.PushCurrentLocation(''); "
                            + "$null = $ExecutionContext.SessionState.Path.SetLocation('contoso'); "
                            + "Get-ProvisioningStatus; $null = $ExecutionContext.SessionState.Path.PopLocation('')"
                    )
                ),
                "Job"
            )
        );
    }

    [Fact]
    public void A_failed_entry_is_an_outcome_and_an_error_about_it_and_the_others_go_on()
    {
        using Session session = WithJob(
            users: 3,
            edit: (n, user) => n == 2 ? user.Replace("+34 930000002", "call me", StringComparison.Ordinal) : user
        );

        PSObject[] outcomes = [.. session.TryRun("Invoke-Provisioning contoso")];

        Assert.Equal(["Failure", "Success", "Success"], outcomes.Select(o => Text(o, "Status")).Order());
        ErrorRecord error = Assert.Single(session.Errors);
        Assert.StartsWith("InvalidValue,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("user2@example.com", error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal("user2@example.com", Text(PSObject.AsPSObject(error.TargetObject), "Identity"));
        Assert.Equal("user2@example.com", Text(Assert.Single(session.Run("Get-ProvisioningLog contoso -Status Failure")), "Identity"));
        Assert.Equal(2, session.Run("Get-ProvisioningLog contoso -Action Create -Status Success").Count);
        Assert.Single(session.Run("Get-ProvisioningLog contoso -Identity USER3@example.com"));
    }

    [Fact]
    public void A_mapping_is_shown_and_changed_and_a_wrong_change_leaves_it_as_it_was()
    {
        using Session session = WithJob(users: 1);
        Assert.Equal(19, session.Run("Get-ScimMapping contoso").Count);
        Assert.Equal(19, session.Run("Get-ScimMapping -Default").Count);
        Assert.Equal(5, session.Run("Get-ScimMapping contoso name.*, title").Count);

        session.Run("Set-ScimMapping contoso title -Expression 'Append([jobTitle], \"!\")'");
        Assert.Equal("Append([jobTitle], \"!\")", Text(Assert.Single(session.Run("Get-ScimMapping contoso title")), "Source"));
        Assert.Contains(
            "Title!",
            session.Run("(Get-ProvisioningPlan contoso).Changes | ForEach-Object NewValue").Select(v => v?.ToString())
        );

        foreach (
            string name in new[]
            {
                "costCenter",
                "'enterprise: costCenter'",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",
            }
        )
        {
            session.Run($"Set-ScimMapping contoso {name} -Constant {name}");
            Assert.Equal($"\"{name.Trim('\'')}\"", Text(Assert.Single(session.Run($"Get-ScimMapping contoso {name}")), "Source"));
        }

        string before = File.ReadAllText(Path.Combine(_folder, "contoso", "mapping.json"));
        foreach (
            (string change, string id) in new[]
            {
                ("title -SourceAttribute noSuchThing", "UnknownSourceAttribute"),
                ("nickName -SourceAttribute jobTitle", "UnknownTargetAttribute"),
                ("policyId -SourceAttribute jobTitle", "UnknownTargetAttribute"),
                ("userName -MatchingPriority 0", "NoMatchingAttribute"),
            }
        )
        {
            Assert.StartsWith(id + ",", session.Fail($"Set-ScimMapping contoso {change}").FullyQualifiedErrorId, StringComparison.Ordinal);
        }

        Assert.StartsWith(
            "MappingNotFound,",
            session.Fail("Set-ScimMapping contoso 'urn:x:displayName' -DefaultValue x").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.Equal(before, File.ReadAllText(Path.Combine(_folder, "contoso", "mapping.json")));
        session.Run("Set-ScimMapping contoso title -Constant Boss -WhatIf");
        Assert.Equal(before, File.ReadAllText(Path.Combine(_folder, "contoso", "mapping.json")));
    }

    [Fact]
    public void A_service_that_moved_keeps_its_links()
    {
        using Session session = WithJob(users: 3);
        session.Run(
            "$null = Invoke-Provisioning contoso; $script:moved = $sandbox.BaseUri.AbsoluteUri.Replace('127.0.0.1', "
                + "'localhost'); Connect-TravelPerk -ApiKey $sandbox.GetApiKey() -BaseUri $moved"
        );
        string advice = session.Fail("Invoke-Provisioning contoso").Exception.Message;
        Assert.Contains("-Target http://localhost:", advice, StringComparison.Ordinal);

        string command = Regex.Match(advice, "Set-ProvisioningJob '.+' -Target [^ ]+").Value;
        string warning = Assert.Single(session.Run($"{command} 3>&1")).ToString();

        Assert.Contains("3 links", warning, StringComparison.Ordinal);
        Assert.Contains("verifies every linked user", warning, StringComparison.Ordinal);
        Assert.Empty(session.Run("Invoke-Provisioning contoso"));
        Assert.Equal(3L, session.Value<long>("(Get-ProvisioningStatus contoso).LinkedUsers"));
    }

    [Theory]
    [InlineData("https://app.travelperk.com/api/v2/scim", "https://app.perk.com/api/v2/scim/", "same TravelPerk")]
    [InlineData("https://app.sandbox-perk.com/api/v2/scim", "https://app.sandbox-travelperk.com/api/v2/scim", "same TravelPerk")]
    [InlineData(
        "https://app.sandbox-perk.com/api/v2/scim",
        "https://app.perk.com/api/v2/scim",
        "right only when both are the same service"
    )]
    [InlineData("https://app.perk.com/api/v2/scim", "https://app.perk.com:8443/api/v2/scim", "right only when both are the same service")]
    public void Host_names_of_one_service_are_known(string from, string to, string said)
    {
        using Session session = WithJob(users: 1);
        session.Run("$null = Invoke-Provisioning contoso; $null = Set-ProvisioningJob contoso -Target $args[0] 3>$null", from);

        string warning = Assert.Single(session.Run("Set-ProvisioningJob contoso -Target $args[0] 3>&1", to)).ToString();

        Assert.Contains(said, warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_change_and_a_job_is_removed_without_another_change()
    {
        using Session session = WithJob(users: 1);
        File.WriteAllText(Path.Combine(_folder, "contoso", "notes.txt"), "mine");

        Assert.Equal(
            "20",
            session.Run("(Set-ProvisioningJob contoso -DeleteThreshold 20 -PassThru).Settings.DeleteThreshold")[0].ToString()
        );
        Assert.Contains(
            "\"deleteThreshold\": 20",
            File.ReadAllText(Path.Combine(_folder, "contoso", "job.json")),
            StringComparison.Ordinal
        );
        session.Run("Invoke-Provisioning contoso");
        session.Run("Remove-ProvisioningJob contoso -WhatIf");
        Assert.Single(session.Run("Get-ProvisioningJob"));
        session.Run("Remove-ProvisioningJob contoso -Confirm:$false");
        Assert.Equal(["notes.txt"], Directory.GetFileSystemEntries(Path.Combine(_folder, "contoso")).Select(Path.GetFileName));
        Assert.Equal(1, session.Value<int>("$sandbox.UserCount"));
    }

    [Theory]
    [InlineData("", "SourceFileEmpty")]
    [InlineData("name,colour\nAnna,red\n", "SourceColumnsMissing")]
    [InlineData("\u0089PNG\r\n\u001a\n", "SourceFormatUnknown")]
    public void A_file_that_is_no_directory_is_one_error_and_the_job_stays_usable(string content, string errorId)
    {
        using Session session = WithJob(users: 2);
        session.Run("Invoke-Provisioning contoso");
        File.WriteAllText(Path.Combine(_folder, "odd.csv"), content);

        session.Run("Set-ProvisioningJob contoso -Source odd.csv");
        Assert.StartsWith(errorId + ",", session.Fail("Invoke-Provisioning contoso").FullyQualifiedErrorId, StringComparison.Ordinal);

        session.Run("Set-ProvisioningJob contoso -Source users.json");
        Assert.Empty(session.Run("Invoke-Provisioning contoso"));
    }

    [Theory]
    [InlineData("HtmlInsteadOfJson", "NotScimService")]
    [InlineData("EnormousBody", "ResponseTooLarge")]
    [InlineData("TruncatedJson", "ResponseTruncated")]
    public void A_missing_answer_is_one_error_in_time_and_the_job_stays_usable(string behavior, string errorId)
    {
        using Session session = WithJob(users: 8);
        long started = Stopwatch.GetTimestamp();

        session.Run($"$sandbox.SetBehavior('{behavior}', $true)");
        Assert.StartsWith(errorId + ",", session.Fail("Invoke-Provisioning contoso").FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(100));

        session.Run($"$sandbox.SetBehavior('{behavior}', $false)");
        Assert.Equal(8, session.Run("Invoke-Provisioning contoso").Count);
    }

    [Fact]
    public void A_missing_job_source_or_connection_is_named_with_the_way_out()
    {
        using Session session = WithJob(users: 1);
        foreach (
            (string script, string id, string wayOut) in new[]
            {
                ("Get-ProvisioningStatus nowhere", "JobNotFound", "New-ProvisioningJob"),
                ("New-ProvisioningJob contoso users.json", "JobExists", "Set-ProvisioningJob"),
                ("New-ProvisioningJob other missing.csv", "SourceFileMissing", "-Source"),
                ("New-ProvisioningJob other users.json -Target http://example.com", "InsecureUri", "https://"),
                ("New-ProvisioningJob other users.json -Target example.com", "InvalidUri", "https://"),
                ("Set-ProvisioningJob contoso -Target example.com", "InvalidUri", "https://"),
                ("New-ProvisioningJob variable:other users.json", "NotFileSystemPath", "file system"),
                ("New-ProvisioningJob other users.json -Mapping users.json", "MappingSchemaInvalid", "schema"),
                ("Disconnect-TravelPerk; Get-ProvisioningPlan contoso", "NotConnected", "Connect-TravelPerk"),
                ("New-ProvisioningJob other users.json", "TargetMissing", "Connect-TravelPerk"),
                (
                    "[IO.File]::WriteAllText(\"$PWD/contoso/job.json\", '{ \"source\": 5 }'); Get-ProvisioningStatus contoso",
                    "JobSettingsInvalid",
                    "job.json"
                ),
            }
        )
        {
            ErrorRecord error = session.Fail(script);
            Assert.StartsWith(id + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Contains(wayOut, error.Exception.Message, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(Path.Combine(_folder, "other")));
    }

    [Fact]
    public void A_wrong_key_and_an_unreachable_host_are_one_error_each()
    {
        using Session session = WithJob(users: 8);
        session.Run("param($key) Connect-TravelPerk $key -BaseUri $sandbox.BaseUri", Session.Secret("wrong-key"));
        ErrorRecord refused = session.Fail("Invoke-Provisioning contoso");
        Assert.Equal(
            ("Unauthorized", ErrorCategory.AuthenticationError),
            (refused.FullyQualifiedErrorId.Split(',')[0], refused.CategoryInfo.Category)
        );

        session.Run("$sandbox | Connect-TravelPerk; $sandbox | Stop-ScimSandbox");
        using System.Management.Automation.PowerShell shell = session.Create("Invoke-Provisioning contoso");
        IAsyncResult running = shell.BeginInvoke();
        Assert.True(running.AsyncWaitHandle.WaitOne(TimeSpan.FromSeconds(60)));
        shell.EndInvoke(running);
        Assert.StartsWith("Unreachable,", Assert.Single(shell.Streams.Error).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stopped_cycle_ends_within_a_second_and_the_next_cycle_continues()
    {
        CapturingHost host = new();
        using Session session = WithJob(users: 400, start: "-RateLimit 100", host: host);
        using (System.Management.Automation.PowerShell shell = session.Create("Invoke-Provisioning contoso"))
        using (PSDataCollection<PSObject> outcomes = [])
        using (ManualResetEventSlim some = new())
        {
            outcomes.DataAdded += (_, added) =>
            {
                if (added.Index == 20)
                    some.Set();
            };
            IAsyncResult running = shell.BeginInvoke<PSObject, PSObject>(null, outcomes);
            Assert.True(some.Wait(TimeSpan.FromSeconds(60)));
            long started = Stopwatch.GetTimestamp();
            shell.Stop();
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(1), "Stop took longer than a second.");
            Assert.Throws<PipelineStoppedException>(() => shell.EndInvoke(running));
        }

        Assert.Matches(
            "WARNING: The cycle of 'contoso' was stopped after [0-9]+ of 400 outcomes, 0 of them failures[.] "
                + "Some more operations may have been done, and Get-ProvisioningLog lists what was done[.] The next cycle continues",
            host.Shown
        );
        int before = session.Value<int>("$sandbox.UserCount");
        Assert.InRange(before, 20, 399);
        Assert.Equal("Stopped", session.Run("(Get-ProvisioningStatus contoso).LastCycle.State")[0].ToString());
        Assert.Empty(session.Run("Invoke-Provisioning contoso | Where-Object Status -NE Success"));
        Assert.Equal(400, session.Value<int>("$sandbox.UserCount"));
    }

    [Fact]
    public void Departures_over_the_threshold_are_staged_with_a_warning_that_names_the_approval()
    {
        using Session session = WithJob(users: 20);
        session.Run("Invoke-Provisioning contoso");
        Write(12);

        using System.Management.Automation.PowerShell shell = session.Create("Invoke-Provisioning contoso");
        PSObject[] staged = [.. shell.Invoke()];

        Assert.Equal(8, staged.Count(o => Text(o, "Status") == "Staged"));
        // A list of lines that lost eight may have been cut off, which is told beside what is staged for it.
        Assert.Collection(
            shell.Streams.Warning.OrderByDescending(warning => warning.Message.Contains("-ApproveCycle", StringComparison.Ordinal)),
            staging => Assert.Contains("-ApproveCycle", staging.Message, StringComparison.Ordinal),
            shorter => Assert.Contains("8 fewer than in the last cycle", shorter.Message, StringComparison.Ordinal)
        );
        Assert.Contains(
            $"waits for -ApproveCycle {session.Run("(Get-ProvisioningStatus contoso).Quarantine.CycleId")[0]}",
            session.Value<string>("(Get-ProvisioningStatus contoso).Quarantine.ToString()"),
            StringComparison.Ordinal
        );
        Assert.Equal(
            8,
            session
                .Run(
                    "Invoke-Provisioning contoso -ApproveCycle (Get-ProvisioningStatus "
                        + "contoso).Quarantine.CycleId | Where-Object Status -EQ Success"
                )
                .Count
        );
    }

    [Fact]
    public void Each_staging_cycle_is_named_with_the_operations_that_its_approval_releases()
    {
        using Session session = WithJob(users: 20);
        session.Run("$null = Invoke-Provisioning contoso");
        // One leaver's name goes to another person: a takeover beside the disables.
        Write(
            12,
            (n, user) =>
                n > 1
                    ? user
                    : user.Replace("000000000001", "000000000099", StringComparison.Ordinal)
                        .Replace("Given1", "Another", StringComparison.Ordinal)
        );
        session.Run("$null = Invoke-Provisioning contoso");
        string first = session.Run("(Get-ProvisioningStatus contoso).Staged.CycleId")[0].ToString()!;
        Write(
            11,
            (n, user) =>
                n > 1
                    ? user
                    : user.Replace("000000000001", "000000000099", StringComparison.Ordinal)
                        .Replace("Given1", "Another", StringComparison.Ordinal)
        );

        using System.Management.Automation.PowerShell shell = session.Create("Invoke-Provisioning contoso");
        shell.Invoke();

        string[] lines =
        [
            .. session.Run("(Get-ProvisioningStatus contoso).Staged | ForEach-Object { \"$_\" }").Select(line => line.ToString()!),
        ];
        Assert.Equal(2, lines.Length);
        Assert.EndsWith(" approves 1 disable", lines[0], StringComparison.Ordinal);
        Assert.Equal($"-ApproveCycle {first} approves 9 disables and 1 takeover", lines[1]);
        string warning = Assert
            .Single(shell.Streams.Warning, w => w.Message.Contains("disables and deletes are staged", StringComparison.Ordinal))
            .Message;
        Assert.Contains("1 takeover is staged", warning, StringComparison.Ordinal);
        Assert.All(lines, line => Assert.Contains($"Invoke-Provisioning {line.Split(" approves")[0]}", warning, StringComparison.Ordinal));
        Assert.Contains(
            lines[1],
            session.Value<string>("Get-ProvisioningStatus contoso | Out-String -Width 500"),
            StringComparison.Ordinal
        );
        Assert.Equal(9, session.Run($"Invoke-Provisioning contoso -ApproveCycle {first} | Where-Object Status -EQ Success").Count);
    }

    [Theory]
    [InlineData("Set-ScimMapping contoso title", "NothingToSet")]
    [InlineData("Reset-ProvisioningJob contoso -Scope 0", "NothingToReset")]
    public void A_command_without_a_change_is_an_error_that_names_the_parameters(string command, string errorId)
    {
        using Session session = WithJob(users: 1);
        using System.Management.Automation.PowerShell shell = session.Create(command);
        shell.Invoke();

        Assert.StartsWith(errorId, Assert.Single(shell.Streams.Error).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_scheduled_cycle_waits_out_a_quarantine_and_one_by_hand_does_not()
    {
        using Session session = WithJob(users: 8);
        session.Run(
            "$sandbox.SetBehavior('HtmlInsteadOfJson', $true); "
                + "try { Invoke-Provisioning contoso -ErrorAction Stop } catch { }; $sandbox.SetBehavior('HtmlInsteadOfJson', $false)"
        );
        Assert.Equal("EncounteredQuarantineException", session.Run("(Get-ProvisioningStatus contoso).Quarantine.Reason")[0].ToString());
        long requests = session.Value<long>("$sandbox.RequestCount");

        using (System.Management.Automation.PowerShell shell = session.Create("Invoke-Provisioning contoso -Scheduled"))
        {
            Assert.Empty(shell.Invoke());
            Assert.Contains("quarantine until", Assert.Single(shell.Streams.Warning).Message, StringComparison.Ordinal);
        }
        Assert.Equal(requests, session.Value<long>("$sandbox.RequestCount"));
        Assert.Equal(8, session.Run("Invoke-Provisioning contoso").Count);
        Assert.True(session.Value<bool>("$null -eq (Get-ProvisioningStatus contoso).Quarantine"));
        Assert.Empty(session.Run("Invoke-Provisioning contoso -Scheduled -WarningVariable warned; $warned"));
    }

    [Fact]
    public void A_confirmation_counts_sent_and_held_operations_apart()
    {
        CapturingHost host = new();
        using Session session = WithJob(users: 20, host: host);
        session.Run("$null = Invoke-Provisioning contoso");
        Write(
            12,
            (n, user) =>
                n switch
                {
                    1 => user.Replace("+34 930000001", "call me", StringComparison.Ordinal),
                    2 => user.Replace("\"Title\"", "\"Boss\"", StringComparison.Ordinal),
                    _ => user,
                }
        );

        session.Run("$null = Invoke-Provisioning contoso -WhatIf");

        Assert.Contains("Incremental cycle: 1 Update, 1 with a problem, 8 staged on", host.Shown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_takeover_by_another_person_needs_an_approval()
    {
        using Session session = WithJob(users: 3);
        session.Run("$null = Invoke-Provisioning contoso");
        Write(
            3,
            (n, user) =>
                n > 1
                    ? user
                    : user.Replace("000000000001", "000000000099", StringComparison.Ordinal)
                        .Replace("Given1", "Another", StringComparison.Ordinal)
        );

        string planned = session.Value<string>("Get-ProvisioningPlan contoso | Where-Object Drift -EQ Takeover | ForEach-Object Detail");
        using System.Management.Automation.PowerShell shell = session.Create("Invoke-Provisioning contoso");
        PSObject[] outcomes = [.. shell.Invoke()];

        Assert.StartsWith("Staged: ", planned, StringComparison.Ordinal);
        Assert.Contains("000000000001", planned, StringComparison.Ordinal);
        Assert.Equal(
            ["Disable Success", "Update Staged"],
            outcomes.Select(o => $"{Text(o, "Action")} {Text(o, "Status")}").Order(StringComparer.Ordinal)
        );
        Assert.Contains(shell.Streams.Warning, w => w.Message.Contains("-ApproveCycle", StringComparison.Ordinal));
        Assert.Equal("Given1", session.Value<string>("(Get-ScimUser user1@example.com).GivenName"));
        Assert.Equal(
            1,
            session.Value<int>(
                "@(Get-ProvisioningLog contoso | Where-Object Status -EQ Staged | Where-Object Reason -Match 'user1@example.com').Count"
            )
        );
        string cycle = session.Run("(Get-ProvisioningStatus contoso).Quarantine.CycleId")[0].ToString()!;
        Assert.Equal(
            $"TakeoversStaged, waits for -ApproveCycle {cycle}",
            session.Value<string>("(Get-ProvisioningStatus contoso).Quarantine.ToString()")
        );

        Assert.Equal("Success", session.Value<string>($"(Invoke-Provisioning contoso -ApproveCycle {cycle}).Status.ToString()"));

        Assert.Equal("Another", session.Value<string>("(Get-ScimUser user1@example.com).GivenName"));
        Assert.Empty(session.Run("Invoke-Provisioning contoso"));
    }

    [Fact]
    public void A_file_with_a_fault_on_every_line_gives_few_warnings()
    {
        using Session session = WithJob(users: 1);
        File.WriteAllLines(
            Path.Combine(_folder, "users.csv"),
            Enumerable.Range(1, 500).Select(n => $"{n},user{n}@example.com,Anna").Prepend("id,userPrincipalName,givenName,surname")
        );

        using System.Management.Automation.PowerShell shell = session.Create(
            "Set-ProvisioningJob contoso -Source users.csv; Get-ProvisioningPlan contoso"
        );
        Assert.Empty(shell.Invoke());
        Assert.Empty(shell.Streams.Error);

        string[] warnings = [.. shell.Streams.Warning.Select(w => w.Message)];
        Assert.Equal(12, warnings.Length);
        Assert.StartsWith("line 2:", warnings[0], StringComparison.Ordinal);
        Assert.Contains("-Verbose", warnings[10], StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_names_the_user_once_and_a_log_shows_the_time()
    {
        CapturingHost host = new();
        using Session session = WithJob(
            users: 1,
            edit: (_, user) => user.Replace("+34 930000001", "call me", StringComparison.Ordinal),
            host: host
        );

        session.TryRun("Get-ProvisioningPlan contoso | Out-Default");
        Assert.Contains("Problem: 'phone", host.Shown, StringComparison.Ordinal);
        session.TryRun("$null = Invoke-Provisioning contoso; Get-ProvisioningLog contoso | Out-Default");

        string log = host.Shown[host.Shown.IndexOf("Time", StringComparison.Ordinal)..];
        Assert.Matches(@"^Time +Action +Status +Identity +Detail", log);
        Assert.Matches(@"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d Create +Failure user1@example\.com +'phone", log);
    }

    [Fact]
    public void A_log_since_a_time_has_only_the_entries_from_then_on()
    {
        using Session session = WithJob(users: 1);
        session.Run("$null = Invoke-Provisioning contoso; $first = (Get-ProvisioningLog contoso).Time");
        Write(users: 2);
        session.Run("$null = Invoke-Provisioning contoso");

        Assert.Equal("user2@example.com", session.Value<string>("(Get-ProvisioningLog contoso -Since $first.AddMilliseconds(1)).Identity"));
        Assert.Equal(2, session.Value<int>("@(Get-ProvisioningLog contoso -Since $first).Count"));
        Assert.Equal(0, session.Value<int>("@(Get-ProvisioningLog contoso -Since (Get-Date).AddDays(1)).Count"));
    }

    private static string? Text(PSObject value, string property) => value.Properties[property]?.Value?.ToString();

    private Session WithJob(int users, Func<int, string, string>? edit = null, string start = "", CapturingHost? host = null)
    {
        Write(users, edit);
        var session = Session.WithSandbox(start, host);
        session.Run(
            "param($folder) $null = $ExecutionContext.SessionState.Path.SetLocation($folder); "
                + "$null = New-ProvisioningJob contoso users.json",
            _folder
        );
        return session;
    }

    private void Write(int users, Func<int, string, string>? edit = null) =>
        File.WriteAllLines(
            Path.Combine(_folder, "users.json"),
            Enumerable
                .Range(1, users)
                .Select(n =>
                    (edit ?? ((_, user) => user))(
                        n,
                        $$"""
                        {"id":"00000000-0000-4000-8000-{{n:D12}}","userPrincipalName":"user{{n}}@example.com","givenName":"Given{{n}}","surname":"Family{{n}}","accountEnabled":true,"jobTitle":"Title","businessPhones":["+34 93{{n:D7}}"]}
                        """
                    )
                )
        );
}

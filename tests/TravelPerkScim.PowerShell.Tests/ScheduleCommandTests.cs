using System.Text.Json.Nodes;

namespace TravelPerkScim.PowerShell.Tests;

/// <summary>A job that is left running: provisioning status, scheduled runs with their results and exit codes, and secrets that a job only
/// names the place of.</summary>
public sealed class ScheduleCommandTests : IDisposable
{
    private const string Run = "Invoke-Provisioning contoso -Scheduled -PassThru";

    private readonly string _folder = Directory.CreateTempSubdirectory("schedule-").FullName;
    private readonly string _variable = $"TRAVELPERK_TEST_{Guid.NewGuid():N}";

    private string JobFile => Path.Combine(_folder, "contoso", "job.json");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(_variable, null);
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_job_is_switched_on_and_off_and_keeps_its_interval()
    {
        CapturingHost host = new();
        using Session session = WithJob(host: host);
        string before = File.ReadAllText(JobFile);
        session.Run("Start-ProvisioningJob contoso -WhatIf; Stop-ProvisioningJob contoso -WhatIf");
        Assert.Equal(before, File.ReadAllText(JobFile));
        Assert.Contains("Switch the provisioning job On, every 00:40:00", host.Shown, StringComparison.Ordinal);
        Assert.Equal("Manual", session.Value<string>("(Get-ProvisioningStatus contoso).Status.ToString()"));

        Assert.Empty(session.Run("Start-ProvisioningJob contoso"));
        Assert.Equal("00:40:00", (string?)Schedule["interval"]);
        Assert.Equal(
            "True",
            session.Value<string>("(Start-ProvisioningJob contoso 00:10:00 -Jitter 00:00:30 -PassThru).Settings.Schedule.On.ToString()")
        );
        session.Run("Stop-ProvisioningJob contoso; Stop-ProvisioningJob contoso");
        Assert.Equal(("00:10:00", "00:00:30", false), ((string?)Schedule["interval"], (string?)Schedule["jitter"], (bool)Schedule["on"]!));
        session.Run(
            "Start-ProvisioningJob contoso; Get-ProvisioningJob contoso | Out-Default; Get-ProvisioningStatus contoso | Out-Default"
        );

        Assert.Equal(("00:10:00", true), ((string?)Schedule["interval"], (bool)Schedule["on"]!));
        Assert.Matches(@"contoso +On 00:10:00 +http", host.Shown);
        Assert.Matches(@"Status +: On, every 00:10:00, .*the next cycle is due now", host.Shown);
    }

    [Fact]
    public void A_secret_is_kept_in_the_protected_store_or_the_job_stays_as_it_was()
    {
        using Session session = WithJob();
        string before = File.ReadAllText(JobFile);
        const string Keep =
            "Set-ProvisioningJob contoso -SecretFrom Protected -SecretName travelperkscim-test -Secret $sandbox.GetApiKey()";

        session.Run(Keep + " -WhatIf");
        Assert.Equal(before, File.ReadAllText(JobFile));
        Assert.StartsWith(
            "SecretPlaceIncomplete,",
            session.Fail("Set-ProvisioningJob contoso -SecretFrom File -SecretPath key -Secret $sandbox.GetApiKey()").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        session.TryRun(Keep);

        // A server has no such store, and a desktop may be locked.
        if (session.Errors is [var error])
        {
            Assert.StartsWith("SecretUnreadable,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Equal(before, File.ReadAllText(JobFile));
            return;
        }
        AssertResult(session, Run, "Done", 0, "1 created");
    }

    [Theory]
    [InlineData("-Interval 40", "IntervalInvalid")]
    [InlineData("-Interval 00:00:59", "IntervalInvalid")]
    [InlineData("-Interval 32.00:00:00", "IntervalInvalid")]
    [InlineData("-Interval 00:10:00 -Jitter 00:06:00", "JitterInvalid")]
    public void An_interval_that_cannot_be_is_refused(string arguments, string errorId)
    {
        using Session session = WithJob();
        string before = File.ReadAllText(JobFile);

        Assert.StartsWith(
            errorId + ",",
            session.Fail($"Start-ProvisioningJob contoso {arguments}").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.Equal(before, File.ReadAllText(JobFile));
    }

    [Fact]
    public void A_scheduled_run_does_what_is_due_and_nothing_else()
    {
        using Session session = WithJob(users: 3);
        session.Run("Stop-ProvisioningJob contoso");
        Assert.Contains(
            "is Off",
            Assert.Single(session.Run("Invoke-Provisioning contoso -Scheduled -Verbose 4>&1")).ToString(),
            StringComparison.Ordinal
        );
        Assert.Equal(0, session.Value<int>("$sandbox.UserCount"));

        session.Run("Start-ProvisioningJob contoso");
        Assert.Equal(3, session.Run("Invoke-Provisioning contoso -Scheduled").Count);
        Write(5);
        Assert.Contains(
            "due at",
            Assert.Single(session.Run("Invoke-Provisioning contoso -Scheduled -Verbose 4>&1")).ToString(),
            StringComparison.Ordinal
        );
        Assert.Equal(3, session.Value<int>("$sandbox.UserCount"));

        // A full comparison has a time of its own, and a person always may.
        Assert.Equal(2, session.Run("Invoke-Provisioning contoso -Scheduled -Reconcile").Count);
        Write(6);
        Assert.Single(session.Run("Invoke-Provisioning contoso"));
    }

    [Fact]
    public void Each_state_of_a_run_is_one_result_and_never_an_error()
    {
        using Session session = WithJob(users: 8);
        session.Run("$ErrorActionPreference = 'Stop'");
        AssertResult(session, Run, "Done", 0, "8 created");
        session.Run("Start-ProvisioningJob contoso");
        AssertResult(session, Run, "NotDue", 0, "due at");
        session.Run("Stop-ProvisioningJob contoso");
        AssertResult(session, Run, "Off", 0, "Start-ProvisioningJob");
        RemoveSchedule();

        Write(9, (n, user) => n == 9 ? user.Replace("+34 930000009", "call me", StringComparison.Ordinal) : user);
        AssertResult(session, Run, "FailedEntries", 2, "The first: user9@example.com");
        Write(1);
        AssertResult(session, Run, "Staged", 3, "-ApproveCycle");
        using (
            new FileStream(Path.Combine(_folder, "contoso", "state.db.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None)
        )
        {
            AssertResult(session, Run, "Busy", 5, "under way");
        }
        AssertResult(session, "Invoke-Provisioning nothing -Scheduled -PassThru", "Failed", 1, "no job");
        Assert.Equal("JobNotFound", session.Value<string>("(Invoke-Provisioning nothing -Scheduled -PassThru).ErrorId"));

        session.Run("$sandbox.SetBehavior('HtmlInsteadOfJson', $true)");
        AssertResult(session, $"{Run} -Initial", "Failed", 1, "");
        session.Run("$sandbox.SetBehavior('HtmlInsteadOfJson', $false)");
        AssertResult(session, Run, "Quarantine", 4, "in quarantine until");
        session.Run("Disconnect-TravelPerk; Reset-ProvisioningJob contoso Quarantine");
        AssertResult(session, Run, "Failed", 1, "Set-ProvisioningJob -SecretFrom");
    }

    [Fact]
    public void A_result_of_WhatIf_says_what_would_be_done()
    {
        using Session session = WithJob(users: 3);

        AssertResult(session, $"{Run} -WhatIf", "Done", 0, "nothing was sent. Initial cycle: 3 Create");
        Assert.Equal(0, session.Value<int>("$sandbox.UserCount"));
        Assert.StartsWith(
            "PassThruNeedsScheduled,",
            session.Fail("Invoke-Provisioning contoso -PassThru").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_job_connects_with_the_secret_it_names_and_leaves_no_connection_behind()
    {
        using Session session = WithJob(users: 2);
        session.Run("Disconnect-TravelPerk");
        session.Run($"Set-ProvisioningJob contoso -SecretFrom Environment -SecretName {_variable}");
        AssertResult(session, Run, "Failed", 1, _variable);
        Assert.Equal("SecretMissing", session.Value<string>($"({Run}).ErrorId"));
        string key = Guid.NewGuid().ToString("N");
        Environment.SetEnvironmentVariable(_variable, key);
        AssertResult(session, Run, "Failed", 1, "");
        session.Run("Reset-ProvisioningJob contoso Quarantine");
        Environment.SetEnvironmentVariable(
            _variable,
            session.Value<string>("[System.Net.NetworkCredential]::new('', $sandbox.GetApiKey()).Password")
        );

        AssertResult(session, Run, "Done", 0, "2 created");
        Assert.Empty(session.Run("Get-TravelPerkConnection"));
        session.Run("Connect-TravelPerk -Job contoso");
        Assert.True(session.Value<bool>("Test-ScimConnection"));
        Assert.Equal(2, session.Run("Get-ScimUser").Count);
        Assert.DoesNotContain(Environment.GetEnvironmentVariable(_variable)!, File.ReadAllText(JobFile), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_and_a_vault_hold_the_secret_as_well()
    {
        using Session session = WithJob(users: 2);
        session.Run("Disconnect-TravelPerk");
        string file = Path.Combine(_folder, "key");
        File.WriteAllText(file, session.Value<string>("[System.Net.NetworkCredential]::new('', $sandbox.GetApiKey()).Password") + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
            session.Run("Set-ProvisioningJob contoso -SecretFrom File -SecretPath ./key");
            Assert.Equal("SecretExposed", session.Value<string>($"({Run}).ErrorId"));
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        session.Run("Set-ProvisioningJob contoso -SecretFrom File -SecretPath ./key");
        AssertResult(session, Run, "Done", 0, "2 created");
        Assert.Equal(file, (string?)JsonNode.Parse(File.ReadAllText(JobFile))!["secrets"]!["travelPerk"]!["path"]);

        session.Run("Set-ProvisioningJob contoso -SecretFrom Vault -SecretVault Automation -SecretName Key");
        Assert.Equal("SecretUnreadable", session.Value<string>($"({Run}).ErrorId"));
        session.Run(
            """
            function global:Get-Secret {
                [CmdletBinding()] param($Name, $Vault)
                if ($Vault -ne 'Automation') { throw "Vault $Vault not found in registry." }
                if ($Name -eq 'Key') { return $sandbox.GetApiKey() }
                $PSCmdlet.WriteError([System.Management.Automation.ErrorRecord]::new([Exception]::new("The secret $Name was not found."), 'GetSecretNotFound', 'ObjectNotFound', $null))
            }
            """
        );
        AssertResult(session, Run, "Done", 0, "2 unchanged");
        session.Run("Set-ProvisioningJob contoso -SecretFrom Vault -SecretVault Automation -SecretName Other");
        Assert.StartsWith(
            "SecretMissing,",
            session.Fail("Connect-TravelPerk -Job contoso").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        session.Run("Set-ProvisioningJob contoso -SecretFrom KeyVault -SecretVault https://contoso.vault.azure.net -SecretName travelperk");
        Assert.Equal("KeyVault", (string?)JsonNode.Parse(File.ReadAllText(JobFile))!["secrets"]!["travelPerk"]!["from"]);
        session.Run("Set-ProvisioningJob contoso -SecretFrom None");
        Assert.DoesNotContain("secrets", File.ReadAllText(JobFile), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://scim.example.com/v2", "", "TargetNotChosen")]
    [InlineData("https://app.perk.com.example.com/api/v2/scim", "", "TargetNotChosen")]
    [InlineData("https://app.perk.com:8443/api/v2/scim", "", "TargetNotChosen")]
    [InlineData("http://127.0.0.1:1/scim", "", "TargetNotChosen")]
    [InlineData("https://scim.example.com/v2", "-BaseUri https://scim.example.com/v3", "TargetMismatch")]
    [InlineData("https://scim.example.com/v2", "-BaseUri https://scim.example.com/v2/", "SecretMissing")]
    [InlineData("https://app.travelperk.com/api/v2/scim", "", "SecretMissing")]
    public void A_job_folder_of_another_person_does_not_choose_where_a_key_is_sent(string target, string arguments, string errorId)
    {
        using Session session = WithJob();
        session.Run("Disconnect-TravelPerk");
        session.Run($"Set-ProvisioningJob contoso -Target {target} -SecretFrom Environment -SecretName {_variable}");

        Assert.StartsWith(
            errorId + ",",
            session.Fail($"Connect-TravelPerk -Job contoso {arguments}").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        if (arguments.Length == 0)
            Assert.Equal(errorId, session.Value<string>($"({Run}).ErrorId"));
    }

    [Fact]
    public void A_scheduled_run_sends_its_key_to_an_address_that_its_command_line_allows()
    {
        using Session session = WithJob(users: 2);
        Environment.SetEnvironmentVariable(
            _variable,
            session.Value<string>("[System.Net.NetworkCredential]::new('', $sandbox.GetApiKey()).Password")
        );
        session.Run($"Set-ProvisioningJob contoso -SecretFrom Environment -SecretName {_variable}");
        using Session other = new();
        other.Run("param($folder) $null = $ExecutionContext.SessionState.Path.SetLocation($folder)", _folder);
        string target = session.Value<string>("\"$($sandbox.BaseUri)\"");

        AssertResult(other, Run, "Failed", 1, "Register-ProvisioningSchedule");
        Assert.Equal("TargetNotChosen", other.Value<string>("(Get-ProvisioningStatus contoso).RunFailure.ErrorId"));
        AssertResult(other, $"{Run} -AllowTarget http://127.0.0.1:1/scim", "Failed", 1, "no address of TravelPerk's");
        AssertResult(other, $"{Run} -AllowTarget {target}", "Done", 0, "2 created");
        Assert.True(other.Value<bool>("$null -eq (Get-ProvisioningStatus contoso).RunFailure"));
        Assert.StartsWith(
            "AllowTargetNeedsScheduled,",
            session.Fail($"Invoke-Provisioning contoso -AllowTarget {target}").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void An_idle_scheduled_run_asks_TravelPerk_once_and_notices_a_key_that_was_revoked()
    {
        using Session session = WithJob(users: 2);
        AssertResult(session, Run, "Done", 0, "2 created");
        long before = session.Value<long>("$sandbox.RequestCount");

        AssertResult(session, Run, "Done", 0, "2 unchanged");
        Assert.Equal(before + 1, session.Value<long>("$sandbox.RequestCount"));
        session.Run("Invoke-Provisioning contoso; Invoke-Provisioning contoso -Scheduled -WhatIf");
        Assert.Equal(before + 1, session.Value<long>("$sandbox.RequestCount"));

        session.Run("Connect-TravelPerk (ConvertTo-SecureString 'revoked' -AsPlainText) -BaseUri $sandbox.BaseUri");
        Assert.Empty(session.Run("Invoke-Provisioning contoso"));
        AssertResult(session, Run, "Failed", 1, "");
        AssertResult(session, Run, "Quarantine", 4, "");
    }

    [Fact]
    public void A_key_file_that_is_not_there_is_a_warning_when_the_job_is_told_of_it()
    {
        using Session session = WithJob();

        Assert.StartsWith(
            $"There is no file '{Path.Combine(_folder, "key")}' yet",
            Assert.Single(session.Run("Set-ProvisioningJob contoso -SecretFrom File -SecretPath ./key 3>&1")).ToString(),
            StringComparison.Ordinal
        );
        File.WriteAllText(Path.Combine(_folder, "key"), "x");
        Assert.Empty(session.Run("Set-ProvisioningJob contoso -SecretFrom File -SecretPath ./key -SecretExpires 2030-01-01 3>&1"));
        Assert.Empty(session.Run("Set-ProvisioningJob contoso -SecretFrom File -SecretPath '%CREDENTIALS_DIRECTORY%/travelperk' 3>&1"));
    }

    [Fact]
    public void What_waits_for_an_approval_shows_as_staged_and_as_no_quarantine()
    {
        CapturingHost host = new();
        using Session session = WithJob(users: 8, host);
        session.Run("Invoke-Provisioning contoso");
        Write(1);
        session.Run("Invoke-Provisioning contoso -WarningAction Ignore; Get-ProvisioningStatus contoso | Out-Default");

        Assert.Matches(@"Quarantine +: no", host.Shown);
        Assert.Matches(@"Staged +: -ApproveCycle", host.Shown);
        Assert.Matches(@"Message +: 7 disables and deletes are staged: the job allows 25 % of the 8 enabled users", host.Shown);
        session.Run(
            "Invoke-Provisioning contoso -ApproveCycle (Get-ProvisioningStatus contoso).Staged[0].CycleId; "
                + "Get-ProvisioningStatus contoso | Out-Default; Get-ProvisioningLog contoso | Export-ProvisioningReport ./log.md -Job contoso"
        );
        string report = File.ReadAllText(Path.Combine(_folder, "log.md"));
        Assert.Contains("approved what cycle", report, StringComparison.Ordinal);
        Assert.Matches($@"Approved +: what cycle [0-9a-f-]+ staged, by {Environment.UserName} on", host.Shown);
        Assert.Contains("Source: ", report, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-SecretName x")]
    [InlineData("-SecretFrom Environment")]
    [InlineData("-SecretFrom Environment -SecretName x -SecretPath y")]
    [InlineData("-SecretFrom File -SecretName x")]
    [InlineData("-SecretFrom Vault -SecretVault x")]
    [InlineData("-SecretFrom KeyVault -SecretName x -SecretVault contoso")]
    [InlineData("-SecretFrom KeyVault -SecretName x -SecretVault https://contoso.vault.azure.net.example.com")]
    [InlineData("-SecretFrom Environment -SecretName x -SecretOf Entra")]
    [InlineData("-ClientId y")]
    public void A_place_that_is_not_whole_is_refused(string arguments)
    {
        using Session session = WithJob();
        string before = File.ReadAllText(JobFile);

        Assert.StartsWith(
            "SecretPlaceIncomplete,",
            session.Fail($"Set-ProvisioningJob contoso {arguments}").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.Equal(before, File.ReadAllText(JobFile));
    }

    [Fact]
    public void The_client_secret_of_an_application_of_TravelPerk_has_a_place_with_its_client_id()
    {
        using Session session = WithJob();

        session.Run("Set-ProvisioningJob contoso -SecretFrom File -SecretPath ./key -ClientId perk-app -WarningAction Ignore");

        JsonNode place = JsonNode.Parse(File.ReadAllText(JobFile))!["secrets"]!["travelPerk"]!;
        Assert.Equal(("File", "perk-app"), ((string?)place["from"], (string?)place["clientId"]));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData(
        "[System.IO.File]::WriteAllText('users.json', "
            + "'{\"id\":\"1\",\"userPrincipalName\":\"a@example.com\",\"givenName\":\"A\",\"surname\":\"\",\"accountEnabled\":true}')",
        2
    )]
    [InlineData("$null = Invoke-Provisioning contoso; Start-ProvisioningJob contoso", 0)]
    [InlineData("$sandbox.SetBehavior('HtmlInsteadOfJson', $true)", 1)]
    [InlineData("Remove-ProvisioningJob contoso -Confirm:$false", 1)]
    public async Task A_script_ends_with_the_exit_code_of_the_run(string before, int exitCode)
    {
        Write(2);
        string script = Path.Combine(_folder, "run.ps1");
        await File.WriteAllTextAsync(
            script,
            $$"""
            $ErrorActionPreference = 'Stop'
            [Environment]::CurrentDirectory = '{{_folder}}'; Set-Location '{{_folder}}'
            $sandbox = Start-ScimSandbox
            $null = New-ProvisioningJob contoso users.json -Target $sandbox.BaseUri
            [Environment]::SetEnvironmentVariable('{{_variable}}', [System.Net.NetworkCredential]::new('', $sandbox.GetApiKey()).Password)
            Set-ProvisioningJob contoso -SecretFrom Environment -SecretName {{_variable}}
            {{(before.Contains("Invoke", StringComparison.Ordinal) ? "Connect-TravelPerk -Job contoso; " : "")}}{{before}}
            exit ({{Run}}).ExitCode
            """
        );

        ChildHost.Result result = await ChildHost.RunAsync("-File", script);

        Assert.Equal((exitCode, ""), (result.ExitCode, result.Error));
    }

    private static void AssertResult(Session session, string command, string state, int exitCode, string told)
    {
        PSObject result = Assert.Single(session.Run(command));
        Assert.Equal((state, exitCode), (result.Properties["State"].Value.ToString(), (int)result.Properties["ExitCode"].Value));
        Assert.Contains(told, (string)result.Properties["Message"].Value, StringComparison.Ordinal);
    }

    private JsonNode Schedule => JsonNode.Parse(File.ReadAllText(JobFile))!["schedule"]!;

    private void RemoveSchedule()
    {
        JsonObject job = JsonNode.Parse(File.ReadAllText(JobFile))!.AsObject();
        job.Remove("schedule");
        File.WriteAllText(JobFile, job.ToJsonString());
    }

    private Session WithJob(int users = 1, CapturingHost? host = null)
    {
        Write(users);
        var session = Session.WithSandbox("", host);
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
                        {"id":"00000000-0000-4000-8000-{{n:D12}}","userPrincipalName":"user{{n}}@example.com","givenName":"Given{{n}}","surname":"Family{{n}}","accountEnabled":true,"businessPhones":["+34 93{{n:D7}}"]}
                        """
                    )
                )
        );
}

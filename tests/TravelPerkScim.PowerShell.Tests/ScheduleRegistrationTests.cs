using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TravelPerkScim.PowerShell.Tests.Support;
using TravelPerkScim.Provisioning.Tests.Disk;
using TravelPerkScim.Provisioning.Tests.State;

namespace TravelPerkScim.PowerShell.Tests;

/// <summary>A job is handed to a scheduler of the machine, or to one elsewhere. The crontab of these tests is a file.</summary>
[Collection(WaitingCollection.Name)]
public sealed class ScheduleRegistrationTests(PostgresCluster cluster) : IClassFixture<PostgresCluster>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("schedule-").FullName;
    private readonly string? _path = Environment.GetEnvironmentVariable("PATH");

    private string Table => Path.Combine(_folder, "crontab.txt");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("PATH", _path);
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_job_is_registered_runs_and_is_taken_away()
    {
        if (OperatingSystem.IsWindows())
            return;
        using Session session = WithJob();
        const string Register = "Register-ProvisioningSchedule contoso -Kind Cron -WarningAction Ignore -AllowTarget $sandbox.BaseUri";
        Assert.StartsWith("JobNotStarted,", session.Fail(Register).FullyQualifiedErrorId, StringComparison.Ordinal);
        session.Run("Start-ProvisioningJob contoso");
        Assert.StartsWith("SecretPlaceMissing,", session.Fail(Register).FullyQualifiedErrorId, StringComparison.Ordinal);
        session.Run("Set-ProvisioningJob contoso -SecretFrom File -SecretPath ./key");

        session.Run(Register + " -WhatIf");
        Assert.False(File.Exists(Table));
        Assert.Equal(
            $"Cron 00:10:00 {session.Value<string>("\"$($sandbox.BaseUri)\"")}",
            session.Value<string>($"{Register} -PassThru | ForEach-Object {{ \"$($_.Kind) $($_.Every) $($_.AllowedTarget)\" }}")
        );
        Assert.Contains($"'-Job' '{_folder}/contoso'", File.ReadAllText(Table), StringComparison.Ordinal);
        Assert.Equal(1, session.Value<int>("@(Get-ProvisioningSchedule contoso).Count"));

        // What the line runs, in this session, which knows the sandbox.
        session.Run(
            "param($module) Disconnect-TravelPerk; & (Join-Path $module module/Invoke-ScheduledJob.ps1) "
                + "-Job ./contoso; $global:code = $LASTEXITCODE",
            Path.GetDirectoryName(Repository.Manifest)!
        );
        Assert.Equal((0, 1), (session.Value<int>("$code"), session.Value<int>("$sandbox.UserCount")));

        session.Run("Get-ProvisioningSchedule contoso | Unregister-ProvisioningSchedule");
        Assert.Equal("", File.ReadAllText(Table));
        Assert.StartsWith(
            "ScheduleNotFound,",
            session.Fail("Unregister-ProvisioningSchedule contoso").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_a_scheduler_could_not_use_is_told()
    {
        if (OperatingSystem.IsWindows())
            return;
        using Session session = WithJob();
        session.Run(
            "Start-ProvisioningJob contoso; Stop-ProvisioningJob contoso; "
                + "Set-ProvisioningJob contoso -SecretFrom Environment -SecretName KEY"
        );

        Assert.Equal(
            ["The job 'contoso' is Off.", "The API key of 'contoso' is in the environment variable KEY of this session."],
            session
                .Run("Register-ProvisioningSchedule contoso -Kind Cron -AllowTarget $sandbox.BaseUri 3>&1")
                .Select(warning => warning.ToString().Split(". ")[0] + ".")
                // Whether a cron runs is the machine's.
                .Where(warning => !warning.StartsWith("No cron", StringComparison.Ordinal))
        );
        string target = session.Value<string>("\"$($sandbox.BaseUri)\"");
        foreach (string allowed in new[] { "", "-AllowTarget http://127.0.0.1:1/scim" })
        {
            ErrorRecord refused = session.Fail($"Register-ProvisioningSchedule contoso -Kind Cron {allowed}");
            Assert.StartsWith("TargetNotChosen,", refused.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Contains($"-AllowTarget {target}.", refused.ToString(), StringComparison.Ordinal);
        }
        Assert.StartsWith(
            "CredentialNotSystemd,",
            session.Fail("Register-ProvisioningSchedule contoso -Kind Cron -CredentialFile ./key").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "SchedulerMissing,",
            session.Fail("Register-ProvisioningSchedule contoso -Kind TaskScheduler -AllowTarget $sandbox.BaseUri").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_line_of_cron_runs_a_job_of_a_sandbox_and_sends_its_key_nowhere_else()
    {
        if (OperatingSystem.IsWindows())
            return;
        using Session session = WithJob(pwsh: $"exec '{Environment.ProcessPath}' '{Repository.Host}' \"$@\"");
        session.Run(
            "Set-ProvisioningJob contoso -SecretFrom File -SecretPath ./key; Start-ProvisioningJob contoso; "
                + "Register-ProvisioningSchedule contoso -Kind Cron -AllowTarget $sandbox.BaseUri -WarningAction Ignore"
        );
        string line = CronCommand();

        (int code, string output) = await ShellAsync(line);

        Assert.Equal((0, "", 1), (code, output, session.Value<int>("$sandbox.UserCount")));
        Assert.Equal("Succeeded 0", session.Value<string>(LastCycle));

        // job.json comes to name another receiver of the key: the line allows the old one alone.
        session.Run(
            "$global:other = Start-ScimSandbox; Set-ProvisioningJob contoso -Target $other.BaseUri -WarningAction Ignore -Confirm:$false"
        );
        MakeDue();
        (code, output) = await ShellAsync(line);

        Assert.Equal(1, code);
        Assert.Contains(
            "TargetNotChosen",
            session.Value<string>("(Get-ProvisioningStatus contoso).RunFailure.ErrorId"),
            StringComparison.Ordinal
        );
        Assert.Contains("may not send a key there", output, StringComparison.Ordinal);
        Assert.Equal(0, session.Value<long>("$other.RequestCount"));
        Assert.Equal("Succeeded 1", session.Value<string>(LastCycle));
        Assert.Contains(
            "The last runs began no cycle.",
            session.Value<string>("(Get-ProvisioningSchedule contoso).Message"),
            StringComparison.Ordinal
        );
    }

    private const string LastCycle =
        "$schedule = Get-ProvisioningSchedule contoso; \"$((Get-ProvisioningStatus contoso).LastCycle.State) $($schedule.LastExitCode)\"";

    // A job without a schedule is due each time.
    private void MakeDue()
    {
        string file = Path.Combine(_folder, "contoso", "job.json");
        JsonObject job = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        job.Remove("schedule");
        File.WriteAllText(file, job.ToJsonString());
    }

    private static async Task<(int Code, string Output)> ShellAsync(string line)
    {
        var how = new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-c", line])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string home = Environment.GetEnvironmentVariable("HOME") ?? "/tmp";
        how.Environment.Clear();
        (how.Environment["HOME"], how.Environment["PATH"]) = (home, "/usr/bin:/bin");
        using Process process = System.Diagnostics.Process.Start(how)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(),
            error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }

    [Fact]
    public void Exported_scripts_are_PowerShell_and_are_not_overwritten()
    {
        using Session session = WithJob();
        session.Run("Export-ProvisioningSchedule contoso AzureAutomation ./out -WhatIf");
        Assert.False(Directory.Exists(Path.Combine(_folder, "out")));

        string[] files = [.. session.Run("Export-ProvisioningSchedule contoso AzureAutomation ./out").Select(file => file.ToString())];

        Assert.Equal(["runbook.ps1", "deploy.ps1"], files.Select(Path.GetFileName));
        AssertParses(files);
        Assert.StartsWith(
            "FileExists,",
            session.Fail("Export-ProvisioningSchedule contoso AzureAutomation ./out").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.Equal(2, session.Run("Export-ProvisioningSchedule contoso AzureAutomation ./out -Force").Count);
    }

    [PostgresFact]
    public async Task A_schedule_of_a_shared_job_names_the_file_of_its_database()
    {
        const string Register = "Register-ProvisioningSchedule contoso -Kind Cron -WarningAction Ignore -AllowTarget $sandbox.BaseUri";
        const string Shown = "Get-ProvisioningSchedule contoso | ForEach-Object { \"$($_.Store) $($_.LastExitCode)\" }";
        using Session session = WithJob(
            pwsh: $"exec '{Environment.ProcessPath}' '{Repository.Host}' \"$@\"",
            settings: "-StateKey contoso"
        );
        string store = WritePrivate("store", cluster.NewDatabase());
        session.Run(
            "Connect-ProvisioningStore ./store; "
                + "Set-ProvisioningJob contoso -SecretFrom File -SecretPath ./key; Start-ProvisioningJob contoso; "
                + Register
        );
        string line = CronCommand();
        Assert.Contains($"'-StoreFile' '{store}'", line, StringComparison.Ordinal);

        (int code, string output) = await ShellAsync(line);

        Assert.Equal((0, "", 1), (code, output, session.Value<int>("$sandbox.UserCount")));
        Assert.Equal($"{store} 0", session.Value<string>(Shown));
        session.Run("Disconnect-ProvisioningStore");
        Assert.Equal($"{store} ", session.Value<string>(Shown));
        Assert.StartsWith("StoreFileMissing,", session.Fail(Register).FullyQualifiedErrorId, StringComparison.Ordinal);
        foreach (string file in new[] { "./nofile", "./users.json" })
        {
            ErrorRecord refused = session.Fail($"{Register} -StoreFile {file}");
            Assert.StartsWith("StoreUnusable,", refused.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.DoesNotContain("secret of the job", file == "./nofile" ? refused.ToString() : "", StringComparison.Ordinal);
        }
        session.Run(Register + " -StoreFile ./store");
        Assert.Contains($"'-StoreFile' '{store}'", File.ReadAllText(Table), StringComparison.Ordinal);
    }

    [Fact]
    public void An_exported_runbook_of_a_shared_job_reads_settings_and_connects_the_store()
    {
        using Session session = WithJob(settings: "-StateKey contoso");
        session.Run("Rename-Item contoso \"O'Neil\u2019s $ 1\"");

        string[] files =
        [
            .. session.Run("Export-ProvisioningSchedule (Get-Item O*).FullName AzureAutomation ./out").Select(file => file.ToString()),
        ];

        Assert.Equal(["runbook.ps1", "deploy.ps1"], files.Select(Path.GetFileName));
        Assert.Contains("@where", File.ReadAllText(files[1]), StringComparison.Ordinal);
        AssertParses(files);
        string runbook = File.ReadAllText(files[0]);
        Assert.Contains(" 'O''Neil\u2019\u2019s $ 1'\n", runbook, StringComparison.Ordinal);
        Assert.Contains("Connect-ProvisioningStore -ConnectionString $store.SecretValue\n", runbook, StringComparison.Ordinal);
        Assert.DoesNotContain("Set-AzStorageBlobContent", runbook, StringComparison.Ordinal);
        Assert.DoesNotContain("Acquire", runbook, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exported_schedule_of_a_shared_job_names_the_file_of_its_database_where_a_machine_runs_it()
    {
        using Session session = WithJob(settings: "-StateKey contoso");
        string store = Path.Combine(_folder, "store");

        foreach (string kind in new[] { "Systemd", "Cron", "TaskScheduler" })
        {
            string export = $"Export-ProvisioningSchedule contoso {kind} ./{kind}";
            Assert.StartsWith("StoreFileMissing,", session.Fail(export).FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Matches(
                $"-StoreFile\\W+{Regex.Escape(store)}\\b",
                File.ReadAllText(session.Value<string>($"\"$(({export} -StoreFile ./store)[0].FullName)\""))
            );
        }
        Assert.StartsWith(
            "StoreFileNotUsed,",
            session.Fail("Export-ProvisioningSchedule contoso Container ./out -StoreFile ./store").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
    }

    [PostgresFact]
    public async Task A_scheduled_run_of_a_shared_job_needs_only_to_read_its_folder()
    {
        if (OperatingSystem.IsWindows())
            return;
        using Session session = WithJob(settings: "-StateKey contoso");
        string store = WritePrivate("store", cluster.NewDatabase());
        session.Run(
            "Connect-ProvisioningStore ./store; Set-ProvisioningJob contoso -SecretFrom File -SecretPath ./key; "
                + "Start-ProvisioningJob contoso"
        );
        string job = Path.Combine(_folder, "contoso"),
            script = Path.Combine(Path.GetDirectoryName(Repository.Manifest)!, "module", "Invoke-ScheduledJob.ps1");
        AsConfigMap(job);
        string[] before = Directory.GetFileSystemEntries(job);

        using (new ReadOnlyFolder(job))
        {
            (int code, string output) = await ShellAsync(
                $"exec '{Environment.ProcessPath}' '{Repository.Host}' -NoProfile -NonInteractive -File '{script}' -Job '{job}' "
                    + $"-StoreFile '{store}' -AllowTarget '{session.Value<string>("\"$($sandbox.BaseUri)\"")}'"
            );

            Assert.Equal((0, "", 1), (code, output, session.Value<int>("$sandbox.UserCount")));
        }
        Assert.Equal(before, Directory.GetFileSystemEntries(job));
    }

    // A mounted ConfigMap consists of links to the files of a folder that is exchanged as a whole.
    private static void AsConfigMap(string folder)
    {
        string data = Directory.CreateDirectory(Path.Combine(folder, "..2026_01_01")).FullName;
        foreach (string name in new[] { "job.json", "mapping.json" })
        {
            File.Move(Path.Combine(folder, name), Path.Combine(data, name));
            File.CreateSymbolicLink(Path.Combine(folder, name), Path.Combine("..data", name));
        }
        Directory.CreateSymbolicLink(Path.Combine(folder, "..data"), "..2026_01_01");
    }

    [PostgresFact]
    public void A_schedule_whose_runs_can_never_sign_in_is_refused()
    {
        using Session session = WithJob(settings: "-StateKey contoso");
        WritePrivate("store", cluster.NewDatabase());
        session.Run(
            "Connect-ProvisioningStore ./store; "
                + "Set-ProvisioningJob contoso -SecretFrom File -SecretPath ./key -ClientId client; Start-ProvisioningJob contoso"
        );

        // OAuth of a shared job needs --keys, which only a worker has: each run would end with TokenKeysNotGiven.
        ErrorRecord refused = session.Fail("Register-ProvisioningSchedule contoso -Kind Cron -AllowTarget $sandbox.BaseUri");

        Assert.StartsWith("ScheduleCannotSignIn,", refused.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    // cron hands everything after the five fields to sh, with \% as %, in an environment of its own.
    private string CronCommand() => File.ReadAllLines(Table)[1].Split(' ', 6)[5].Replace("\\%", "%", StringComparison.Ordinal);

    private static void AssertParses(IEnumerable<string> files)
    {
        foreach (string file in files)
        {
            Parser.ParseFile(file, out _, out ParseError[] errors);
            Assert.Empty(errors);
        }
    }

    private Session WithJob(string pwsh = "exit 0", string settings = "")
    {
        string programs = Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName;
        if (!OperatingSystem.IsWindows())
        {
            Program(
                "crontab",
                $"if [ \"$1\" = -l ]; then cat '{Table}' 2>/dev/null || {{ echo "
                    + $"'no crontab for root' >&2; exit 1; }}; else cat > '{Table}'; fi"
            );
            Program("pwsh", pwsh);
            Environment.SetEnvironmentVariable("PATH", programs + Path.PathSeparator + _path);
        }
        File.WriteAllText(
            Path.Combine(_folder, "users.json"),
            """[{"id":"3f0f9d0e-0001-4000-8000-000000000001","userPrincipalName":"anna@example.com","givenName":"Anna","surname":"Berg","accountEnabled":true}]"""
        );
        var session = Session.WithSandbox();
        session.Run(
            "param($folder) $null = $ExecutionContext.SessionState.Path.SetLocation($folder); "
                + $"$null = New-ProvisioningJob contoso users.json {settings}",
            _folder
        );
        WritePrivate("key", session.Value<string>("[System.Net.NetworkCredential]::new('', $sandbox.GetApiKey()).Password"));
        return session;

        void Program(string name, string script)
        {
            string file = Path.Combine(programs, name);
            File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private string WritePrivate(string name, string text)
    {
        string file = Path.Combine(_folder, name);
        File.WriteAllText(file, text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }
}

using System.Management.Automation.Language;
using TravelPerkScim.PowerShell.Tests.Support;

namespace TravelPerkScim.PowerShell.Tests;

/// <summary>A job is handed to a scheduler of the machine, or to one elsewhere. The crontab of these tests is a file.</summary>
public sealed class ScheduleRegistrationTests : IDisposable
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
        const string Register = "Register-ProvisioningSchedule contoso -Kind Cron";
        Assert.StartsWith("JobNotStarted,", session.Fail(Register).FullyQualifiedErrorId, StringComparison.Ordinal);
        session.Run("Start-ProvisioningJob contoso");
        Assert.StartsWith("SecretPlaceMissing,", session.Fail(Register).FullyQualifiedErrorId, StringComparison.Ordinal);
        session.Run("Set-ProvisioningJob contoso -SecretFrom File -SecretPath ./key");

        session.Run(Register + " -WhatIf");
        Assert.False(File.Exists(Table));
        Assert.Equal(
            "Cron Active 00:10:00",
            session.Value<string>($"{Register} -PassThru | ForEach-Object {{ \"$($_.Kind) $($_.State) $($_.Every)\" }}")
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
            [
                "The job 'contoso' is Off.",
                $"The job 'contoso' writes to {session.Value<string>("\"$($sandbox.BaseUri)\"")}, which is no address of TravelPerk's.",
                "The API key of 'contoso' is in the environment variable KEY of this session.",
            ],
            session.Run("Register-ProvisioningSchedule contoso -Kind Cron 3>&1").Select(warning => warning.ToString().Split(". ")[0] + ".")
        );
        Assert.StartsWith(
            "CredentialNotSystemd,",
            session.Fail("Register-ProvisioningSchedule contoso -Kind Cron -CredentialFile ./key").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "SchedulerMissing,",
            session.Fail("Register-ProvisioningSchedule contoso -Kind TaskScheduler").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Exported_scripts_are_PowerShell_and_are_not_overwritten()
    {
        using Session session = WithJob();
        session.Run("Export-ProvisioningSchedule contoso AzureAutomation ./out -WhatIf");
        Assert.False(Directory.Exists(Path.Combine(_folder, "out")));

        string[] files = [.. session.Run("Export-ProvisioningSchedule contoso AzureAutomation ./out").Select(file => file.ToString())];

        Assert.Equal(["runbook.ps1", "deploy.ps1"], files.Select(Path.GetFileName));
        foreach (string file in files)
        {
            Parser.ParseFile(file, out _, out ParseError[] errors);
            Assert.Empty(errors);
        }
        Assert.StartsWith(
            "FileExists,",
            session.Fail("Export-ProvisioningSchedule contoso AzureAutomation ./out").FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.Equal(2, session.Run("Export-ProvisioningSchedule contoso AzureAutomation ./out -Force").Count);
    }

    private Session WithJob()
    {
        string programs = Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName;
        if (!OperatingSystem.IsWindows())
        {
            Program(
                "crontab",
                $"if [ \"$1\" = -l ]; then cat '{Table}' 2>/dev/null || {{ echo "
                    + $"'no crontab for root' >&2; exit 1; }}; else cat > '{Table}'; fi"
            );
            Program("pwsh", "exit 0");
            Environment.SetEnvironmentVariable("PATH", programs + Path.PathSeparator + _path);
        }
        File.WriteAllText(
            Path.Combine(_folder, "users.json"),
            """[{"id":"3f0f9d0e-0001-4000-8000-000000000001","userPrincipalName":"anna@example.com","givenName":"Anna","surname":"Berg","accountEnabled":true}]"""
        );
        Session session = Session.WithSandbox();
        session.Run(
            "param($folder) $null = $ExecutionContext.SessionState.Path.SetLocation($folder); "
                + "$null = New-ProvisioningJob contoso users.json",
            _folder
        );
        string key = Path.Combine(_folder, "key");
        File.WriteAllText(key, session.Value<string>("[System.Net.NetworkCredential]::new('', $sandbox.GetApiKey()).Password"));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return session;

        void Program(string name, string script)
        {
            string file = Path.Combine(programs, name);
            File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}

using System.Diagnostics;
using System.Xml.Linq;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Operations.Schedules;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using YamlDotNet.RepresentationModel;

namespace TravelPerkScim.Operations.Tests;

/// <summary>What schedulers are given. Where a scheduler's own program is on this machine, it reads what was written.</summary>
public sealed class ScheduleTests : IDisposable
{
    private const string Hostile = "it's 50% \"off\" $HOME `id` \\ job";

    private static readonly Uri s_sandbox = new("http://127.0.0.1:8085/api%20v2/scim");

    private readonly string _folder = Directory.CreateTempSubdirectory("schedules-").FullName;

    private string Units => Path.Combine(_folder, "units");

    private string Table => Path.Combine(_folder, "crontab.txt");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_name_tells_jobs_of_one_name_apart()
    {
        Assert.Matches("^travelperkscim-contoso-[0-9a-f]{8}$", ScheduledJob.NameOf("/srv/jobs/contoso"));
        Assert.NotEqual(ScheduledJob.NameOf("/srv/jobs/contoso"), ScheduledJob.NameOf("/srv/others/contoso"));
        Assert.Matches("^travelperkscim-job-[0-9a-f]{8}$", ScheduledJob.NameOf("/srv/jobs/株式会社"));
    }

    [Theory]
    [InlineData("00:01:00", 1)]
    [InlineData("00:05:30", 5)]
    [InlineData("00:07:00", 6)]
    [InlineData("00:40:00", 10)]
    [InlineData("1.00:00:00", 10)]
    public void A_scheduler_looks_at_least_once_an_interval(string interval, int minutes) =>
        Assert.Equal(
            TimeSpan.FromMinutes(minutes),
            (Job("contoso") with { Interval = TimeSpan.Parse(interval, System.Globalization.CultureInfo.InvariantCulture) }).Every
        );

    [Fact]
    public void A_path_with_a_line_break_is_refused()
    {
        ProvisioningException refused = Assert.Throws<ProvisioningException>(() => Job("contoso\nExecStart=evil").Check());

        Assert.Equal("SchedulePathRefused", refused.ErrorId);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [SystemdFact]
    public async Task Systemd_accepts_the_units_and_runs_the_very_words()
    {
        ScheduledJob job = RealJob(Hostile);
        Directory.CreateDirectory(Units);
        string service = Path.Combine(Units, job.Name + ".service"),
            timer = Path.Combine(Units, job.Name + ".timer");
        File.WriteAllText(service, SystemdTimer.Service(job with { Credential = "/etc/100%/key" }, user: false));
        File.WriteAllText(timer, SystemdTimer.Timer(job));

        (int code, string output) = await RunAsync("systemd-analyze", "verify", "--man=no", service, timer);

        Assert.True(code == 0 && !output.Contains(job.Name, StringComparison.Ordinal), output);
        Assert.Contains(
            "ExecStart=\""
                + job.PowerShell
                + "\" \"-NoProfile\" \"-NonInteractive\" \"-File\" \""
                + job.Script
                + "\" \"-Job\" \""
                + _folder
                + "/it's 50%% \\\"off\\\" $$HOME `id` \\\\ job\"",
            File.ReadAllText(service),
            StringComparison.Ordinal
        );
        Assert.Contains("LoadCredential=travelperk:/etc/100%%/key\n", File.ReadAllText(service), StringComparison.Ordinal);
    }

    [SystemdFact]
    public async Task Systemd_accepts_the_units_of_a_job_with_an_allowed_target()
    {
        ScheduledJob job = RealJob("sandbox") with { AllowedTarget = s_sandbox };
        Directory.CreateDirectory(Units);
        string service = Path.Combine(Units, job.Name + ".service"),
            timer = Path.Combine(Units, job.Name + ".timer");
        File.WriteAllText(service, SystemdTimer.Service(job, user: false));
        File.WriteAllText(timer, SystemdTimer.Timer(job));

        (int code, string output) = await RunAsync("systemd-analyze", "verify", "--man=no", service, timer);

        Assert.True(code == 0 && !output.Contains(job.Name, StringComparison.Ordinal), output);
        Assert.Contains("\"-AllowTarget\" \"http://127.0.0.1:8085/api%%20v2/scim\"\n", File.ReadAllText(service), StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task An_allowed_target_and_a_store_are_in_the_command_line_and_are_read_back_from_it()
    {
        ScheduledJob job = RealJob(Hostile) with { AllowedTarget = s_sandbox, Store = $"/etc/{Hostile}/store" };
        File.WriteAllText(Table, "");
        string control = Stub("systemctl", "exit 0");
        IScheduler[] schedulers = [new SystemdTimer(Units, user: false, control), new Crontab(CrontabProgram())];

        foreach (IScheduler scheduler in schedulers)
        {
            await scheduler.RegisterAsync(job, default);
            ProvisioningSchedule listed = Assert.Single(await scheduler.ListAsync(default));

            Assert.Equal((job.Folder, s_sandbox, job.Store), (listed.Job, listed.AllowedTarget, listed.Store));
            await scheduler.UnregisterAsync(listed, default);
            await scheduler.RegisterAsync(job with { AllowedTarget = null, Store = null }, default);
            listed = Assert.Single(await scheduler.ListAsync(default));
            Assert.Equal((null, null), (listed.AllowedTarget, listed.Store));
        }
        Assert.EndsWith(
            "-AllowTarget http://127.0.0.1:8085/api%20v2/scim",
            XDocument.Parse(WindowsTask.Task(job, "anna").ToString()).Descendants().First(e => e.Name.LocalName == "Arguments").Value,
            StringComparison.Ordinal
        );
    }

    [UnixFact]
    public async Task A_task_of_Windows_names_its_own_store_also_where_the_folder_of_the_job_is_called_like_the_option()
    {
        ScheduledJob job = RealJob("a -StoreFile b") with { Store = @"C:\Program Data\store" };

        ProvisioningSchedule listed = await ListedByWindowsAsync(job);

        Assert.Equal(job.Store, listed.Store);
    }

    [UnixFact]
    public async Task A_task_of_Windows_is_read_back_with_its_allowed_target_and_store()
    {
        ScheduledJob job = RealJob("a b") with { AllowedTarget = s_sandbox, Store = @"C:\Program Data\store" };

        ProvisioningSchedule listed = await ListedByWindowsAsync(job);

        Assert.Equal(
            (job.Folder, s_sandbox, job.Store, ScheduleState.Active),
            (listed.Job, listed.AllowedTarget, listed.Store, listed.State)
        );
    }

    private async Task<ProvisioningSchedule> ListedByWindowsAsync(ScheduledJob job)
    {
        string xml = Path.Combine(_folder, "task.xml");
        File.WriteAllText(xml, WindowsTask.Task(job, "anna").ToString());
        string program = Stub(
            "schtasks",
            $"case \"$2\" in /XML) cat '{xml}';; *) printf '%s\\n' '\"\\TravelPerkScim\\{job.Name}\",\"N/A\",\"Ready\"';; esac"
        );

        return Assert.Single(await new WindowsTask(program).ListAsync(default));
    }

    [UnixFact]
    public async Task A_crontab_that_no_cron_runs_is_not_active()
    {
        string processes = Path.Combine(_folder, "proc");
        foreach ((string id, string name) in new[] { ("1", "init"), ("20", "sh") })
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(processes, id)).FullName, "comm"), name + "\n");
        File.WriteAllText(Table, "");
        var cron = new Crontab(CrontabProgram(), processes);
        await cron.RegisterAsync(RealJob("contoso"), default);

        ProvisioningSchedule idle = Assert.Single(await cron.ListAsync(default));
        File.WriteAllText(Path.Combine(processes, "20", "comm"), "cron\n");
        ProvisioningSchedule active = Assert.Single(await cron.ListAsync(default));

        Assert.Equal((ScheduleState.Inactive, ScheduleState.Active, null), (idle.State, active.State, active.Message));
        Assert.StartsWith("No cron runs on this machine", idle.Message, StringComparison.Ordinal);
        // Where processes of others are hidden, nothing is known.
        Directory.Delete(Path.Combine(processes, "1"), recursive: true);
        Directory.Delete(Path.Combine(processes, "20"), recursive: true);
        Assert.Equal(ScheduleState.Active, Assert.Single(await cron.ListAsync(default)).State);
    }

    [UnixFact]
    public async Task A_timer_is_registered_listed_and_taken_away()
    {
        string control = Stub(
            "systemctl",
            """echo "$@" >> "$0.log"; case "$1" in show) echo ActiveState=active; echo ExecMainStatus=3; echo ExecMainStartTimestamp=@1790000000;; esac"""
        );
        var systemd = new SystemdTimer(Units, user: false, control);
        ScheduledJob job = RealJob("with % and space");

        await systemd.RegisterAsync(job, default);
        ProvisioningSchedule listed = Assert.Single(await systemd.ListAsync(default));

        Assert.Equal(
            (job.Name, job.Folder, ScheduleState.Active, TimeSpan.FromMinutes(10), 3),
            (listed.Name, listed.Job, listed.State, listed.Every, listed.LastExitCode)
        );
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1790000000), listed.LastRun);
        Directory.Delete(job.Folder, recursive: true);
        Assert.Equal(ScheduleState.Broken, Assert.Single(await systemd.ListAsync(default)).State);

        await systemd.UnregisterAsync(listed, default);

        Assert.Empty(await systemd.ListAsync(default));
        Assert.Equal(
            ["daemon-reload", $"enable --now {job.Name}.timer", $"disable --now {job.Name}.timer", "daemon-reload"],
            File.ReadAllLines(control + ".log").Where(line => !line.StartsWith("show", StringComparison.Ordinal))
        );
    }

    [UnixFact]
    public async Task What_systemd_refuses_is_an_error_with_its_words()
    {
        string control = Stub("systemctl", "printf 'Failed to connect to bus:\\nHost is down\\n' >&2; exit 1");

        ProvisioningException failed = await Assert.ThrowsAsync<ProvisioningException>(() =>
            new SystemdTimer(Units, user: true, control).RegisterAsync(RealJob("contoso"), default)
        );

        Assert.Equal("SchedulerFailed", failed.ErrorId);
        Assert.Contains(
            "--user daemon-reload' ended with exit code 1: Failed to connect to bus: Host is down",
            failed.Message,
            StringComparison.Ordinal
        );
        Assert.Empty(Directory.GetFiles(Units));
    }

    [UnixFact]
    public async Task A_timer_that_systemd_refuses_to_change_stays()
    {
        ScheduledJob job = RealJob("contoso");
        await new SystemdTimer(Units, user: false, Stub("systemctl", "exit 0")).RegisterAsync(job, default);

        await Assert.ThrowsAsync<ProvisioningException>(() =>
            new SystemdTimer(Units, user: false, Stub("refusing", "exit 1")).RegisterAsync(job, default)
        );

        Assert.Equal(2, Directory.GetFiles(Units).Length);
    }

    [UnixFact]
    public async Task A_crontab_keeps_every_other_line()
    {
        File.WriteAllText(Table, "MAILTO=it@contoso.com\n\n# own\n0 3 * * * /usr/bin/backup 100\\%\n");
        var cron = new Crontab(CrontabProgram());
        ScheduledJob one = RealJob(Hostile),
            other = RealJob("other") with { Interval = TimeSpan.FromMinutes(1) };

        await cron.RegisterAsync(one, default);
        await cron.RegisterAsync(other, default);
        await cron.RegisterAsync(one, default);

        IReadOnlyList<ProvisioningSchedule> listed = await cron.ListAsync(default);
        Assert.Equal(
            [(other.Folder, TimeSpan.FromMinutes(1)), (one.Folder, TimeSpan.FromMinutes(10))],
            listed.Select(schedule => (schedule.Job, schedule.Every))
        );
        foreach (ProvisioningSchedule schedule in listed)
            await cron.UnregisterAsync(schedule, default);
        Assert.Equal("MAILTO=it@contoso.com\n\n# own\n0 3 * * * /usr/bin/backup 100\\%\n", File.ReadAllText(Table));
    }

    [UnixFact]
    public async Task Cron_runs_the_very_words()
    {
        string seen = Path.Combine(_folder, "seen.txt");
        ScheduledJob job = Job(Hostile) with { PowerShell = Stub("pwsh", $"for word in \"$@\"; do echo \"$word\" >> '{seen}'; done") };
        string line = Crontab.Lines(job)[1];

        // cron hands everything after the five fields to sh, with \% as %.
        (int code, string output) = await RunAsync("/bin/sh", "-c", line.Split(' ', 6)[5].Replace("\\%", "%", StringComparison.Ordinal));

        Assert.True(code == 0, output);
        Assert.Equal(job.Arguments, File.ReadAllLines(seen));
        Assert.StartsWith("*/10 * * * * ", line, StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task A_crontab_that_cannot_be_read_is_not_overwritten()
    {
        File.WriteAllText(Table, "0 3 * * * /usr/bin/backup\n");
        string program = Stub("crontab", $"if [ \"$1\" = -l ]; then echo 'permission denied' >&2; exit 1; fi; cat > '{Table}'");

        ProvisioningException failed = await Assert.ThrowsAsync<ProvisioningException>(() =>
            new Crontab(program).RegisterAsync(RealJob("contoso"), default)
        );

        Assert.Contains("permission denied", failed.Message, StringComparison.Ordinal);
        Assert.Equal("0 3 * * * /usr/bin/backup\n", File.ReadAllText(Table));
    }

    [Fact]
    public async Task A_scheduler_that_is_not_there_is_named()
    {
        ProvisioningException failed = await Assert.ThrowsAsync<ProvisioningException>(() =>
            new Crontab(Path.Combine(_folder, "nothing")).ListAsync(default)
        );

        Assert.Contains(
            "it is not installed on this machine. Install it, choose another scheduler with -Kind",
            failed.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_task_of_Windows_runs_once_at_a_time_without_rights_it_does_not_need()
    {
        ScheduledJob job = Job("a b") with
        {
            Folder = @"C:\Jobs\O'Neil & ""sons"" <1>\",
            PowerShell = @"C:\Program Files\PowerShell\7\pwsh.exe",
        };

        var task = XDocument.Parse(WindowsTask.Task(job, @"CONTOSO\travelperk$").ToString());

        Assert.Equal("IgnoreNew", Value("MultipleInstancesPolicy"));
        Assert.Equal("true", Value("StartWhenAvailable"));
        Assert.Equal("LeastPrivilege", Value("RunLevel"));
        Assert.Equal(("PT10M", "PT0S", "Password"), (Value("Interval"), Value("ExecutionTimeLimit"), Value("LogonType")));
        Assert.Equal(
            "S4U",
            XDocument
                .Parse(WindowsTask.Task(job, @"CONTOSO\anna").ToString())
                .Descendants()
                .First(e => e.Name.LocalName == "LogonType")
                .Value
        );
        Assert.Equal(job.PowerShell, Value("Command"));
        Assert.EndsWith("""-Job "C:\Jobs\O'Neil & \"sons\" <1>\\" """.TrimEnd(), Value("Arguments"), StringComparison.Ordinal);

        string Value(string name) => task.Descendants().First(e => e.Name.LocalName == name).Value;
    }

    [Theory]
    [InlineData(ScheduleTarget.GitHubActions, false)]
    [InlineData(ScheduleTarget.GitHubActions, true)]
    [InlineData(ScheduleTarget.AzureDevOps, false)]
    [InlineData(ScheduleTarget.AzureDevOps, true)]
    [InlineData(ScheduleTarget.KubernetesCronJob, false)]
    [InlineData(ScheduleTarget.KubernetesCronJob, true)]
    [InlineData(ScheduleTarget.Container, false)]
    [InlineData(ScheduleTarget.Container, true)]
    public void Exported_YAML_is_YAML_whatever_the_job_is_called(ScheduleTarget target, bool isShared)
    {
        foreach (
            (string name, string text) in ScheduleExport
                .Files(target, Job(Hostile) with { IsShared = isShared })
                .Where(file => !file.Key.StartsWith("Dockerfile", StringComparison.Ordinal))
        )
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            Assert.NotEmpty(yaml.Documents);
            Assert.DoesNotContain("{{", text.Replace("${{ secrets.", "", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.False(text.Contains("whsec_", StringComparison.Ordinal) || name.Contains('/', StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_CronJob_never_runs_twice_at_once()
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(ScheduleExport.Files(ScheduleTarget.KubernetesCronJob, Job("contoso"))["cronjob.yaml"]));
        var spec = (YamlMappingNode)yaml.Documents[1].RootNode["spec"];

        Assert.Equal("Forbid", (string?)spec["concurrencyPolicy"]);
        Assert.Equal("*/10 * * * *", (string?)spec["schedule"]);
        Assert.Equal("0", (string?)spec["jobTemplate"]["spec"]["backoffLimit"]);
        Assert.Matches("^travelperkscim-contoso-[0-9a-f]{8}$", (string?)yaml.Documents[1].RootNode["metadata"]["name"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_target_has_files_and_none_has_a_place_left_open(bool isShared)
    {
        ScheduledJob job = Job("contoso") with { IsShared = isShared };

        foreach (ScheduleTarget target in Enum.GetValues<ScheduleTarget>())
            Assert.All(ScheduleExport.Files(target, job), file => Assert.DoesNotMatch(@"(?<!\$)\{\{", file.Value));
    }

    [Fact]
    public void A_CronJob_of_a_shared_job_keeps_no_volume_and_reads_the_folder_and_the_store()
    {
        YamlMappingNode pod = PodOf(Job(Hostile) with { IsShared = true });
        var container = (YamlMappingNode)pod["containers"][0];

        // Kubernetes takes $$ in an argument for $.
        Assert.Equal(
            ["-Job", $"/jobs/{Hostile.Replace("$", "$$", StringComparison.Ordinal)}", "-StoreFile", "/run/secrets/travelperk/store"],
            Texts(container["args"])
        );
        Assert.Equal("true", (string?)container["securityContext"]["readOnlyRootFilesystem"]);
        Assert.Equal(
            [$"job /jobs/{Hostile}", "key /run/secrets/travelperk", "temporary /tmp"],
            ((YamlSequenceNode)container["volumeMounts"]).Select(mount => $"{mount["name"]} {mount["mountPath"]}")
        );
        Assert.StartsWith(ScheduledJob.Prefix, (string?)pod["volumes"][0]["configMap"]["name"], StringComparison.Ordinal);
        Assert.DoesNotContain("persistentVolumeClaim", pod.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_of_a_shared_job_only_reads_its_folder_under_the_name_that_the_database_knows()
    {
        IReadOnlyDictionary<string, string> files = ScheduleExport.Files(
            ScheduleTarget.Container,
            Job("Contoso $x_1") with
            {
                IsShared = true,
            }
        );
        YamlNode compose = Yaml(files["compose.yaml"])[0];
        YamlNode cycle = compose["services"]["cycle"],
            folder = cycle["volumes"][0];

        Assert.Equal(["-Job", "/jobs/Contoso $$x_1", "-StoreFile", "/run/secrets/store"], Texts(cycle["command"]));
        Assert.Equal(
            ("bind", "./Contoso $$x_1", "/jobs/Contoso $$x_1", "true"),
            ((string?)folder["type"], (string?)folder["source"], (string?)folder["target"], (string?)folder["read_only"])
        );
        Assert.Equal("./travelperk-store", (string?)compose["secrets"]["store"]["file"]);
        Assert.DoesNotContain("VOLUME", files["Dockerfile"], StringComparison.Ordinal);
        Assert.Contains("VOLUME", ScheduleExport.Files(ScheduleTarget.Container, Job("contoso"))["Dockerfile"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ScheduleTarget.GitHubActions, "travelperk-drift.yml", "${{ secrets.PROVISIONING_STORE }}")]
    [InlineData(ScheduleTarget.AzureDevOps, "azure-pipelines.yml", "$(PROVISIONING_STORE)")]
    public void A_pipeline_of_a_shared_job_connects_the_store_and_nothing_replaces_a_part_of_the_folder_name(
        ScheduleTarget target,
        string name,
        string secret
    )
    {
        string text = ScheduleExport.Files(target, Job("$(a) ${{ b }} O\u2019Neil") with { IsShared = true })[name];

        Assert.Contains($" PROVISIONING_STORE: {secret}\n", text, StringComparison.Ordinal);
        Assert.Contains(
            " Connect-ProvisioningStore -ConnectionString (ConvertTo-SecureString $env:PROVISIONING_STORE -AsPlainText -Force)\n",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains("$job = './' + [char]36 + '(a) ' + [char]36 + '{{ b }} O\u2019\u2019Neil'\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("PROVISIONING_STORE", ScheduleExport.Files(target, Job("contoso"))[name], StringComparison.Ordinal);
    }

    private static YamlMappingNode PodOf(ScheduledJob job) =>
        (YamlMappingNode)
            Assert.Single(Yaml(ScheduleExport.Files(ScheduleTarget.KubernetesCronJob, job)["cronjob.yaml"]))["spec"]["jobTemplate"]["spec"][
                "template"
            ]["spec"];

    private static List<YamlNode> Yaml(string text)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        return [.. yaml.Documents.Select(document => document.RootNode)];
    }

    private static IEnumerable<string?> Texts(YamlNode list) => ((YamlSequenceNode)list).Select(node => (string?)node);

    private ScheduledJob Job(string name) =>
        new(Path.Combine(_folder, name), TimeSpan.FromMinutes(40), "/usr/bin/env", "/opt/module/Invoke-ScheduledJob.ps1");

    private ScheduledJob RealJob(string name)
    {
        string script = Path.Combine(_folder, "Invoke-ScheduledJob.ps1");
        File.WriteAllText(script, "");
        var settings = new JobSettings
        {
            Source = new JobSource(JobSourceType.File, "users.json"),
            Target = new Uri("https://app.travelperk.com/scim/v2"),
        };
        return Job(name) with
        {
            Folder = ProvisioningJob.Create(Path.Combine(_folder, name), settings, SynchronizationSchema.Default).Path,
            Script = script,
        };
    }

    // As crontab(1): -l writes the table, - reads one.
    private string CrontabProgram() =>
        Stub("crontab", $"if [ \"$1\" = -l ]; then cat '{Table}'; else cat > '{Table}.new' && mv '{Table}.new' '{Table}'; fi");

    private string Stub(string name, string script)
    {
        string file = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName, name);
        File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return file;
    }

    private static async Task<(int Code, string Output)> RunAsync(string program, params string[] words)
    {
        var how = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string word in words)
            how.ArgumentList.Add(word);
        using Process process = Process.Start(how)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(),
            error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }
}

/// <summary>A test of a scheduler of Unix.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute()
    {
        if (OperatingSystem.IsWindows())
            Skip = "cron and systemd are not on Windows.";
    }
}

/// <summary>A test that systemd itself reads.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SystemdFactAttribute : FactAttribute
{
    public SystemdFactAttribute()
    {
        if (!File.Exists("/usr/bin/systemd-analyze"))
            Skip = "systemd-analyze is not on this machine: the units were not read by systemd itself.";
    }
}

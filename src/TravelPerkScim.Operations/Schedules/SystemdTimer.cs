using System.Globalization;
using TravelPerkScim.Provisioning.Disk;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Operations.Schedules;

/// <summary>
/// Timers of systemd: a service that runs once, and the timer that starts it. The timer counts from the end of a run, because <c>*:0/40</c>
/// would fire at :00 and :40.
/// </summary>
/// <param name="folder">Where units are.</param>
/// <param name="user">The units are those of a user: they run while the user is logged in, or lingers.</param>
/// <param name="program">The program that controls systemd.</param>
public sealed class SystemdTimer(string folder, bool user, string program = "systemctl") : IScheduler
{
    private const string JobKey = "X-TravelPerkScim-Job=",
        EveryKey = "X-TravelPerkScim-Every=",
        ScriptKey = "X-TravelPerkScim-Script=",
        StoreKey = "X-TravelPerkScim-Store=",
        TargetKey = "X-TravelPerkScim-AllowedTarget=";

    /// <summary>The one for this account: root's timers are the system's.</summary>
    public static SystemdTimer OfThisAccount()
    {
        bool root = Environment.UserName == "root";
        string own = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } configured
            ? configured
            : Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config");
        return new SystemdTimer(root ? "/etc/systemd/system" : Path.Join(own, "systemd", "user"), !root);
    }

    /// <inheritdoc/>
    public SchedulerKind Kind => SchedulerKind.Systemd;

    /// <summary>The service of a job.</summary>
    public static string Service(ScheduledJob job, bool user)
    {
        ArgumentNullException.ThrowIfNull(job);
        string command = string.Join(' ', new[] { job.PowerShell }.Concat(job.Arguments).Select(Quoted));
        string credential = job.Credential is { } file ? $"LoadCredential=travelperk:{Specifiers(file)}\n" : "";
        string target = job.AllowedTarget is { } allowed ? $"{TargetKey}{Specifiers(allowed.AbsoluteUri)}\n" : "";
        string store = job.Store is { } states ? $"{StoreKey}{Specifiers(states)}\n" : "";
        // A unit of the system can shut out everything but the job; one of a user has no right to.
        string walls = user ? "" : $"ProtectSystem=strict\nReadWritePaths={Quoted(job.Folder)}\nProtectHome=read-only\nPrivateTmp=yes\n";
        return $"""
            [Unit]
            Description=TravelPerkScim: cycle of the job {Specifiers(Path.GetFileName(job.Folder))} when it is due
            {JobKey}{Specifiers(job.Folder)}
            {EveryKey}{job.Every:c}
            {ScriptKey}{Specifiers(job.Script)}
            {store}{target}Wants=network-online.target
            After=network-online.target

            [Service]
            Type=oneshot
            ExecStart={command}
            # Staged operations and a cycle that is under way already are no failure of the unit.
            SuccessExitStatus=3 5
            TimeoutStartSec=infinity
            # A cycle that is stopped waits for the answers to what it has sent.
            TimeoutStopSec=30
            Environment=DOTNET_CLI_TELEMETRY_OPTOUT=1 POWERSHELL_TELEMETRY_OPTOUT=1 POWERSHELL_UPDATECHECK=Off
            NoNewPrivileges=yes
            UMask=0077
            {credential}{walls}
            """.ReplaceLineEndings("\n");
    }

    /// <summary>The timer of a job.</summary>
    public static string Timer(ScheduledJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return string.Create(
                CultureInfo.InvariantCulture,
                $"""
                [Unit]
                Description=TravelPerkScim: looks whether a cycle of the job {Specifiers(Path.GetFileName(job.Folder))} is due

                [Timer]
                OnActiveSec=5s
                OnBootSec=1min
                OnUnitInactiveSec={job.Every.TotalMinutes:0}min
                AccuracySec=5s
                RandomizedDelaySec=5s

                [Install]
                WantedBy=timers.target

                """
            )
            .ReplaceLineEndings("\n");
    }

    /// <inheritdoc/>
    public async Task RegisterAsync(ScheduledJob job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        bool added = !File.Exists(FileOf(job.Name, "timer"));
        try
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllTextAsync(FileOf(job.Name, "service"), Service(job, user), cancellationToken).ConfigureAwait(false);
            await File.WriteAllTextAsync(FileOf(job.Name, "timer"), Timer(job), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProvisioningException(
                "SchedulerFailed",
                $"The units of systemd cannot be written to '{folder}': {e.Message} Check who may write there.",
                e
            );
        }
        try
        {
            await ControlAsync(["daemon-reload"], cancellationToken).ConfigureAwait(false);
            await ControlAsync(["enable", "--now", job.Name + ".timer"], cancellationToken).ConfigureAwait(false);
        }
        catch (ProvisioningException) when (added)
        {
            // Units that systemd never took over would be listed as a schedule. A timer that was there before goes on.
            DeleteUnits(job.Name);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ProvisioningSchedule>> ListAsync(CancellationToken cancellationToken)
    {
        var found = new List<ProvisioningSchedule>();
        if (!Directory.Exists(folder))
            return found;
        foreach (string file in Directory.EnumerateFiles(folder, ScheduledJob.Prefix + "*.service").Order(StringComparer.Ordinal))
        {
            string[] lines = await File.ReadAllLinesAsync(file, cancellationToken).ConfigureAwait(false);
            if (Value(lines, JobKey) is not { } job || Value(lines, ScriptKey) is not { } script)
                continue;
            string name = Path.GetFileNameWithoutExtension(file);
            Dictionary<string, string> timer = await ShowAsync(name + ".timer", cancellationToken).ConfigureAwait(false);
            Dictionary<string, string> service = await ShowAsync(name + ".service", cancellationToken).ConfigureAwait(false);
            string? broken = ScheduleFault.Of(job, script);
            bool ran = service.GetValueOrDefault("ExecMainStartTimestamp") is { Length: > 0 };
            found.Add(
                new ProvisioningSchedule
                {
                    Name = name,
                    Kind = Kind,
                    Job = job,
                    Store = Value(lines, StoreKey),
                    AllowedTarget = ScheduledJob.TargetIn(Value(lines, TargetKey)),
                    Every = TimeSpan.TryParse(Value(lines, EveryKey), CultureInfo.InvariantCulture, out TimeSpan every) ? every : default,
                    State =
                        broken is not null ? ScheduleState.Broken
                        : timer.GetValueOrDefault("ActiveState") == "active" ? ScheduleState.Active
                        : ScheduleState.Inactive,
                    LastRun = ran ? Moment(service["ExecMainStartTimestamp"]) : null,
                    LastExitCode =
                        ran
                        && int.TryParse(
                            service.GetValueOrDefault("ExecMainStatus"),
                            NumberStyles.None,
                            CultureInfo.InvariantCulture,
                            out int code
                        )
                            ? code
                            : null,
                    Message = broken,
                }
            );
        }
        return found;
    }

    /// <inheritdoc/>
    public async Task UnregisterAsync(ProvisioningSchedule schedule, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        await ControlAsync(["disable", "--now", schedule.Name + ".timer"], cancellationToken).ConfigureAwait(false);
        DeleteUnits(schedule.Name);
        await ControlAsync(["daemon-reload"], cancellationToken).ConfigureAwait(false);
    }

    private void DeleteUnits(string name)
    {
        File.Delete(FileOf(name, "timer"));
        File.Delete(FileOf(name, "service"));
    }

    private string FileOf(string name, string kind) => Path.Join(folder, $"{name}.{kind}");

    private Task<string> ControlAsync(IEnumerable<string> words, CancellationToken cancellationToken) =>
        SystemCommand.RunAsync(program, user ? ["--user", .. words] : words, cancellationToken);

    private async Task<Dictionary<string, string>> ShowAsync(string unit, CancellationToken cancellationToken)
    {
        string[] words = ["show", unit, "--timestamp=unix", "--property=ActiveState,ExecMainStatus,ExecMainStartTimestamp"];
        (_, string output, _) = await SystemCommand
            .TryAsync(program, user ? ["--user", .. words] : words, cancellationToken)
            .ConfigureAwait(false);
        return output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('=', 2))
            .Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[0], parts => parts[1].Trim(), StringComparer.Ordinal);
    }

    private static DateTimeOffset? Moment(string text) =>
        long.TryParse(text.TrimStart('@'), NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    private static string? Value(string[] lines, string key) =>
        lines.FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) is { } line
            ? line[key.Length..].Replace("%%", "%", StringComparison.Ordinal)
            : null;

    // systemd.unit(5): a percent sign begins a specifier.
    private static string Specifiers(string text) => WholeFile.Check(text).Replace("%", "%%", StringComparison.Ordinal);

    // systemd.service(5), "Command lines": quotation marks, backslashes and dollar signs mean something there.
    private static string Quoted(string text)
    {
        string escaped = Specifiers(text)
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("$", "$$", StringComparison.Ordinal);
        return $"\"{escaped}\"";
    }
}

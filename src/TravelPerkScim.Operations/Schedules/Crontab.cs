using System.Globalization;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Operations.Schedules;

/// <summary>Lines in the crontab of this account, each after a comment that names its job. Every other line stays as it is.</summary>
/// <param name="program">The program that reads and writes the crontab.</param>
/// <param name="processes">A folder of processes as Linux has it: where no cron is among them, no line is run. Default: this
/// machine's.</param>
public sealed class Crontab(string program = "crontab", string processes = "/proc") : IScheduler
{
    private static readonly HashSet<string> s_daemons = new(StringComparer.Ordinal)
    {
        "cron",
        "crond",
        "fcron",
        "bcron-sched",
        "dcron",
        "systemd-cron",
    };

    private const string Mark = "# TravelPerkScim, made by Register-ProvisioningSchedule: ";

    /// <inheritdoc/>
    public SchedulerKind Kind => SchedulerKind.Cron;

    /// <summary>The two lines of a job.</summary>
    public static IReadOnlyList<string> Lines(ScheduledJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        string command = string.Join(' ', new[] { job.PowerShell }.Concat(job.Arguments).Select(Quoted));
        return
        [
            $"{Mark}{job.Name}",
            // cron mails the output of a run. A run writes only when something is wrong.
            string.Create(
                CultureInfo.InvariantCulture,
                $"{(job.Every.TotalMinutes > 1 ? $"*/{job.Every.TotalMinutes:0}" : "*")} * * * * {command}"
            ),
        ];
    }

    /// <inheritdoc/>
    public async Task RegisterAsync(ScheduledJob job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        List<string> lines = Without(await ReadAsync(cancellationToken).ConfigureAwait(false), job.Name);
        await WriteAsync([.. lines, .. Lines(job)], cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ProvisioningSchedule>> ListAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<string> lines = await ReadAsync(cancellationToken).ConfigureAwait(false);
        var found = new List<ProvisioningSchedule>();
        string? idle = Runs()
            ? null
            : "No cron runs on this machine, so nothing runs the line. Start it (service cron start), or use the worker.";
        for (int i = 0; i + 1 < lines.Count; i++)
        {
            if (!lines[i].StartsWith(Mark, StringComparison.Ordinal))
                continue;
            List<string> words = Words(lines[i + 1]);
            int at = words.IndexOf(ScheduledJob.JobOption);
            if (at < 2 || at + 1 == words.Count)
                continue;
            (string step, string script, string job) = (words[0], words[at - 1], words[at + 1]);
            string? broken = ScheduleFault.Of(job, script);
            found.Add(
                new ProvisioningSchedule
                {
                    Name = lines[i][Mark.Length..].Trim(),
                    Kind = Kind,
                    Job = job,
                    Store = After(words, ScheduledJob.StoreOption),
                    AllowedTarget = ScheduledJob.TargetIn(After(words, ScheduledJob.AllowTarget)),
                    Every = TimeSpan.FromMinutes(
                        int.TryParse(step.Split('/')[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int minutes) ? minutes : 1
                    ),
                    State =
                        broken is not null ? ScheduleState.Broken
                        : idle is not null ? ScheduleState.Inactive
                        : ScheduleState.Active,
                    Message = broken ?? idle,
                }
            );
        }
        return found;
    }

    /// <inheritdoc/>
    public async Task UnregisterAsync(ProvisioningSchedule schedule, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        await WriteAsync(Without(await ReadAsync(cancellationToken).ConfigureAwait(false), schedule.Name), cancellationToken)
            .ConfigureAwait(false);
    }

    private static string? After(List<string> words, string option) =>
        words.IndexOf(option) is >= 0 and var at && at + 1 < words.Count ? words[at + 1] : null;

    // Where processes of other accounts are hidden, or there is no such folder, as on macOS, cron is taken to run.
    private bool Runs()
    {
        try
        {
            return !File.Exists(Path.Join(processes, "1", "comm"))
                || Directory.EnumerateDirectories(processes).Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])).Any(IsCron);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static bool IsCron(string process)
    {
        try
        {
            return s_daemons.Contains(File.ReadAllText(Path.Join(process, "comm")).Trim());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process ended in the meantime, or is another account's.
            return false;
        }
    }

    private static List<string> Without(IReadOnlyList<string> lines, string name)
    {
        List<string> kept = [.. lines];
        for (int at; (at = kept.IndexOf(Mark + name)) >= 0; )
            kept.RemoveRange(at, Math.Min(2, kept.Count - at));
        return kept;
    }

    private async Task<IReadOnlyList<string>> ReadAsync(CancellationToken cancellationToken)
    {
        (int code, string output, string error) = await SystemCommand.TryAsync(program, ["-l"], cancellationToken).ConfigureAwait(false);
        // An account without a crontab has an empty one. Any other failure must not be taken for that: the lines of others would be lost.
        if (code != 0 && !error.Contains("no crontab", StringComparison.OrdinalIgnoreCase))
        {
            throw new ProvisioningException(
                "SchedulerFailed",
                $"The crontab cannot be read: {Scim.ShownText.Of(error.Trim())} Nothing was changed."
            );
        }
        return code != 0
            ? []
            : [.. output.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').Where((line, at) => at > 0 || line.Length > 0)];
    }

    private async Task WriteAsync(IEnumerable<string> lines, CancellationToken cancellationToken) =>
        await SystemCommand
            .RunAsync(program, ["-"], cancellationToken, string.Concat(lines.Select(line => line + "\n")))
            .ConfigureAwait(false);

    // For sh, within single quotation marks. crontab(5): a percent sign is a line break unless a backslash is before it.
    private static string Quoted(string text) =>
        $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'".Replace("%", "\\%", StringComparison.Ordinal);

    // The reverse of what Lines writes: every other part is within quotation marks.
    private static List<string> Words(string line)
    {
        const string Quote = "'\\''",
            Stand = "\u0001";
        string[] parts = line.Replace("\\%", "%", StringComparison.Ordinal).Replace(Quote, Stand, StringComparison.Ordinal).Split('\'');
        IEnumerable<string> words = parts.SelectMany(
            (part, at) => at % 2 == 1 ? [part] : part.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        );
        return [.. words.Select(word => word.Replace(Stand, "'", StringComparison.Ordinal))];
    }
}

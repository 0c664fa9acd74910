using System.Globalization;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Operations.Schedules;

/// <summary>Lines in the crontab of this account, each after a comment that names its job. Every other line stays as it is.</summary>
/// <param name="program">The program that reads and writes the crontab.</param>
public sealed class Crontab(string program = "crontab") : IScheduler
{
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
            // What a run writes is mailed by cron; it writes only when something is wrong.
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
        for (int i = 0; i + 1 < lines.Count; i++)
        {
            if (
                !lines[i].StartsWith(Mark, StringComparison.Ordinal)
                || Words(lines[i + 1]) is not [var step, .., var script, "-Job", var job]
            )
                continue;
            string? broken = ScheduleFault.Of(job, script);
            found.Add(
                new ProvisioningSchedule
                {
                    Name = lines[i][Mark.Length..].Trim(),
                    Kind = Kind,
                    Job = job,
                    Every = TimeSpan.FromMinutes(
                        int.TryParse(step.Split('/')[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int minutes) ? minutes : 1
                    ),
                    State = broken is null ? ScheduleState.Active : ScheduleState.Broken,
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
        await WriteAsync(Without(await ReadAsync(cancellationToken).ConfigureAwait(false), schedule.Name), cancellationToken)
            .ConfigureAwait(false);
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
            throw new ProvisioningException(
                "SchedulerFailed",
                $"The crontab cannot be read: {Scim.ShownText.Of(error.Trim())} Nothing was changed."
            );
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

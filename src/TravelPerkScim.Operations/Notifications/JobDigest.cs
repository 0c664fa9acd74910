using System.Globalization;
using TravelPerkScim.Operations.Channels;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using static TravelPerkScim.Operations.Notifications.Words;

namespace TravelPerkScim.Operations.Notifications;

/// <summary>What the cycles of a day or a week came to.</summary>
internal static class JobDigest
{
    private const DayOfWeek WeeklyOn = DayOfWeek.Monday;

    /// <param name="before">When the last digest was made. The first one waits for its time: of the days before, no digest was asked
    /// for.</param>
    /// <param name="settings">How often, and when.</param>
    /// <param name="now">UTC.</param>
    /// <returns>Since when the digest that is due reports, null when none is; and what is to be remembered.</returns>
    public static (DateTimeOffset? Since, Alert Memory) Step(Alert before, JobNotifications settings, DateTimeOffset now)
    {
        if (settings.Digest == DigestFrequency.None)
            return (null, before with { ToldAt = null });
        if (before.ToldAt is not { } last || last > now)
            return (null, before with { ToldAt = now });
        return last < Moment(settings, now) ? (last, before with { ToldAt = now }) : (null, before);
    }

    /// <param name="facts">How the job stands.</param>
    /// <param name="since">Since when it reports.</param>
    /// <param name="cycles">The cycles since then.</param>
    public static AlertText Of(JobFacts facts, DateTimeOffset since, IReadOnlyList<CycleSummary> cycles)
    {
        string job = facts.Job.Name;
        ProvisioningStatus status = facts.Status;
        CycleCounts[] counts = [.. cycles.Select(cycle => cycle.Counts)];
        int failed = cycles.Count(cycle => cycle.State == CycleState.Failed);
        string did = Counts(
            "no changes",
            (counts.Sum(c => c.Created), "created", "created"),
            (counts.Sum(c => c.Updated), "updated", "updated"),
            (counts.Sum(c => c.Enabled), "enabled", "enabled"),
            (counts.Sum(c => c.Disabled), "disabled", "disabled"),
            (counts.Sum(c => c.Deleted), "deleted", "deleted")
        );
        string ran = Counts("no cycle", (cycles.Count, "cycle", "cycles"));
        string failures = failed > 0 ? $", of which {failed} failed" : "";
        return new AlertText(
            $"{job}: {Count(cycles.Count, "cycle")}, {did}",
            $"Since {Time(since)}, the job '{job}' ran {ran}{failures}. {StateOf(status)}"
        )
        {
            Facts =
            [
                new("Changes", did),
                new("Linked users", status.LinkedUsers.ToString(CultureInfo.InvariantCulture)),
                new("In escrow", status.Escrowed.ToString(CultureInfo.InvariantCulture)),
                .. WaitingOf(status.Staged),
                new("Requests", counts.Sum(c => c.Requests).ToString(CultureInfo.InvariantCulture)),
            ],
            Commands = [Command(facts.Job, "Get-ProvisioningStatus")],
        };
    }

    private static string StateOf(ProvisioningStatus status)
    {
        if (status.Status == JobStatus.Off)
            return "The job is Off: no scheduled cycle runs until Start-ProvisioningJob.";
        if (status.Status == JobStatus.Quarantine)
            return "The job is in quarantine.";
        if (status.Staged.Count > 0)
            return "Something waits for an approval.";
        IEnumerable<NotificationRule> rules = status.Alerts.Select(alert => alert.Rule).Distinct();
        return status.Alerts.Count > 0 ? $"Still there: {string.Join(", ", rules)}." : "Nothing waits for you.";
    }

    private static IEnumerable<NotificationFact> WaitingOf(IReadOnlyList<StagedCycle> staged)
    {
        if (staged.Count == 0)
            yield break;
        string counts = Counts(
            "nothing",
            (staged.Sum(c => c.Disables), "disable", "disables"),
            (staged.Sum(c => c.Deletes), "delete", "deletes"),
            (staged.Sum(c => c.Groups), "group change", "group changes"),
            (staged.Sum(c => c.Takeovers), "takeover", "takeovers")
        );
        yield return new NotificationFact("Waiting for approval", counts);
    }

    private static DateTimeOffset Moment(JobNotifications settings, DateTimeOffset now)
    {
        DateTimeOffset moment = new(DateOnly.FromDateTime(now.UtcDateTime).ToDateTime(settings.DigestAt), TimeSpan.Zero);
        while (moment > now || (settings.Digest == DigestFrequency.Weekly && moment.DayOfWeek != WeeklyOn))
            moment = moment.AddDays(-1);
        return moment;
    }
}

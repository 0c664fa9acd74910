using System.Globalization;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Operations.Notifications;

/// <summary>Which conditions are there.</summary>
internal static class AlertRules
{
    // The last level is the end itself.
    private static readonly int[] s_daysBefore = [0, 1, 7, 30];

    /// <summary>Rules that say nothing now, neither that their condition is there nor that it is over: what they would look at tells
    /// nothing of it.</summary>
    /// <param name="facts">How the job stands.</param>
    /// <param name="memory">What is remembered of the condition.</param>
    public static bool IsSilent(JobFacts facts, Alert memory)
    {
        // Off is a decision of a person, who knows of it.
        if (memory.Rule == NotificationRule.Digest || facts.Status.Status == JobStatus.Off)
            return true;
        return memory.Rule switch
        {
            NotificationRule.CycleFailing => IsFailingSilent(facts, memory),
            // A file that cannot be seen says nothing of its age; failing cycles are told of.
            NotificationRule.SourceStale => facts.IsQuarantined || facts.Status.SourceWritten is null,
            // A cycle that fails says nothing of the source's entries.
            NotificationRule.SourceIncomplete => facts.IsQuarantined || facts.FailedInARow > 0 || facts.IncompleteInARow == 1,
            NotificationRule.NoCycle => IsNoCycleSilent(facts, memory),
            _ => false,
        };
    }

    private static bool IsFailingSilent(JobFacts facts, Alert memory)
    {
        // The quarantine says the same, and more; after a reset, the failures from before it are no news.
        if (facts.IsQuarantined || facts.Ended.Count == 0)
            return true;
        // Failing is over when a cycle reached its end.
        return memory.Told ? facts.FailedInARow == 1 : !facts.AtCycleEnd;
    }

    private static bool IsNoCycleSilent(JobFacts facts, Alert memory)
    {
        if (facts.Status.IsOverdue || !memory.Told)
            return false;
        // Changed settings give the scheduler time, but only a cycle ends it.
        return !facts.Cycles.Any(cycle => cycle.Began > memory.Since);
    }

    /// <summary>The conditions that are there now.</summary>
    /// <param name="facts">How the job stands.</param>
    public static IEnumerable<AlertCondition> Present(JobFacts facts)
    {
        ProvisioningStatus status = facts.Status;
        if (facts.FailedInARow > 1)
            yield return new AlertCondition(NotificationRule.CycleFailing, Text(facts.FailedInARow));
        if (facts.IsQuarantined)
        {
            string reason = $"{status.Quarantine!.Reason}{(status.Quarantine.Disabled ? ", disabled" : "")}";
            yield return new AlertCondition(NotificationRule.Quarantine, reason) { IsNews = told => told != reason };
        }
        IEnumerable<StagedCycle> withDeletes = status.Staged.Where(cycle => cycle.Disables + cycle.Deletes + cycle.Groups > 0);
        if (Staged(withDeletes, NotificationRule.DeletesStaged) is { } deletes)
            yield return deletes;
        IEnumerable<StagedCycle> withTakeovers = status.Staged.Where(cycle => cycle.Takeovers > 0);
        if (Staged(withTakeovers, NotificationRule.TakeoversStaged) is { } takeovers)
            yield return takeovers;
        if (status.Escrowed > facts.EscrowLimit)
        {
            yield return new AlertCondition(NotificationRule.EscrowGrowing, Text(status.Escrowed))
            {
                IsNews = told => long.TryParse(told, CultureInfo.InvariantCulture, out long count) && status.Escrowed >= 2 * count,
            };
        }
        foreach ((string subject, DateOnly day, _) in facts.Expiring.Where(secret => facts.DaysUntil(secret.Expires) <= s_daysBefore[^1]))
        {
            int level = s_daysBefore.First(days => facts.DaysUntil(day) <= days);
            yield return new AlertCondition(NotificationRule.CredentialExpiring, Text(level))
            {
                Subject = subject,
                Repeats = false,
                IsNews = told => int.TryParse(told, CultureInfo.InvariantCulture, out int days) && level < days,
            };
        }
        if (status is { IsSourceStale: true, SourceWritten: { } written })
        {
            yield return new AlertCondition(NotificationRule.SourceStale, written.ToString("O", CultureInfo.InvariantCulture))
            {
                Repeats = false,
            };
        }
        if (facts.IncompleteInARow > 1)
            yield return new AlertCondition(NotificationRule.SourceIncomplete, "");
        if (status.IsOverdue)
            yield return new AlertCondition(NotificationRule.NoCycle, "");
    }

    // An operation that another cycle staged needs another approval.
    private static AlertCondition? Staged(IEnumerable<StagedCycle> cycles, NotificationRule rule)
    {
        string[] ids = [.. cycles.Select(cycle => cycle.CycleId.ToString("D")).Order(StringComparer.Ordinal)];
        return ids.Length == 0
            ? null
            : new AlertCondition(rule, string.Join(' ', ids))
            {
                IsNews = told => ids.Except(told.Split(' '), StringComparer.Ordinal).Any(),
            };
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

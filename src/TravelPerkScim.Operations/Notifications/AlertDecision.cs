using System.Security.Cryptography;
using System.Text;
using TravelPerkScim.Operations.Channels;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Operations.Notifications;

/// <summary>What a job tells now, and what it remembers of that. Pure: the same input gives the same answer.</summary>
/// <param name="Notifications">What is told, without names.</param>
/// <param name="Changed">What is remembered from now on, where that is not what was remembered.</param>
internal sealed record AlertDecision(IReadOnlyList<Notification> Notifications, IReadOnlyList<Alert> Changed)
{
    /// <param name="facts">How the job stands.</param>
    /// <param name="alerts">What is remembered.</param>
    /// <param name="cyclesSince">Cycles that ended after a time, newest first.</param>
    public static AlertDecision Of(
        JobFacts facts,
        IReadOnlyList<Alert> alerts,
        Func<DateTimeOffset, IReadOnlyList<CycleSummary>> cyclesSince
    )
    {
        JobNotifications settings = facts.Job.Settings.Notifications!;
        var notifications = new List<Notification>();
        var changed = new List<Alert>();
        AlertCondition[] present = [.. AlertRules.Present(facts)];
        IEnumerable<(NotificationRule Rule, string Subject)> watched = present
            .Select(condition => (condition.Rule, condition.Subject))
            .Union(alerts.Select(alert => (alert.Rule, alert.Subject)));
        foreach (
            (NotificationRule rule, string subject) in watched
                .OrderBy(watched => watched.Rule)
                .ThenBy(watched => watched.Subject, StringComparer.Ordinal)
        )
        {
            Alert before = Remembered(rule, subject);
            if (AlertRules.IsSilent(facts, before))
                continue;
            (AlertTelling? telling, Alert memory) = AlertMachine.Step(
                before,
                present.FirstOrDefault(condition => (condition.Rule, condition.Subject) == (rule, subject)),
                settings.RepeatAfter,
                facts.Now
            );
            if (telling is not null)
                notifications.Add(Told(facts, rule, subject, telling.Change, AlertText.Of(telling, facts)));
            Note(before, memory);
        }
        Alert digest = Remembered(NotificationRule.Digest, "");
        (DateTimeOffset? since, Alert next) = JobDigest.Step(digest, settings, facts.Now);
        if (since is { } begin)
        {
            notifications.Add(
                Told(facts, NotificationRule.Digest, "", NotificationChange.Report, JobDigest.Of(facts, begin, cyclesSince(begin)))
            );
        }
        Note(digest, next);
        return new AlertDecision(notifications, changed);

        Alert Remembered(NotificationRule rule, string subject) =>
            alerts.FirstOrDefault(alert => (alert.Rule, alert.Subject) == (rule, subject)) ?? new Alert(rule, subject);

        void Note(Alert before, Alert memory)
        {
            if (memory with { Changes = [] } != before with { Changes = [] } || !memory.Changes.SequenceEqual(before.Changes))
                changed.Add(memory);
        }
    }

    /// <summary>A notification goes to a channel that takes its rule. A quarantine because cycles cannot get through takes the place of
    /// CycleFailing, so it goes to who wants to hear of that too.</summary>
    public static bool Takes(NotificationChannel channel, NotificationRule rule) =>
        channel.Takes(rule) || (rule == NotificationRule.Quarantine && channel.Takes(NotificationRule.CycleFailing));

    // The same thing found out at the same moment is the same notification.
    private static string IdOf(JobFacts facts, NotificationRule rule, string subject, NotificationChange change)
    {
        byte[] hash = SHA256.HashData(
            Encoding.UTF8.GetBytes(FormattableString.Invariant($"{facts.Job.Path}\n{rule}\n{subject}\n{change}\n{facts.Now.UtcTicks}"))
        );
        return $"msg_{Convert.ToHexString(hash, 0, 16)}";
    }

    private static Notification Told(JobFacts facts, NotificationRule rule, string subject, NotificationChange change, AlertText text) =>
        new()
        {
            Id = IdOf(facts, rule, subject, change),
            Job = ShownText.Of(facts.Job.Name),
            Rule = rule,
            Change = change,
            Time = facts.Now.ToUniversalTime(),
            Title = ShownText.Of(text.Title),
            Text = ShownText.Of(text.Text),
            Facts =
            [
                .. text.Facts.Append(facts.Sender).Select(fact => new NotificationFact(ShownText.Of(fact.Name), ShownText.Of(fact.Value))),
            ],
            Commands = [.. text.Commands.Select(ShownText.Of)],
        };
}

using TravelPerkScim.Operations.Channels;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Operations.Notifications;

/// <summary>A condition that is there now.</summary>
/// <param name="Rule">The rule that found it.</param>
/// <param name="Value">What tells it from the same condition of before: a reason, cycle ids, a count.</param>
internal sealed record AlertCondition(NotificationRule Rule, string Value)
{
    /// <summary>The thing that the condition is about, where the rule watches several.</summary>
    public string Subject { get; init; } = "";

    /// <summary>Whether the condition differs from the last one that was told, or is worse. It is then told again at once.</summary>
    public Func<string, bool> IsNews { get; init; } = _ => false;

    /// <summary>Whether a condition that goes on is told again after a while.</summary>
    public bool Repeats { get; init; } = true;
}

/// <summary>What is to be told of a condition.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Subject">The thing that the condition is about; empty when the rule watches one.</param>
/// <param name="Change">Begun, going on, or over.</param>
/// <param name="Since">Since when it is, or was, there, UTC.</param>
/// <param name="QuietUntil">The end of the silence about a condition that comes and goes; null when the condition is steady.</param>
internal sealed record AlertTelling(
    NotificationRule Rule,
    string Subject,
    NotificationChange Change,
    DateTimeOffset Since,
    DateTimeOffset? QuietUntil
);

/// <summary>
/// One step of one condition: told when it begins, again when it becomes another, again after a while, and when it is over. What comes and
/// goes is told three times in 24 hours at most.
/// Pure: the same input gives the same answer.
/// </summary>
internal static class AlertMachine
{
    /// <summary>The most changes of a condition that are told within <see cref="Window"/>; the last one says that nothing more is told for
    /// that long.</summary>
    public const int MostChanges = 3;

    public static readonly TimeSpan Window = TimeSpan.FromDays(1);

    /// <param name="before">What is remembered.</param>
    /// <param name="condition">The condition; null when it is not there.</param>
    /// <param name="repeatAfter">After which time one that goes on is told again.</param>
    /// <param name="now">UTC.</param>
    /// <returns>What is to be told, if anything, and what is to be remembered.</returns>
    public static (AlertTelling? Telling, Alert Memory) Step(
        Alert before,
        AlertCondition? condition,
        TimeSpan repeatAfter,
        DateTimeOffset now
    )
    {
        // Times of a clock that was ahead must not keep a job silent until then.
        Alert memory = before with
        {
            Since = condition is null ? null : before.Since ?? now,
            Changes = [.. before.Changes.Where(change => change > now - Window && change <= now)],
            QuietUntil = before.QuietUntil > now && before.QuietUntil <= now + Window ? before.QuietUntil : null,
        };
        if (memory.QuietUntil is not null)
            return (null, memory);
        if (condition is null && !before.Told)
            return (null, memory with { ToldAt = null, Value = null });
        if (condition is null)
            return Tell(NotificationChange.Over, before.Since ?? before.ToldAt ?? now);
        DateTimeOffset begun = before.Since ?? now;
        if (!before.Told)
            return Tell(NotificationChange.Begun, begun);
        if (condition.IsNews(before.Value ?? ""))
            return Tell(NotificationChange.Continuing, begun);
        if (!condition.Repeats || !IsDueAgain(before.ToldAt, repeatAfter, now))
            return (null, memory);
        var again = new AlertTelling(condition.Rule, condition.Subject, NotificationChange.Continuing, begun, null);
        return (again, memory with { ToldAt = now, Value = condition.Value });

        (AlertTelling, Alert) Tell(NotificationChange change, DateTimeOffset since)
        {
            DateTimeOffset[] changes = [.. memory.Changes, now];
            bool unstable = changes.Length >= MostChanges;
            DateTimeOffset? quiet = unstable ? now + Window : null;
            Alert told = memory with
            {
                Told = condition is not null,
                ToldAt = condition is null ? null : now,
                Value = condition?.Value,
                Changes = unstable ? [] : changes,
                QuietUntil = quiet,
            };
            return (new AlertTelling(before.Rule, before.Subject, change, since, quiet), told);
        }
    }

    private static bool IsDueAgain(DateTimeOffset? told, TimeSpan repeatAfter, DateTimeOffset now) =>
        told is null || told > now || now >= told + repeatAfter;
}

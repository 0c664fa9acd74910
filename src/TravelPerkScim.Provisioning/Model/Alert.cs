namespace TravelPerkScim.Provisioning.Model;

/// <summary>What the state remembers of one condition that a job tells of: whether the condition holds, and what the job told of it. An
/// alert names no user.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Subject">The thing that the rule watches, where a rule watches more than one, such as the secret that runs out; else
/// empty.</param>
public sealed record Alert(NotificationRule Rule, string Subject = "")
{
    /// <summary>Since when the condition holds, UTC; null when it does not hold.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The last notification said that the condition holds.</summary>
    public bool Told { get; init; }

    /// <summary>When the job last told of the condition, UTC; null for never.</summary>
    public DateTimeOffset? ToldAt { get; init; }

    /// <summary>What the last notification said: a reason, cycle ids, a count.</summary>
    public string? Value { get; init; }

    /// <summary>When the job told of changes of the condition in the last 24 hours, UTC.</summary>
    public IReadOnlyList<DateTimeOffset> Changes
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>The condition comes and goes. The job tells nothing of it until this time, UTC.</summary>
    public DateTimeOffset? QuietUntil { get; init; }

    /// <summary>Such as "Quarantine since 2026-03-02 09:00:00 +01:00".</summary>
    public override string ToString()
    {
        string subject = Subject.Length == 0 ? "" : $" ({Subject})";
        string since = Since is { } begun ? $" since {ShownTime.Text(begun)}" : "";
        string pause = QuietUntil is { } quiet ? $", comes and goes, told again after {ShownTime.Text(quiet)}" : "";
        return $"{Rule}{subject}{since}{pause}";
    }

    /// <summary>The alert holds nothing worth keeping.</summary>
    internal bool IsEmpty => Since is null && !Told && ToldAt is null && Changes.Count == 0 && QuietUntil is null;
}

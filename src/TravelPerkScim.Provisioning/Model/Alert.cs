namespace TravelPerkScim.Provisioning.Model;

/// <summary>What is remembered of one condition that a job tells of: whether it is there, and what was told of it. It names no
/// user.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Subject">What of, where a rule watches more than one thing, such as the secret that runs out; else empty.</param>
public sealed record Alert(NotificationRule Rule, string Subject = "")
{
    /// <summary>Since when the condition is there, UTC; null when it is not.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The last thing told was that the condition is there.</summary>
    public bool Told { get; init; }

    /// <summary>When it was told of last, UTC; null for never.</summary>
    public DateTimeOffset? ToldAt { get; init; }

    /// <summary>What was told: a reason, cycle ids, a count.</summary>
    public string? Value { get; init; }

    /// <summary>When changes of the condition were told in the last 24 hours, UTC.</summary>
    public IReadOnlyList<DateTimeOffset> Changes
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>The condition comes and goes: nothing is told of it until then, UTC.</summary>
    public DateTimeOffset? QuietUntil { get; init; }

    /// <summary>Such as "Quarantine since 2026-03-02 09:00:00 +01:00".</summary>
    public override string ToString()
    {
        string subject = Subject.Length == 0 ? "" : $" ({Subject})";
        string since = Since is { } begun ? $" since {ShownTime.Text(begun)}" : "";
        return $"{Rule}{subject}{since}{(QuietUntil is { } quiet ? $", comes and goes, told again after {ShownTime.Text(quiet)}" : "")}";
    }

    /// <summary>There is nothing to remember.</summary>
    internal bool IsEmpty => Since is null && !Told && ToldAt is null && Changes.Count == 0 && QuietUntil is null;
}

using System.Text.Json.Serialization;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>How a cycle stands or ended (Graph synchronizationTaskExecution.state).</summary>
public enum CycleState : long
{
    /// <summary>Under way, or cut off by a crash.</summary>
    Running,

    /// <summary>Every entry was applied or needed nothing.</summary>
    Succeeded,

    /// <summary>The cycle reached its end. Some entries failed and wait in escrow.</summary>
    EntryLevelErrors,

    /// <summary>The source read was not complete. The entries that were read were applied, and no user counts as absent.</summary>
    Incomplete,

    /// <summary>The cycle was stopped (Ctrl+C). The next cycle goes on from there.</summary>
    Stopped,

    /// <summary>The cycle could not go on.</summary>
    Failed,

    /// <summary>The cycle reached its end and no entry failed. Some operations are staged until they are approved.</summary>
    WaitingForApproval,
}

/// <summary>One cycle, as status and state keep it.</summary>
public sealed record CycleSummary
{
    public required Guid Id { get; init; }

    public required CycleKind Kind { get; init; }

    public required CycleState State { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>UTC; null while running.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>How long the finished plan waited to be applied, as at the question of -Confirm.</summary>
    public TimeSpan Held { get; init; }

    /// <summary>How long planning and applying took; null while running.</summary>
    [JsonIgnore]
    public TimeSpan? Duration => Ended - Began - Held;

    public required CycleCounts Counts { get; init; }

    /// <summary>The cycle whose staged operations it was allowed to apply; null when it had no approval.</summary>
    public Guid? Approved { get; init; }

    /// <summary>The account that approved, and its machine; null when it had no approval.</summary>
    public string? ApprovedBy
    {
        get;
        init => field = ShownText.OfAny(value);
    }

    /// <summary>Why the cycle did not succeed, in a sentence.</summary>
    public string? Message
    {
        get;
        init => field = ShownText.OfAny(value);
    }

    /// <summary>Such as "Incremental cycle, Succeeded after 1.2 s: 61 read, 57 unchanged, 4 updated, 5 requests".</summary>
    public override string ToString()
    {
        string approval = Approved is { } approved ? $", with {ApprovedBy}'s approval of {approved}" : "";
        return FormattableString.Invariant($"{Kind} cycle{approval}, {State} after {Duration?.TotalSeconds:0.0} s: {Counts}");
    }
}

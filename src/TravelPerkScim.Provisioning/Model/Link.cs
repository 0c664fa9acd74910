namespace TravelPerkScim.Provisioning.Model;

/// <summary>The stored pair source anchor, target id (Entra: object connection).</summary>
/// <param name="TargetId">TravelPerk id.</param>
/// <param name="Hash">Hash of the desired state that was last reached.</param>
/// <param name="Enabled">False once a cycle disabled the user. The user is then left alone until it is back in scope.</param>
internal sealed record Link(string TargetId, ulong Hash, bool Enabled)
{
    /// <summary>The user left the scope or the assignment, and the job no longer manages it until it is back. Not <see cref="Enabled"/>,
    /// whether the user was disabled or left as it was.</summary>
    public bool Released { get; init; }

    /// <summary>Set while the source is read. A link that a complete read did not see is an absence. A flag here costs less memory than a
    /// set of a million anchors.</summary>
    public bool Seen { get; set; }
}

/// <summary>A failed entry kept for retry, with growing pauses.</summary>
/// <param name="Attempts">Failures so far.</param>
/// <param name="NextAttempt">The entry is not tried before this time, unless the source entry changed.</param>
/// <param name="Hash">Hash of the desired state that failed.</param>
/// <param name="NotFoundSince">The cycle that first did not find the entry in the source by its anchor, and none has found it since; null
/// for every other failure.</param>
/// <param name="Deleted">The source said that the user was permanently deleted. The source says so only once.</param>
internal sealed record Escrow(
    int Attempts,
    DateTimeOffset NextAttempt,
    ulong Hash,
    DateTimeOffset? NotFoundSince = null,
    bool Deleted = false
)
{
    /// <summary>The number of failures with the one after a former escrow; null for an entry that did not fail before.</summary>
    public static int AttemptsAfter(Escrow? former) => former is null ? 1 : former.Attempts + 1;

    /// <summary>How long an entry that failed so often is left alone: 5 minutes, then 10, 20 and so on up to a day.</summary>
    public static TimeSpan PauseAfter(int attempts) => TimeSpan.FromMinutes(Math.Min(5 * Math.Pow(2, attempts - 1), 24 * 60));

    /// <summary>The desired state that failed is not due again.</summary>
    public bool HoldsBack(ulong hash, DateTimeOffset now) => Hash == hash && now < NextAttempt;

    /// <summary>Set while the source is read, as for a link.</summary>
    public bool Seen { get; set; }
}

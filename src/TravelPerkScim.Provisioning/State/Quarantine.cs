using System.Text.Json;
using System.Text.Json.Serialization;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.State;

/// <summary>Why a job is in quarantine (Graph synchronizationQuarantine.reason).</summary>
public enum QuarantineReason : long
{
    /// <summary>Unknown.</summary>
    Unknown,

    /// <summary>Credentials are refused, or source or target cannot be reached.</summary>
    EncounteredQuarantineException,

    /// <summary>More than 40 % of a cycle's events, or more than 40,000 of them, failed.</summary>
    EncounteredEscrowProportionThreshold,

    /// <summary>More than 60,000 entries failed, references included.</summary>
    EncounteredTotalEscrowThreshold,

    /// <summary>A cycle has more disables and deletes than the thresholds allow.</summary>
    TooManyDeletes,

    /// <summary>TravelPerk users that would go over to an account with another name wait for an approval. Not one of Entra's.</summary>
    TakeoversStaged,
}

/// <summary>
/// A job that does not run by itself for a while, because running would do harm or no good (Entra: quarantine status). After the first
/// failure the job is tried again after 6, 12 and 24 hours, then daily. After 28 days the job is disabled. A cycle that succeeds ends the
/// quarantine.
/// </summary>
public sealed record Quarantine
{
    /// <summary>The age at which a quarantine disables the job.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromDays(28);

    /// <summary>The named value that holds the quarantine.</summary>
    internal const string Name = "quarantine";

    private static readonly TimeSpan[] s_attempts = [TimeSpan.FromHours(6), TimeSpan.FromHours(12), TimeSpan.FromHours(24)];
    private static readonly JsonSerializerOptions s_json = new() { Converters = { new JsonStringEnumConverter() } };

    /// <summary>Why.</summary>
    public required QuarantineReason Reason { get; init; }

    /// <summary>The cycle that caused the quarantine; for TooManyDeletes and TakeoversStaged, the cycle to approve.</summary>
    public required Guid CycleId { get; init; }

    /// <summary>When the quarantine began, UTC.</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>No scheduled cycle runs before this time, UTC. With TooManyDeletes and TakeoversStaged, cycles go on and only the staged
    /// operations wait.</summary>
    public required DateTimeOffset NextAttempt { get; init; }

    /// <summary>What happened and what to do, in words.</summary>
    public required string Message
    {
        get;
        init => field = ShownText.Of(value);
    }

    /// <summary>The quarantine went on for 28 days. No cycle runs until Reset-ProvisioningJob.</summary>
    public bool Disabled { get; init; }

    /// <summary>Only staged operations are held back.</summary>
    internal static bool HoldsStaged(QuarantineReason reason) =>
        reason is QuarantineReason.TooManyDeletes or QuarantineReason.TakeoversStaged;

    /// <inheritdoc/>
    public override string ToString() =>
        Disabled ? $"{Reason}, disabled"
        : HoldsStaged(Reason) ? $"{Reason}, waits for -ApproveCycle {CycleId}"
        : $"{Reason}, next scheduled attempt {ShownTime.Text(NextAttempt)}";

    internal static Quarantine? Read(JobState state) => Parse(state.Named(Name));

    /// <exception cref="JsonException">The text is no quarantine.</exception>
    internal static Quarantine? Parse(string? json) => json is null ? null : JsonSerializer.Deserialize<Quarantine>(json, s_json);

    internal static void Write(JobState state, Quarantine? quarantine) =>
        state.SetNamed(Name, quarantine is null ? null : JsonSerializer.Serialize(quarantine, s_json));

    /// <summary>The quarantine after a cycle that failed, for the first time or again.</summary>
    internal static Quarantine After(Quarantine? before, QuarantineReason reason, Guid cycle, DateTimeOffset now, string message)
    {
        DateTimeOffset began = before?.Began ?? now;
        TimeSpan age = now - began;
        return new Quarantine
        {
            Reason = reason,
            CycleId = cycle,
            Began = began,
            NextAttempt = began + NextAfter(age),
            Message = message,
            Disabled = age >= Limit,
        };
    }

    /// <summary>The age at which a job is tried again.</summary>
    private static TimeSpan NextAfter(TimeSpan age)
    {
        foreach (TimeSpan attempt in s_attempts)
        {
            if (age < attempt)
                return attempt;
        }
        return age + s_attempts[^1];
    }
}

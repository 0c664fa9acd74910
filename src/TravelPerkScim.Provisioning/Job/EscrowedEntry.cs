using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.State;

namespace TravelPerkScim.Provisioning.Job;

/// <summary>An entry that failed and waits for its next attempt. Its identity and its error come from the log, as long as the log keeps
/// them.</summary>
public sealed record EscrowedEntry
{
    /// <summary>The type of the object: a user, or a group.</summary>
    public required ProvisioningObjectType ObjectType { get; init; }

    /// <summary>userName or a group's displayName, or the source id when the log no longer knows it.</summary>
    public required string Identity { get; init; }

    /// <summary>Source anchor.</summary>
    public required string SourceId { get; init; }

    /// <summary>Failures so far; 0 when the entry was made due by hand.</summary>
    public required int Attempts { get; init; }

    /// <summary>UTC. The first cycle after this time tries the entry again; an earlier cycle does when the source entry changes.</summary>
    public required DateTimeOffset NextAttempt { get; init; }

    /// <summary>Entra's error code of the last failure; null when the log no longer has it.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>The last error; null when the log no longer has it.</summary>
    public string? LastError { get; init; }

    internal static IEnumerable<EscrowedEntry> Read(JobState state)
    {
        (ProvisioningObjectType Type, string Anchor, Escrow Escrow)[] escrows =
        [
            .. state.ReadEscrows().Select(e => (ProvisioningObjectType.User, e.Key, e.Value)),
            .. state.ReadGroupEscrows().Select(e => (ProvisioningObjectType.Group, e.Key, e.Value)),
        ];
        if (escrows.Length == 0)
            return [];
        Dictionary<(ProvisioningObjectType, string), (string Identity, string? Code, string Reason)> failures = state.Log.LastFailures();
        return escrows
            .OrderBy(e => e.Escrow.NextAttempt)
            .ThenBy(e => e.Anchor, StringComparer.Ordinal)
            .Select(e => Entry(e.Type, e.Anchor, e.Escrow, failures));
    }

    private static EscrowedEntry Entry(
        ProvisioningObjectType type,
        string anchor,
        Escrow escrow,
        Dictionary<(ProvisioningObjectType, string), (string Identity, string? Code, string Reason)> failures
    )
    {
        (string? Identity, string? Code, string? Reason) last = failures.GetValueOrDefault((type, anchor));
        return new EscrowedEntry
        {
            ObjectType = type,
            Identity = last.Identity ?? anchor,
            SourceId = anchor,
            Attempts = escrow.Attempts,
            NextAttempt = escrow.NextAttempt,
            ErrorCode = last.Code,
            LastError = last.Reason,
        };
    }
}

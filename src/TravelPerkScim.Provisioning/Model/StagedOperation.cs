using System.Security.Cryptography;
using System.Text;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>A disable, a delete or a removal of group members that a threshold holds back; or a takeover that waits for an
/// approval.</summary>
/// <param name="Action">What was to be done.</param>
/// <param name="CycleId">The cycle that staged the operation first: the cycle to approve.</param>
/// <param name="ApprovalDigest">Digest of what an approval covers: the members that leave the group, or for a takeover the TravelPerk user
/// and the former account. Empty for a disable or delete of a user, and for a whole group.</param>
internal sealed record StagedOperation(ProvisioningAction Action, Guid CycleId, string ApprovalDigest)
{
    private const int DigestSize = 16;
    private const string TakeoverMark = "takeover ";

    public bool IsTakeover => ApprovalDigest.StartsWith(TakeoverMark, StringComparison.Ordinal);

    /// <summary>A takeover, whatever else its operation writes.</summary>
    public static StagedOperation OfTakeover(string targetId, string takenFrom, Guid cycle) =>
        new(ProvisioningAction.Update, cycle, $"{TakeoverMark}{DigestOf(targetId, takenFrom)}");

    /// <summary>An operation, as the given cycle stages it.</summary>
    public static StagedOperation Of(ProvisioningOperation operation, Guid cycle) =>
        operation switch
        {
            { TakenFrom: { } former, TargetId: { } target } => OfTakeover(target, former, cycle),
            { Group.Remove: { Count: > 0 } members } => new(
                operation.Action,
                cycle,
                DigestOf([.. members.Select(m => m.TargetId).Order(StringComparer.Ordinal)])
            ),
            _ => new(operation.Action, cycle, ""),
        };

    private static string DigestOf(params string?[] parts) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))), 0, DigestSize);
}

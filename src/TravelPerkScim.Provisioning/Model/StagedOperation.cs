using System.Security.Cryptography;
using System.Text;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>A disable or delete, or who is taken out of a group, that a threshold holds back; or a takeover that waits for an
/// approval.</summary>
/// <param name="Action">What was to be done.</param>
/// <param name="CycleId">The cycle that staged it first: the one to approve.</param>
/// <param name="Extent">Who is taken out of the group, reduced: an approval is of just these. For a takeover the TravelPerk user and whose
/// it was. Empty for a disable or delete of a user, and for a whole group.</param>
internal sealed record StagedOperation(ProvisioningAction Action, Guid CycleId, string Extent)
{
    private const int ExtentSize = 16;
    private const string TakeoverExtent = "takeover ";

    public bool IsTakeover => Extent.StartsWith(TakeoverExtent, StringComparison.Ordinal);

    /// <summary>A takeover, whatever it writes beside.</summary>
    public static StagedOperation OfTakeover(string targetId, string takenFrom, Guid cycle) =>
        new(ProvisioningAction.Update, cycle, $"{TakeoverExtent}{Reduced(targetId, takenFrom)}");

    /// <summary>An operation, as the given cycle stages it.</summary>
    public static StagedOperation Of(ProvisioningOperation operation, Guid cycle) =>
        operation switch
        {
            { TakenFrom: { } former, TargetId: { } target } => OfTakeover(target, former, cycle),
            { Group.Remove: { Count: > 0 } members } => new(
                operation.Action,
                cycle,
                Reduced([.. members.Select(m => m.TargetId).Order(StringComparer.Ordinal)])
            ),
            _ => new(operation.Action, cycle, ""),
        };

    private static string Reduced(params string?[] parts) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))), 0, ExtentSize);
}

using System.Security.Cryptography;
using System.Text;
using TravelPerkScim.Provisioning.Plan;

namespace TravelPerkScim.Provisioning.Record;

/// <summary>A disable or delete, or who is taken out of a group, that a threshold holds back.</summary>
/// <param name="Action">What was to be done.</param>
/// <param name="CycleId">The cycle that staged it first: the one to approve.</param>
/// <param name="Extent">Who is taken out of the group, reduced: an approval is of just these. Empty for a user, and for a whole group.</param>
internal sealed record StagedOperation(ProvisioningAction Action, Guid CycleId, string Extent)
{
    private const int ExtentSize = 16;

    /// <summary>An operation, as the given cycle stages it.</summary>
    public static StagedOperation Of(ProvisioningOperation operation, Guid cycle) => new(operation.Action, cycle, operation.Group is { Remove: { Count: > 0 } members }
        ? Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', members.Select(m => m.TargetId).Order(StringComparer.Ordinal)))), 0, ExtentSize)
        : "");
}

using TravelPerkScim.Provisioning.Plan;

namespace TravelPerkScim.Provisioning.Record;

/// <summary>A disable or delete that a threshold holds back.</summary>
/// <param name="Action">What was to be done.</param>
/// <param name="CycleId">The cycle that staged it first: the one to approve.</param>
internal sealed record StagedOperation(ProvisioningAction Action, Guid CycleId);

namespace TravelPerkScim.Provisioning.Model;

/// <summary>A write that was about to be sent. The intent stays until the outcome is known. An open intent of an earlier cycle says that
/// the target may or may not have the write.</summary>
/// <param name="Action">What was to be done.</param>
/// <param name="TargetId">TravelPerk id; null for a create, and where the user was created in the same cycle.</param>
/// <param name="Keys">Keyed hashes of the values that find the user again, see <see cref="StoredKeys"/>.</param>
/// <param name="Time">When, UTC.</param>
internal sealed record Intent(ProvisioningAction Action, string? TargetId, byte[] Keys, DateTimeOffset Time);

using TravelPerkScim.Scim.Dialect;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>Where a computed operation comes from. Review adds what it needs to save the plan.</summary>
/// <param name="JobPath">The job's folder.</param>
/// <param name="Fingerprint">Hash of the mapping and the scope that the operation was computed with.</param>
/// <param name="Dialect">What was known of the target when the plan was made: the form of the request.</param>
internal record PlanOrigin(string JobPath, string Fingerprint, ScimDialect Dialect);

/// <summary>An operation that was read from a plan file. Review adds the file's own form of it.</summary>
/// <param name="Request">The request as it was reviewed; null when none would be sent.</param>
internal record SavedForm(ProvisioningRequest? Request);

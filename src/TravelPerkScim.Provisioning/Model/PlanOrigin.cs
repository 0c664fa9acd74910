using TravelPerkScim.Scim.Dialect;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>Where a computed operation comes from. Review adds what it needs to save the plan.</summary>
/// <param name="JobPath">The job's folder.</param>
/// <param name="Fingerprint">Hash of the mapping and the scope that the operation was computed with.</param>
/// <param name="Dialect">The target's dialect as it was known when the plan was made. It gives the request its form.</param>
internal record PlanOrigin(string JobPath, string Fingerprint, ScimDialect Dialect);

/// <summary>An operation that was read from a plan file. Review adds the operation as the file has it.</summary>
/// <param name="Request">The request as it was reviewed; null when no request would be sent.</param>
internal record SavedForm(ProvisioningRequest? Request);

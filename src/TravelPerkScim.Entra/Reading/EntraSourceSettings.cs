using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.Entra.Reading;

/// <summary>The users and groups that an Entra source reads.</summary>
/// <param name="ApplicationId">Object id of the enterprise application's service principal; null only when the scope is
/// <see cref="EntitlementScope.All"/>.</param>
/// <param name="Scope">Which users are entitled.</param>
/// <param name="IncludeNestedGroups">Members of groups inside assigned groups are entitled too. Entra's own service reads direct members
/// only.</param>
/// <param name="ReadGroups">Entitled groups are listed too, as <see cref="SourceGroup"/>.</param>
public sealed record EntraSourceSettings(string? ApplicationId, EntitlementScope Scope, bool IncludeNestedGroups, bool ReadGroups);

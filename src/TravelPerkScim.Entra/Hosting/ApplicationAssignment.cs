using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Hosting;

/// <summary>A user or group that is assigned to an enterprise application.</summary>
/// <param name="Id">Id of the assignment.</param>
/// <param name="PrincipalId">Object id of the user or group.</param>
/// <param name="PrincipalName">Its display name.</param>
/// <param name="PrincipalType"><c>User</c>, <c>Group</c> or <c>ServicePrincipal</c>.</param>
/// <param name="RoleId">Id of the role.</param>
/// <param name="Since">When it was made; null when Graph does not say.</param>
public sealed record ApplicationAssignment(
    string Id,
    string PrincipalId,
    string PrincipalName,
    string PrincipalType,
    string RoleId,
    DateTimeOffset? Since
)
{
    internal bool IsOf(ApplicationRole role) => RoleId.Equals(role.Id, StringComparison.OrdinalIgnoreCase);
}

/// <summary>A user or group that can be assigned.</summary>
/// <param name="Id">Object id.</param>
/// <param name="Name">userPrincipalName of a user, display name of a group.</param>
/// <param name="IsGroup">Whether it is a group.</param>
public sealed record AssignmentPrincipal(string Id, string Name, bool IsGroup);

/// <summary>The result for one input of a change of assignments.</summary>
/// <param name="Input">The input, as it was given.</param>
/// <param name="Principal">The user or group that the input names; null when it is not known.</param>
/// <param name="Changed">True when an assignment was made or removed; false when it was as wanted before.</param>
/// <param name="Failure">Why the change failed; null when it did not.</param>
public sealed record AssignmentChange(string Input, AssignmentPrincipal? Principal, bool Changed, SourceException? Failure = null);

using TravelPerkScim.Entra.Connection;
using TravelPerkScim.Entra.Hosting;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Applications;

/// <summary>Asks on the pipeline thread whether an assignment may be changed.</summary>
/// <param name="principal">The user or group.</param>
/// <param name="role">The role.</param>
internal delegate Task<bool> ConfirmAssignment(string principal, string role);

/// <summary>The assignments of one application during one command: the application, its roles and its assignments are read once.</summary>
internal sealed class EntraAssignments
{
    private readonly EntraDirectoryConnection _connection;
    private readonly ApplicationAssignments _assignments;
    private readonly IReadOnlyList<ApplicationRole> _roles;
    private readonly List<ApplicationAssignment> _there = [];

    private EntraAssignments(
        EntraDirectoryConnection connection,
        EntraEnterpriseApplication application,
        IReadOnlyList<ApplicationRole> roles
    )
    {
        _connection = connection;
        Application = application;
        _roles = roles;
        _assignments = new ApplicationAssignments(connection.Directory);
    }

    /// <summary>Inputs of one batch.</summary>
    public static int AtOnce => ApplicationAssignments.AtOnce;

    public EntraEnterpriseApplication Application { get; }

    /// <exception cref="CommandException"><c>EntraApplicationAmbiguous</c>, <c>EntraPermissionMissing</c>.</exception>
    /// <exception cref="SourceException"><c>EntraApplicationNotFound</c>, or Graph cannot be read.</exception>
    public static async Task<EntraAssignments> OpenAsync(
        EntraDirectoryConnection connection,
        EntraApplicationIdentity identity,
        bool writes,
        CancellationToken cancellationToken
    )
    {
        EntraConnector.Require(
            connection,
            writes ? [EntraPermissions.Applications, EntraPermissions.AssignmentsWrite] : [EntraPermissions.Applications]
        );
        EntraEnterpriseApplication application = await EntraApplicationCalls
            .FindAsync(connection, identity, writes: false, cancellationToken)
            .ConfigureAwait(false);
        IReadOnlyList<ApplicationRole> roles = await new ApplicationRoles(connection.Directory)
            .ReadAsync(EntraApplicationCalls.Known(application), cancellationToken)
            .ConfigureAwait(false);
        var opened = new EntraAssignments(connection, application, roles);
        if (writes)
        {
            await foreach (
                ApplicationAssignment one in opened
                    ._assignments.ListAsync(EntraApplicationCalls.Known(application), cancellationToken)
                    .ConfigureAwait(false)
            )
                opened._there.Add(one);
        }
        return opened;
    }

    public async IAsyncEnumerable<EntraApplicationAssignment> ListAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (
            ApplicationAssignment one in _assignments
                .ListAsync(EntraApplicationCalls.Known(Application), cancellationToken)
                .ConfigureAwait(false)
        )
            yield return new EntraApplicationAssignment(
                one.PrincipalName,
                one.PrincipalType,
                one.PrincipalId,
                NameOf(one.RoleId),
                Application.Id
            )
            {
                Since = one.Since,
            };
    }

    /// <summary>Assigns users and groups. An assignment that is not confirmed has no outcome.</summary>
    /// <exception cref="CommandException"><c>EntraPermissionMissing</c>.</exception>
    /// <exception cref="SourceException"><c>EntraRoleMissing</c>, <c>EntraRoleNotFound</c>, or Graph cannot be asked.</exception>
    public async Task<IReadOnlyList<(EntraAssignmentOutcome Outcome, Exception? Failure)>> AddAsync(
        IReadOnlyList<string> principals,
        string? roleName,
        ConfirmAssignment confirm,
        CancellationToken cancellationToken
    )
    {
        ApplicationRole role = ApplicationRoles.Choose(EntraApplicationCalls.Known(Application), _roles, roleName);
        IReadOnlyList<AssignmentChange> found = await ResolveAsync(principals, cancellationToken).ConfigureAwait(false);
        bool IsThere(AssignmentChange change) =>
            _there.Exists(one => one.PrincipalId == change.Principal?.Id && one.RoleId.Equals(role.Id, StringComparison.OrdinalIgnoreCase));
        var confirmed = new List<AssignmentChange>();
        foreach (AssignmentChange change in found)
        {
            if (change.Failure is not null || IsThere(change) || await confirm(change.Principal!.Name, NameOf(role)).ConfigureAwait(false))
                confirmed.Add(change);
        }
        IReadOnlyList<AssignmentChange> changes = await _assignments
            .AddAsync(EntraApplicationCalls.Known(Application), role, confirmed, _there, cancellationToken)
            .ConfigureAwait(false);
        _there.AddRange(
            changes
                .Where(change => change is { Changed: true, Principal: not null })
                .Select(change => new ApplicationAssignment(
                    "",
                    change.Principal!.Id,
                    change.Principal.Name,
                    change.Principal.IsGroup ? "Group" : "User",
                    role.Id,
                    null
                ))
        );
        return [.. changes.Select(change => (Outcome(change, role), (Exception?)change.Failure))];
    }

    /// <summary>Removes assignments.</summary>
    /// <returns>The inputs that failed.</returns>
    /// <exception cref="CommandException"><c>EntraPermissionMissing</c>.</exception>
    /// <exception cref="SourceException"><c>EntraRoleNotFound</c>, or Graph cannot be asked.</exception>
    public async Task<IReadOnlyList<(string Input, Exception Failure)>> RemoveAsync(
        IReadOnlyList<string> principals,
        string? roleName,
        ConfirmAssignment confirm,
        CancellationToken cancellationToken
    )
    {
        ApplicationRole? role = roleName is null ? null : Any(roleName);
        IReadOnlyList<AssignmentChange> found = await ResolveAsync(principals, cancellationToken).ConfigureAwait(false);
        var confirmed = new List<AssignmentChange>();
        foreach (AssignmentChange change in found)
        {
            bool isThere = _there.Exists(one =>
                one.PrincipalId == change.Principal?.Id && (role is null || one.RoleId.Equals(role.Id, StringComparison.OrdinalIgnoreCase))
            );
            if (
                change.Failure is not null
                || (isThere && await confirm(change.Principal!.Name, role is null ? "every role" : NameOf(role)).ConfigureAwait(false))
            )
                confirmed.Add(change);
        }
        IReadOnlyList<AssignmentChange> changes = await _assignments
            .RemoveAsync(EntraApplicationCalls.Known(Application), role, confirmed, _there, cancellationToken)
            .ConfigureAwait(false);
        return [.. changes.Where(change => change.Failure is not null).Select(change => (change.Input, (Exception)change.Failure!))];
    }

    private Task<IReadOnlyList<AssignmentChange>> ResolveAsync(IReadOnlyList<string> principals, CancellationToken cancellationToken)
    {
        EntraConnector.Require(
            _connection,
            groups: principals.Any(ApplicationAssignments.MayBeGroup),
            applications: false,
            users: principals.Any(ApplicationAssignments.MayBeUser)
        );
        return _assignments.ResolveAsync(principals, cancellationToken);
    }

    // A user may still have a role that was removed or disabled.
    private ApplicationRole Any(string name) =>
        _roles.FirstOrDefault(role => Is(role, name))
        ?? (
            Is(ApplicationRole.DefaultAccess, name) ? ApplicationRole.DefaultAccess
            : _there.Exists(one => one.RoleId.Equals(name, StringComparison.OrdinalIgnoreCase)) ? new ApplicationRole(name, name, null)
            : ApplicationRoles.Choose(EntraApplicationCalls.Known(Application), _roles, name)
        );

    private static bool Is(ApplicationRole role, string name) =>
        new[] { role.Value, role.DisplayName, role.Id }.Contains(name, StringComparer.OrdinalIgnoreCase);

    private EntraAssignmentOutcome Outcome(AssignmentChange change, ApplicationRole role)
    {
        EntraAssignmentStatus status = change.Failure is { } failure
            ? failure.ErrorId is "EntraPrincipalNotFound" or "EntraPrincipalAmbiguous"
                ? EntraAssignmentStatus.NotFound
                : EntraAssignmentStatus.Failed
            : change.Changed
                ? EntraAssignmentStatus.Assigned
                : EntraAssignmentStatus.AlreadyAssigned;
        return new EntraAssignmentOutcome(change.Input, status, NameOf(role), Application.DisplayName)
        {
            PrincipalId = change.Principal?.Id,
            PrincipalType = change.Principal is { } principal
                ? principal.IsGroup
                    ? "Group"
                    : "User"
                : null,
            Reason = change.Failure?.Message,
        };
    }

    private string NameOf(string roleId)
    {
        if (_roles.FirstOrDefault(role => role.Id.Equals(roleId, StringComparison.OrdinalIgnoreCase)) is { } known)
            return NameOf(known);
        return roleId == ApplicationRole.DefaultAccess.Id ? ApplicationRole.DefaultAccess.DisplayName : roleId;
    }

    private static string NameOf(ApplicationRole role) => role.Value ?? role.DisplayName;
}

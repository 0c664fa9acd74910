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
    private readonly List<ApplicationAssignment> _existing = [];

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
    public static int BatchSize => ApplicationAssignments.AtOnce;

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
            .ReadAsync(application.ToEntra(), cancellationToken)
            .ConfigureAwait(false);
        var opened = new EntraAssignments(connection, application, roles);
        if (writes)
        {
            IAsyncEnumerable<ApplicationAssignment> existing = opened._assignments.ListAsync(application.ToEntra(), cancellationToken);
            await foreach (ApplicationAssignment one in existing.ConfigureAwait(false))
            {
                opened._existing.Add(one);
            }
        }
        return opened;
    }

    public async IAsyncEnumerable<EntraApplicationAssignment> ListAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (ApplicationAssignment one in _assignments.ListAsync(Application.ToEntra(), cancellationToken).ConfigureAwait(false))
        {
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
        ApplicationRole role = ApplicationRoles.Choose(Application.ToEntra(), _roles, roleName);
        IReadOnlyList<AssignmentChange> found = await ResolveAsync(principals, cancellationToken).ConfigureAwait(false);
        List<AssignmentChange> confirmed = [];
        foreach (AssignmentChange change in found)
        {
            bool isNew = change.Failure is null && !Exists(change, role);
            if (!isNew || await confirm(change.Principal!.Name, role.ShortName).ConfigureAwait(false))
                confirmed.Add(change);
        }
        IReadOnlyList<AssignmentChange> changes = await _assignments
            .AddAsync(Application.ToEntra(), role, confirmed, _existing, cancellationToken)
            .ConfigureAwait(false);
        _existing.AddRange(
            changes
                .Where(change => change is { Changed: true, Principal: not null })
                .Select(change => new ApplicationAssignment(
                    "",
                    change.Principal!.Id,
                    change.Principal.Name,
                    TypeOf(change.Principal.IsGroup),
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
        ApplicationRole? role = roleName is null ? null : FindRole(roleName);
        string roleText = role is null ? "every role" : role.ShortName;
        List<AssignmentChange> confirmed = [];
        foreach (AssignmentChange change in await ResolveAsync(principals, cancellationToken).ConfigureAwait(false))
        {
            if (change.Failure is not null)
                confirmed.Add(change);
            else if (Exists(change, role) && await confirm(change.Principal!.Name, roleText).ConfigureAwait(false))
                confirmed.Add(change);
        }
        IReadOnlyList<AssignmentChange> changes = await _assignments
            .RemoveAsync(Application.ToEntra(), role, confirmed, _existing, cancellationToken)
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

    /// <param name="change">The user or group.</param>
    /// <param name="role">The role; null for any.</param>
    private bool Exists(AssignmentChange change, ApplicationRole? role) =>
        _existing.Exists(one => one.PrincipalId == change.Principal?.Id && (role is null || HasRole(one, role.Id)));

    private static bool HasRole(ApplicationAssignment assignment, string roleId) =>
        assignment.RoleId.Equals(roleId, StringComparison.OrdinalIgnoreCase);

    // A user may still have a role that was removed or disabled.
    private ApplicationRole FindRole(string name)
    {
        if (_roles.Append(ApplicationRole.DefaultAccess).FirstOrDefault(role => role.IsCalled(name)) is { } known)
            return known;
        return _existing.Exists(one => HasRole(one, name))
            ? new ApplicationRole(name, name, null)
            : ApplicationRoles.Choose(Application.ToEntra(), _roles, name);
    }

    private EntraAssignmentOutcome Outcome(AssignmentChange change, ApplicationRole role) =>
        new(change.Input, StatusOf(change), role.ShortName, Application.DisplayName)
        {
            PrincipalId = change.Principal?.Id,
            PrincipalType = change.Principal is { } principal ? TypeOf(principal.IsGroup) : null,
            Reason = change.Failure?.Message,
        };

    private static EntraAssignmentStatus StatusOf(AssignmentChange change) =>
        change.Failure?.ErrorId switch
        {
            null => change.Changed ? EntraAssignmentStatus.Assigned : EntraAssignmentStatus.AlreadyAssigned,
            "EntraPrincipalNotFound" or "EntraPrincipalAmbiguous" => EntraAssignmentStatus.NotFound,
            _ => EntraAssignmentStatus.Failed,
        };

    private static string TypeOf(bool isGroup) => isGroup ? "Group" : "User";

    private string NameOf(string roleId)
    {
        ApplicationRole? known = _roles
            .Append(ApplicationRole.DefaultAccess)
            .FirstOrDefault(role => role.Id.Equals(roleId, StringComparison.OrdinalIgnoreCase));
        return known?.ShortName ?? roleId;
    }
}

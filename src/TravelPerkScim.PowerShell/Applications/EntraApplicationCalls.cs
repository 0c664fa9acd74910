using TravelPerkScim.Entra.Connection;
using TravelPerkScim.Entra.Hosting;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Applications;

/// <summary>
/// Enterprise applications and their roles, for the cmdlets. A call here loads the Entra room; see <see cref="EntraConnector"/>.
/// </summary>
internal static class EntraApplicationCalls
{
    /// <summary>The one application that the identity names.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="identity">Its name, its id, or the application itself.</param>
    /// <param name="writes">Whether the command changes the application: the permission is then checked before anything is sent.</param>
    /// <param name="cancellationToken">Cancelled when the pipeline stops.</param>
    /// <exception cref="CommandException"><c>EntraApplicationAmbiguous</c>, <c>EntraPermissionMissing</c>.</exception>
    /// <exception cref="SourceException"><c>EntraApplicationNotFound</c>, or Graph cannot be read.</exception>
    public static async Task<EntraEnterpriseApplication> FindAsync(
        EntraDirectoryConnection connection,
        EntraApplicationIdentity identity,
        bool writes,
        CancellationToken cancellationToken
    )
    {
        EntraConnector.Require(
            connection,
            writes ? [EntraPermissions.Applications, EntraPermissions.ApplicationsWrite] : [EntraPermissions.Applications]
        );
        return identity.Found ?? await JobSources.ResolveAsync(identity, connection, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Makes an application from the gallery, or finds the existing one; null when <paramref name="confirm"/> says no.
    /// </summary>
    /// <exception cref="CommandException"><c>EntraPermissionMissing</c>.</exception>
    /// <exception cref="SourceException"><c>EntraTemplateNotFound</c>, <c>EntraApplicationAmbiguous</c>, <c>EntraNotSettled</c>, or Graph
    /// refused it.</exception>
    public static async Task<EntraEnterpriseApplication?> MakeAsync(
        EntraDirectoryConnection connection,
        string template,
        string? name,
        Func<string, Task<bool>> confirm,
        IProgress<string> progress,
        CancellationToken cancellationToken
    )
    {
        EntraConnector.Require(connection, EntraPermissions.Applications, EntraPermissions.ApplicationsWrite);
        var gallery = new GalleryApplications(connection.Directory, progress);
        GalleryTemplate found = await gallery.FindTemplateAsync(template, cancellationToken).ConfigureAwait(false);
        string displayName = name?.Trim() is { Length: > 0 } given ? given : found.DisplayName;
        EntraApplication? there = await gallery.FindAsync(found, displayName, cancellationToken).ConfigureAwait(false);
        if (there is null && !await confirm(displayName).ConfigureAwait(false))
            return null;
        EntraApplication application = there is null
            ? await gallery.MakeAsync(found, displayName, cancellationToken).ConfigureAwait(false)
            : await gallery.SettleAsync(there, cancellationToken).ConfigureAwait(false);
        return EntraEnterpriseApplication.Of(application, connection.TenantId);
    }

    public static Task RemoveAsync(
        EntraDirectoryConnection connection,
        EntraEnterpriseApplication application,
        IProgress<string> progress,
        CancellationToken cancellationToken
    ) => new GalleryApplications(connection.Directory, progress).RemoveAsync(application.ToEntra(), cancellationToken);

    public static async Task<IReadOnlyList<EntraApplicationRole>> RolesAsync(
        EntraDirectoryConnection connection,
        EntraEnterpriseApplication application,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<ApplicationRole> roles = await new ApplicationRoles(connection.Directory)
            .ReadAsync(application.ToEntra(), cancellationToken)
            .ConfigureAwait(false);
        return [.. roles.Select(role => Shown(role, application))];
    }

    public static async Task<EntraApplicationRole> AddRoleAsync(
        EntraDirectoryConnection connection,
        EntraEnterpriseApplication application,
        string name,
        string value,
        string? description,
        IProgress<string> progress,
        CancellationToken cancellationToken
    ) =>
        Shown(
            await new ApplicationRoles(connection.Directory, progress)
                .AddAsync(application.ToEntra(), name, value, description, cancellationToken)
                .ConfigureAwait(false),
            application
        );

    /// <summary>The role with this value, name or id; null when the application has none.</summary>
    public static async Task<EntraApplicationRole?> FindRoleAsync(
        EntraDirectoryConnection connection,
        EntraEnterpriseApplication application,
        string nameOrId,
        CancellationToken cancellationToken
    ) =>
        await new ApplicationRoles(connection.Directory).FindAsync(application.ToEntra(), nameOrId, cancellationToken).ConfigureAwait(false)
            is { } role
            ? Shown(role, application)
            : null;

    public static Task RemoveRoleAsync(
        EntraDirectoryConnection connection,
        EntraEnterpriseApplication application,
        EntraApplicationRole role,
        IProgress<string> progress,
        CancellationToken cancellationToken
    ) =>
        new ApplicationRoles(connection.Directory, progress).RemoveAsync(
            application.ToEntra(),
            new ApplicationRole(role.Id, role.Name, role.Value) { IsEnabled = role.IsEnabled, IsForUsers = true },
            cancellationToken
        );

    private static EntraApplicationRole Shown(ApplicationRole role, EntraEnterpriseApplication application) =>
        new(role.Id, role.DisplayName, role.Value, application.Id)
        {
            Description = role.Description,
            IsEnabled = role.IsEnabled,
            IsAssignable = role.IsAssignable,
        };
}

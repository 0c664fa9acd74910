using System.Management.Automation;
using TravelPerkScim.Entra;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Entra as the source of a job. A call here loads the Entra room; see <see cref="EntraConnector"/>.</summary>
internal static class EntraJobSource
{
    /// <exception cref="CommandException"><c>TenantMismatch</c>, <c>EntraPermissionMissing</c>.</exception>
    public static IDirectorySource Open(ProvisioningJob job, EntraDirectoryConnection connection)
    {
        JobSource source = job.Settings.Source;
        if (source.TenantId is { } tenant && !connection.IsTo(tenant))
        {
            string connected = connection.TenantId ?? "a tenant that its access token does not name";
            throw new CommandException(
                "TenantMismatch",
                ErrorCategory.InvalidOperation,
                $"The job '{job.Name}' reads the tenant {tenant}, but the connection is to {connected}. "
                    + $"Run Connect-EntraDirectory -TenantId {tenant}."
            );
        }

        EntraConnector.Require(job, connection);
        return EntraJobs.SourceOf(job, connection.Directory);
    }

    /// <exception cref="SourceException"><c>EntraApplicationNotFound</c>, or Graph cannot be read.</exception>
    /// <exception cref="CommandException"><c>EntraPermissionMissing</c>.</exception>
    public static async Task<IReadOnlyList<EntraEnterpriseApplication>> FindApplicationsAsync(
        EntraDirectoryConnection connection,
        string nameOrId,
        CancellationToken cancellationToken
    )
    {
        EntraConnector.Require(connection, groups: false, applications: true, users: false);
        IReadOnlyList<EntraApplication> found = await new EntraApplications(connection.Directory)
            .FindAsync(nameOrId, cancellationToken)
            .ConfigureAwait(false);
        return [.. found.Select(application => EntraEnterpriseApplication.Of(application, connection.TenantId))];
    }
}

using TravelPerkScim.Entra.Connection;
using TravelPerkScim.Entra.Hosting;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Provisions users on demand with one hosted job, at the pace that Graph allows.</summary>
internal sealed class EntraOnDemand(EntraDirectoryConnection connection, EntraProvisioningJob job)
{
    private readonly HostedOnDemand _hosted = new(connection.Directory, job.Hosted);

    public string Application => job.Application;

    /// <exception cref="Pipeline.CommandException"><c>EntraPermissionMissing</c>: a name takes the permission to read users, an id does
    /// not.</exception>
    /// <exception cref="SourceException">Graph refuses.</exception>
    public Task<IReadOnlyList<ProvisioningOutcome>> ProvisionAsync(SourceUserIdentity user, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(user.Text, out _))
            EntraConnector.Require(connection, EntraPermissions.Users);
        return _hosted.ProvisionAsync(user.Text, cancellationToken);
    }
}

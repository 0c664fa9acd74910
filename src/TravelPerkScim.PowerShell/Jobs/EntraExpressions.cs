using TravelPerkScim.Entra.Connection;
using TravelPerkScim.Entra.Hosting;
using TravelPerkScim.Mapping.Check;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Evaluates expressions with one hosted job. A call here loads the Entra room.</summary>
internal sealed class EntraExpressions(EntraDirectoryConnection connection, EntraProvisioningJob job)
{
    private readonly HostedExpressions _hosted = new(connection.Directory, job.Hosted);

    public string Application => job.Application;

    /// <exception cref="Pipeline.CommandException"><c>EntraPermissionMissing</c>.</exception>
    public static void Require(EntraDirectoryConnection connection) =>
        EntraConnector.Require(connection, EntraPermissions.ReadHostedJob, EntraPermissions.EvaluateExpressions);

    /// <exception cref="SourceException">Graph refuses.</exception>
    public Task<ExpressionResult> EvaluateAsync(ExpressionCheck expression, SourceObject? user, CancellationToken cancellationToken) =>
        _hosted.EvaluateAsync(expression, user, cancellationToken);
}

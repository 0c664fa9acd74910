using TravelPerkScim.Entra.Hosting;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>The mapping and the log of a hosted job, for the cmdlets. A call here loads the Entra room.</summary>
internal static class EntraSchemas
{
    /// <param name="template">Reads the schema of the job's template instead of the job's own.</param>
    public static async Task<SynchronizationSchema> ReadAsync(
        EntraDirectoryConnection connection,
        EntraProvisioningJob job,
        bool template,
        CancellationToken cancellationToken
    )
    {
        var schemas = new HostedSchemas(connection.Directory);
        return SynchronizationSchema.Parse(
            await (
                template ? schemas.ReadDefaultAsync(job.Hosted, cancellationToken) : schemas.ReadAsync(job.Hosted, cancellationToken)
            ).ConfigureAwait(false)
        );
    }

    public static Task<bool> WriteAsync(
        EntraDirectoryConnection connection,
        EntraProvisioningJob job,
        SynchronizationSchema schema,
        CancellationToken cancellationToken
    ) => new HostedSchemas(connection.Directory).WriteAsync(job.Hosted, schema.ToJson(), cancellationToken);

    public static Task ResetAsync(EntraDirectoryConnection connection, EntraProvisioningJob job, CancellationToken cancellationToken) =>
        new HostedSchemas(connection.Directory).ResetAsync(job.Hosted, cancellationToken);

    /// <summary>The entries of the service's log about an application, oldest first.</summary>
    public static IAsyncEnumerable<ProvisioningOutcome> LogAsync(
        EntraDirectoryConnection connection,
        EntraEnterpriseApplication application,
        string? job,
        HostedLogQuery query,
        CancellationToken cancellationToken
    ) => new HostedLog(connection.Directory).ReadAsync(application.Id, job, query, cancellationToken);
}

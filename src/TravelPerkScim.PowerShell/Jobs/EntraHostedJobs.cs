using System.Management.Automation;
using System.Security;
using TravelPerkScim.Entra.Connection;
using TravelPerkScim.Entra.Hosting;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Hosted jobs, for the cmdlets. A call here loads the Entra room; see <see cref="EntraConnector"/>.</summary>
internal static class EntraHostedJobs
{
    private static readonly Dictionary<EntraEnvironment, string> s_portals = new()
    {
        [EntraEnvironment.USGov] = "entra.microsoft.us",
        [EntraEnvironment.USGovDoD] = "entra.microsoft.us",
        [EntraEnvironment.China] = "entra.microsoftonline.cn",
    };

    /// <summary>The page of the admin center on which an application is authorized.</summary>
    /// <param name="environment">Each of Microsoft's clouds has an admin center of its own.</param>
    /// <param name="application">Object id of the application's service principal.</param>
    public static string AuthorizationPage(EntraEnvironment environment, string application)
    {
        string host = s_portals.GetValueOrDefault(environment, "entra.microsoft.com");
        return $"https://{host}/#view/Microsoft_AAD_IAM/ManagedAppMenuBlade/~/ProvisioningActivity/objectId/{application}";
    }

    /// <exception cref="CommandException"><c>EntraPermissionMissing</c>.</exception>
    public static void RequireRead(EntraDirectoryConnection connection) =>
        EntraConnector.Require(connection, EntraPermissions.ReadHostedJob);

    /// <exception cref="CommandException"><c>EntraPermissionMissing</c>.</exception>
    public static void RequireWrite(EntraDirectoryConnection connection) =>
        EntraConnector.Require(connection, EntraPermissions.ReadHostedJob, EntraPermissions.WriteHostedJob);

    /// <exception cref="CommandException"><c>EntraPermissionMissing</c>.</exception>
    public static void RequireLog(EntraDirectoryConnection connection) =>
        EntraConnector.Require(connection, EntraPermissions.ReadHostedLog);

    /// <summary>The one application that the identity names.</summary>
    /// <exception cref="CommandException"><c>EntraApplicationAmbiguous</c>, <c>EntraPermissionMissing</c>.</exception>
    /// <exception cref="SourceException"><c>EntraApplicationNotFound</c>, or Graph cannot be read.</exception>
    public static async Task<EntraEnterpriseApplication> ApplicationAsync(
        EntraDirectoryConnection connection,
        EntraApplicationIdentity identity,
        CancellationToken cancellationToken
    ) => identity.Found ?? await JobSources.ResolveAsync(identity, connection, cancellationToken).ConfigureAwait(false);

    /// <summary>The hosted jobs of an application; none when it has none.</summary>
    public static async Task<IReadOnlyList<EntraProvisioningJob>> FindAsync(
        EntraDirectoryConnection connection,
        EntraEnterpriseApplication application,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<HostedJob> jobs = await Jobs(connection).FindAsync(application.ToEntra(), cancellationToken).ConfigureAwait(false);
        return [.. jobs.Select(job => new EntraProvisioningJob(job, application))];
    }

    /// <summary>The job that a command works on.</summary>
    /// <exception cref="CommandException"><c>EntraProvisioningJobNotFound</c>, <c>EntraProvisioningJobAmbiguous</c>.</exception>
    public static async Task<EntraProvisioningJob> FindJobAsync(
        EntraDirectoryConnection connection,
        EntraApplicationIdentity identity,
        CancellationToken cancellationToken
    )
    {
        EntraEnterpriseApplication application = await ApplicationAsync(connection, identity, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<EntraProvisioningJob> jobs = await FindAsync(connection, application, cancellationToken).ConfigureAwait(false);
        EntraProvisioningJob[] meant = [.. jobs.Where(job => identity.Job is null || job.Id == identity.Job.Id)];
        string missingId = identity.Job is { } gone ? $" {gone.Id}" : "";
        return meant.Length switch
        {
            0 => throw new CommandException(
                "EntraProvisioningJobNotFound",
                ErrorCategory.ObjectNotFound,
                $"The application '{application.DisplayName}' has no hosted provisioning job{missingId}. "
                    + "New-EntraProvisioningJob makes one."
            ),
            1 => meant[0],
            _ => throw new CommandException(
                "EntraProvisioningJobAmbiguous",
                ErrorCategory.InvalidArgument,
                $"The application '{application.DisplayName}' has {meant.Length} hosted provisioning jobs. "
                    + "Pipe one of the jobs of Get-EntraProvisioningJob to the command."
            ),
        };
    }

    /// <summary>Makes the job, or uses the existing one.</summary>
    public static async Task<EntraProvisioningJob> MakeAsync(
        EntraDirectoryConnection connection,
        EntraEnterpriseApplication application,
        HostedJobRequest request,
        IProgress<string> progress,
        CancellationToken cancellationToken
    ) =>
        new(
            await Jobs(connection, progress).MakeAsync(application.ToEntra(), request, cancellationToken).ConfigureAwait(false),
            application
        );

    public static Task WaitForAuthorizationAsync(
        EntraDirectoryConnection connection,
        EntraProvisioningJob job,
        TimeSpan limit,
        IProgress<string> progress,
        CancellationToken cancellationToken
    ) => Jobs(connection, progress).WaitForAuthorizationAsync(job.Hosted, limit, cancellationToken);

    public static async Task<EntraCredentialTest> TestAsync(
        EntraDirectoryConnection connection,
        EntraProvisioningJob job,
        Uri? baseAddress,
        SecureString? token,
        CancellationToken cancellationToken
    )
    {
        CredentialTest test = await Jobs(connection).TestAsync(job.Hosted, baseAddress, token, cancellationToken).ConfigureAwait(false);
        return new EntraCredentialTest(job.Application, token is null ? "Saved" : "Given", test.Success, test.Reason, test.Advice);
    }

    public static Task StartAsync(
        EntraDirectoryConnection connection,
        EntraProvisioningJob job,
        IProgress<string> progress,
        CancellationToken cancellationToken
    ) => Jobs(connection, progress).StartAsync(job.Hosted, cancellationToken);

    public static Task StopAsync(EntraDirectoryConnection connection, EntraProvisioningJob job, CancellationToken cancellationToken) =>
        Jobs(connection).StopAsync(job.Hosted, cancellationToken);

    public static Task RestartAsync(
        EntraDirectoryConnection connection,
        EntraProvisioningJob job,
        EntraRestartScope scope,
        CancellationToken cancellationToken
    ) => Jobs(connection).RestartAsync(job.Hosted, (HostedRestart)(long)scope, cancellationToken);

    public static Task CheckChangeAsync(
        EntraDirectoryConnection connection,
        EntraProvisioningJob job,
        HostedSettingsChange change,
        bool tokenGiven,
        CancellationToken cancellationToken
    ) => Jobs(connection).CheckChangeAsync(job.Hosted, change, tokenGiven, cancellationToken);

    public static Task<bool> ChangeAsync(
        EntraDirectoryConnection connection,
        EntraProvisioningJob job,
        HostedSettingsChange change,
        SecureString? token,
        CancellationToken cancellationToken
    ) => Jobs(connection).ChangeAsync(job.Hosted, change, token, cancellationToken);

    public static Task RemoveAsync(EntraDirectoryConnection connection, EntraProvisioningJob job, CancellationToken cancellationToken) =>
        Jobs(connection).RemoveAsync(job.Hosted, cancellationToken);

    public static async Task<EntraProvisioningJob> RefreshAsync(
        EntraDirectoryConnection connection,
        EntraProvisioningJob job,
        CancellationToken cancellationToken
    ) => new(await Jobs(connection).RefreshAsync(job.Hosted, cancellationToken).ConfigureAwait(false), job.EnterpriseApplication);

    public static HostedScope? HostedScopeOf(EntraJobScope? scope) => scope is { } given ? (HostedScope)(long)given : null;

    internal static HostedJobs Jobs(EntraDirectoryConnection connection, IProgress<string>? progress = null) =>
        new(connection.Directory, progress);

    /// <summary>The source of a job of this module that provisions the same users as a hosted job.</summary>
    /// <exception cref="CommandException"><c>TenantMissing</c>.</exception>
    public static JobSource Describe(EntraProvisioningJob job, bool includeNestedGroups) =>
        JobSources.OfEntra(
            job.EnterpriseApplication.TenantId,
            job.ApplicationId,
            job.Scope == HostedScope.All ? EntitlementScope.All : EntitlementScope.Assigned,
            includeNestedGroups
        );
}

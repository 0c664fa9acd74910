using System.Management.Automation;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Provisioning.Read;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Opens and describes the sources of jobs.</summary>
internal static class JobSources
{
    /// <param name="job">The job.</param>
    /// <param name="connection">The connection to Entra, if there is one.</param>
    /// <exception cref="CommandException"><c>EntraNotConnected</c>, <c>TenantMismatch</c>, <c>EntraPermissionMissing</c>.</exception>
    public static IDirectorySource Open(ProvisioningJob job, EntraDirectoryConnection? connection) =>
        job.Settings.Source.Type == JobSourceType.Entra ? EntraJobSource.Open(job, RunspaceSession.Require(connection)) : job.OpenFile();

    /// <summary>The settings of a job that reads a file. The person at the prompt named the file, so it may be on another
    /// machine.</summary>
    /// <param name="folder">The job's folder.</param>
    /// <param name="file">The file, absolute.</param>
    public static JobSource GivenFile(string folder, string file)
    {
        string path = Path.GetRelativePath(folder, file);
        SourcePath.Allow(path);
        return new JobSource(JobSourceType.File, path);
    }

    /// <summary>The settings of a job that reads Entra.</summary>
    /// <param name="application">The enterprise application; null when every user is entitled.</param>
    /// <param name="scope">The entitled users.</param>
    /// <param name="includeNestedGroups">Whether members of groups inside groups are entitled.</param>
    /// <param name="connection">The connection to Entra, if there is one.</param>
    /// <param name="cancellationToken">Cancelled when the pipeline stops.</param>
    /// <exception cref="CommandException"><c>EntraApplicationMissing</c>, <c>EntraApplicationAmbiguous</c>, <c>EntraNotConnected</c>,
    /// <c>TenantMissing</c>, <c>EntraPermissionMissing</c>.</exception>
    /// <exception cref="SourceException"><c>EntraApplicationNotFound</c>, or Graph cannot be read.</exception>
    public static async Task<JobSource> DescribeAsync(
        EntraApplicationIdentity? application,
        EntitlementScope scope,
        bool includeNestedGroups,
        EntraDirectoryConnection? connection,
        CancellationToken cancellationToken
    )
    {
        if (application is null && scope == EntitlementScope.Assigned)
        {
            throw new CommandException(
                "EntraApplicationMissing",
                ErrorCategory.InvalidArgument,
                "The scope Assigned needs an enterprise application. Give -EntraApplication, or -EntitlementScope All for every user."
            );
        }

        EntraEnterpriseApplication? found = application is null
            ? null
            : application.Found
                ?? await ResolveAsync(application, RunspaceSession.Require(connection), cancellationToken).ConfigureAwait(false);
        string? tenant = found is null ? RunspaceSession.Require(connection).TenantId : found.TenantId;
        return OfEntra(tenant, found?.Id, scope, includeNestedGroups);
    }

    /// <summary>The one application with this name or id.</summary>
    /// <exception cref="CommandException"><c>EntraApplicationAmbiguous</c>, which names the ids; <c>EntraPermissionMissing</c>.</exception>
    /// <exception cref="SourceException"><c>EntraApplicationNotFound</c>, or Graph cannot be read.</exception>
    /// <exception cref="CommandException"><c>TenantMissing</c>.</exception>
    public static JobSource OfEntra(string? tenant, string? application, EntitlementScope scope, bool includeNestedGroups) =>
        tenant is null
            ? throw new CommandException(
                "TenantMissing",
                ErrorCategory.InvalidArgument,
                "The tenant is not known: the access token does not name it. Run Connect-EntraDirectory again with -TenantId."
            )
            : new JobSource(
                JobSourceType.Entra,
                TenantId: tenant,
                Application: application,
                Scope: scope,
                IncludeNestedGroups: includeNestedGroups
            );

    public static async Task<EntraEnterpriseApplication> ResolveAsync(
        EntraApplicationIdentity application,
        EntraDirectoryConnection connection,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<EntraEnterpriseApplication> found = await EntraJobSource
            .FindApplicationsAsync(connection, application.Text, cancellationToken)
            .ConfigureAwait(false);
        return found.Count == 1 ? found[0] : throw Ambiguous(application, found);
    }

    private static CommandException Ambiguous(EntraApplicationIdentity application, IReadOnlyList<EntraEnterpriseApplication> found)
    {
        string ids = string.Join(", ", found.Select(one => one.Id));
        return new CommandException(
            "EntraApplicationAmbiguous",
            ErrorCategory.InvalidArgument,
            $"{found.Count} enterprise applications are called '{application}'. Give the object id of one: {ids}."
        );
    }
}

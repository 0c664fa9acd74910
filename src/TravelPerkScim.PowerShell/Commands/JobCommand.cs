using System.ComponentModel;
using System.Management.Automation;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Base of the cmdlets that work on a job's folder.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class JobCommand : AsyncCmdlet
{
    private protected JobCommand() { }

    /// <summary>The job: its folder, or a job object. Without it, the job at the current location.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Path")]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(JobPathCompleter))]
    public virtual ProvisioningJobIdentity Job { get; set; } = ProvisioningJobIdentity.Here;

    /// <summary>The path of a secret's file as the job stores it.</summary>
    private protected async Task<string?> LocatedAsync(string? path)
    {
        if (path is null || SecretPlace.IsOfCredentials(path))
            return path;
        return await ResolvePathAsync(path).ConfigureAwait(false);
    }

    /// <summary>The file that names the shared database to the runs of a scheduler; null for a job that needs none.</summary>
    /// <param name="job">The job.</param>
    /// <param name="given">The file that the caller gave; null for the one that the session is connected with.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <exception cref="CommandException"><c>StoreFileMissing</c>.</exception>
    private protected async Task<string?> StoreFileOfAsync(ProvisioningJob job, string? given, CancellationToken cancellationToken)
    {
        if (given is not null)
            return await ResolvePathAsync(given).ConfigureAwait(false);
        if (!job.IsShared)
            return null;
        ProvisioningStore? connected = await JobStores.FindAsync(cancellationToken).ConfigureAwait(false);
        return connected?.Path
            ?? throw new CommandException(
                "StoreFileMissing",
                ErrorCategory.InvalidArgument,
                $"The job '{job.Name}' keeps its state in a shared database, and a scheduler's runs do not know which. "
                    + "Name the file with the connection string: -StoreFile."
            );
    }

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken) => RunJobAsync(cancellationToken);

    private protected virtual Task RunJobAsync(CancellationToken cancellationToken) =>
        AttemptAsync(
            Job,
            async () =>
            {
                string folder = await ResolvePathAsync(Job.Path).ConfigureAwait(false);
                ProvisioningJob job = await JobStores.OpenAsync(folder, cancellationToken).ConfigureAwait(false);
                await ProcessJobAsync(job, cancellationToken).ConfigureAwait(false);
            }
        );

    private protected abstract Task ProcessJobAsync(ProvisioningJob job, CancellationToken cancellationToken);
}

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

using System.Management.Automation;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Gets jobs.</summary>
/// <remarks>
/// <para>Without a path the command gets the job at the current location, and the jobs in the folders directly below.</para>
/// </remarks>
/// <example>
/// <para>List the jobs here</para>
/// <code>Get-ProvisioningJob</code>
/// <para>Lists the jobs at and below the current location.</para>
/// </example>
/// <example>
/// <para>Run every job</para>
/// <code>Get-ProvisioningJob | Invoke-Provisioning</code>
/// <para>Runs a cycle of each job in turn.</para>
/// </example>
/// <seealso>New-ProvisioningJob</seealso>
[Cmdlet(VerbsCommon.Get, "ProvisioningJob", HelpUri = HelpPages.Cycles)]
[OutputType(typeof(ProvisioningJob))]
public sealed class GetProvisioningJobCommand : AsyncCmdlet
{
    /// <summary>The job's folder.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Path")]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(JobPathCompleter))]
    public ProvisioningJobIdentity? Job { get; set; }

    private protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        string folder = await ResolvePathAsync((Job ?? ProvisioningJobIdentity.Here).Path).ConfigureAwait(false);
        IEnumerable<string> folders = Job is null ? JobsAtAndBelow(folder) : [folder];
        foreach (string path in folders)
            await AttemptAsync(path, () => WriteJobAsync(path, cancellationToken)).ConfigureAwait(false);
    }

    private async Task WriteJobAsync(string path, CancellationToken cancellationToken) =>
        await WriteObjectAsync(await JobStores.OpenAsync(path, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);

    private static IEnumerable<string> JobsAtAndBelow(string folder)
    {
        IEnumerable<string> below = JobPathCompleter.JobsAt(folder);
        return ProvisioningJob.Exists(folder) ? below.Prepend(folder) : below;
    }
}

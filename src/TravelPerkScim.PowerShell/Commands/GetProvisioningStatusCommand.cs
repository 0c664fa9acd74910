using System.Management.Automation;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Shows how a job stands: its last cycle, its links, what waits in escrow.</summary>
/// <remarks>
/// <para>Reads the job's state on disk; no request is sent. LastCycle holds the counts of the last cycle: created, updated, disabled,
/// failed, requests and more; Cycles holds the ones before it.</para>
/// <para>Status is On, Off, Quarantine, or Manual for a job without a schedule. NextCycle says when the next scheduled cycle is due.
/// IsOverdue is true when the job is On and no cycle began for three intervals: the scheduler that should run it may be gone.</para>
/// <para>Escrows lists who failed and waits: since how many attempts, until when, and why, as far as the log still knows.</para>
/// <para>Alerts lists the conditions that the job's notifications tell of and that are there now. Channels says for each notification
/// channel how many notifications wait, why the last attempt failed and since when, and how many were given up. The view shows both only
/// when there is something to see.</para>
/// <para>Staged lists what waits for an approval, a cycle at a time: Invoke-Provisioning -ApproveCycle approves what one of them
/// staged.</para>
/// <para>With -Store, the command shows every job of the shared database, without the jobs' folders: the jobs that need a person first,
/// then those whose last cycle is longest ago. A state that cannot be read is an error of its own. No user is named.</para>
/// </remarks>
/// <example>
/// <para>See how the last cycle went</para>
/// <code>Get-ProvisioningStatus ./contoso</code>
/// <para>Shows state, time and counts of the last cycle, and how many users are linked.</para>
/// </example>
/// <example>
/// <para>Compare the last cycles</para>
/// <code>(Get-ProvisioningStatus ./contoso -Last 5).Cycles</code>
/// <para>Lists the five newest cycles, newest first.</para>
/// </example>
/// <example>
/// <para>See who waits in escrow</para>
/// <code>(Get-ProvisioningStatus ./contoso).Escrows</code>
/// <para>Lists each entry with its next attempt and its last error. The attempt comes earlier when the source entry changes.</para>
/// </example>
/// <example>
/// <para>See which jobs of a folder need a person</para>
/// <code>Get-ProvisioningStatus ./jobs/*</code>
/// <para>Shows a line for each job in the folder, the worst first.</para>
/// </example>
/// <example>
/// <para>See which of a thousand jobs need a person</para>
/// <code>Connect-ProvisioningStore /etc/travelperkscim/store
/// Get-ProvisioningStatus -Store | Where-Object Concern -NE None</code>
/// <para>Asks the shared database about all jobs at once.</para>
/// </example>
/// <seealso>Connect-ProvisioningStore</seealso>
/// <seealso>Get-ProvisioningLog</seealso>
/// <seealso>Invoke-Provisioning</seealso>
/// <seealso>Start-ProvisioningJob</seealso>
[Cmdlet(VerbsCommon.Get, "ProvisioningStatus", DefaultParameterSetName = JobSet, HelpUri = HelpPages.Cycles)]
[OutputType(typeof(ProvisioningStatus), typeof(StoredJobStatus))]
public sealed class GetProvisioningStatusCommand : JobCommand
{
    private const string JobSet = "Job";
    private const string StoreSet = "Store";

    /// <summary>The job: its folder, or a job object. Without it, the job at the current location. A path with a wildcard, such as
    /// ./jobs/*, gives every job there, the worst first.</summary>
    [Parameter(ParameterSetName = JobSet, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Path")]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(JobPathCompleter))]
    public override ProvisioningJobIdentity Job
    {
        get => base.Job;
        set => base.Job = value;
    }

    /// <summary>How many cycles to list in Cycles. Default 10.</summary>
    [Parameter(ParameterSetName = JobSet)]
    [ValidateRange(1, 10000)]
    public int Last { get; set; } = 10;

    /// <summary>Every job of the shared database that Connect-ProvisioningStore connected.</summary>
    [Parameter(ParameterSetName = StoreSet, Mandatory = true)]
    public SwitchParameter Store { get; set; }

    private protected override Task RunJobAsync(CancellationToken cancellationToken) =>
        Store ? WriteStoredAsync(cancellationToken)
        : WildcardPattern.ContainsWildcardCharacters(Job.Path) ? WriteFoldersAsync(cancellationToken)
        : base.RunJobAsync(cancellationToken);

    private async Task WriteFoldersAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<string> paths = await OnPipelineAsync(() => SessionState.Path.GetResolvedProviderPathFromPSPath(Job.Path, out _))
            .ConfigureAwait(false);
        var jobs = new List<ProvisioningStatus>();
        foreach (string folder in paths.Where(ProvisioningJob.Exists))
            await AttemptAsync(folder, () => ReadAsync(folder, jobs, cancellationToken)).ConfigureAwait(false);
        foreach (ProvisioningStatus job in ProvisioningStatus.WorstFirst(jobs))
            await WriteObjectAsync(InTable(job)).ConfigureAwait(false);
    }

    private async Task ReadAsync(string folder, List<ProvisioningStatus> jobs, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ProvisioningJob job = await JobStores.OpenAsync(folder, cancellationToken).ConfigureAwait(false);
        jobs.Add(ProvisioningStatus.Read(job, Last));
    }

    // The view of one job is a list, which would be long for many.
    private static PSObject InTable(ProvisioningStatus job)
    {
        var shown = new PSObject(job);
        shown.TypeNames.Insert(0, $"{typeof(ProvisioningStatus)}#Table");
        return shown;
    }

    private async Task WriteStoredAsync(CancellationToken cancellationToken)
    {
        ProvisioningStore store = await JobStores.RequireAsync(cancellationToken).ConfigureAwait(false);
        foreach ((string key, StoredJobStatus? status, ProvisioningException? error) in store.ReadJobs())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (error is null)
                await WriteObjectAsync(status).ConfigureAwait(false);
            else
                await WriteErrorAsync(ErrorRecords.From(error, key)).ConfigureAwait(false);
        }
    }

    private protected override Task ProcessJobAsync(ProvisioningJob job, CancellationToken cancellationToken) =>
        WriteObjectAsync(ProvisioningStatus.Read(job, Last));
}

using System.Globalization;
using System.Management.Automation;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Moves the state of a job from its folder into the shared database, or back.</summary>
/// <remarks>
/// <para>Everything that the job remembers comes along: links, escrow, intents of a cycle that was cut off, staged operations, watermark,
/// quarantine, cycles, log, alerts and waiting notifications. Each table is read back and compared before the copy counts. job.json then
/// names the new place. No cycle of the job runs meanwhile, and no request is sent to TravelPerk.</para>
/// <para>The former state stays as a backup that no cycle uses any more (error StateMoved). Where the command is cut off, the job is
/// complete in one place: the former one, or the new one. Run the command again with the same target: it ends the move.</para>
/// <para>Other machines get the changed job.json as they got the folder. Until then they refuse the job and run nothing.</para>
/// </remarks>
/// <example>
/// <para>Move a job to the database of the workers</para>
/// <code>Connect-ProvisioningStore /etc/travelperkscim/store
/// Move-ProvisioningJobState ./contoso -ToStore -StateKey contoso</code>
/// <para>Copies the state under the key contoso, and writes the key into job.json.</para>
/// </example>
/// <example>
/// <para>Move every job below the current location</para>
/// <code>Get-ProvisioningJob | ForEach-Object { Move-ProvisioningJobState $_ -ToStore -StateKey $_.Name -Confirm:$false }</code>
/// <para>Each job gets its name as the key.</para>
/// </example>
/// <example>
/// <para>Move a job back into its folder</para>
/// <code>Move-ProvisioningJobState ./contoso -ToFile</code>
/// <para>Writes state.db into the job's folder, and takes the key out of job.json.</para>
/// </example>
/// <seealso>Connect-ProvisioningStore</seealso>
/// <seealso>Get-ProvisioningStatus</seealso>
/// <seealso>New-ProvisioningJob</seealso>
[Cmdlet(
    VerbsCommon.Move,
    "ProvisioningJobState",
    DefaultParameterSetName = StoreSet,
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.High,
    HelpUri = HelpPages.Cycles
)]
[OutputType(typeof(ProvisioningStateMove))]
public sealed class MoveProvisioningJobStateCommand : JobCommand
{
    private const string StoreSet = "Store";
    private const string FileSet = "File";

    /// <summary>Moves the state into the database that Connect-ProvisioningStore connected.</summary>
    [Parameter(ParameterSetName = StoreSet, Mandatory = true)]
    public SwitchParameter ToStore { get; set; }

    /// <summary>The key of the state in the database: 1 to 100 letters, digits, '-', '_' and '.'. Each job has a key of its own.</summary>
    [Parameter(ParameterSetName = StoreSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string StateKey { get; set; } = "";

    /// <summary>Moves the state into state.db of the job's folder.</summary>
    [Parameter(ParameterSetName = FileSet, Mandatory = true)]
    public SwitchParameter ToFile { get; set; }

    private protected override async Task ProcessJobAsync(ProvisioningJob job, CancellationToken cancellationToken)
    {
        ProvisioningStore store = await JobStores.RequireAsync(cancellationToken).ConfigureAwait(false);
        string target = ParameterSetName == StoreSet ? $"the {store}, under the key '{StateKey}'" : "state.db of its folder";
        if (!await ShouldProcessAsync(job.Path, $"Move the state of the provisioning job to {target}").ConfigureAwait(false))
            return;
        IProgress<string> shown = WaitProgress($"Moving the state of {job.Name}");
        ProvisioningStateMove move =
            ParameterSetName == StoreSet
                ? store.MoveHere(job, StateKey, Report, cancellationToken)
                : store.MoveToFile(job, Report, cancellationToken);
        await WriteObjectAsync(move).ConfigureAwait(false);

        void Report(long rows) => shown.Report(string.Create(CultureInfo.InvariantCulture, $"{rows} rows copied"));
    }
}

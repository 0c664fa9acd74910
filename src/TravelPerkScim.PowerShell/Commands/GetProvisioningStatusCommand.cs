using System.Management.Automation;
using TravelPerkScim.Provisioning.Job;

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
/// <seealso>Get-ProvisioningLog</seealso>
/// <seealso>Invoke-Provisioning</seealso>
/// <seealso>Start-ProvisioningJob</seealso>
[Cmdlet(VerbsCommon.Get, "ProvisioningStatus", HelpUri = HelpPages.Cycles)]
[OutputType(typeof(ProvisioningStatus))]
public sealed class GetProvisioningStatusCommand : JobCommand
{
    /// <summary>How many cycles to list in Cycles. Default 10.</summary>
    [Parameter]
    [ValidateRange(1, 10000)]
    public int Last { get; set; } = 10;

    private protected override Task ProcessJobAsync(ProvisioningJob job, CancellationToken cancellationToken) =>
        WriteObjectAsync(ProvisioningStatus.Read(job, Last));
}

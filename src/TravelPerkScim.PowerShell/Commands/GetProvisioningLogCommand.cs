using System.Management.Automation;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Gets a job's provisioning log: each operation with its user, time and reason.</summary>
/// <remarks>
/// <para>Writes one object an operation, oldest first. Entries are kept for the job's retention time, 30 days by default. Values that the
/// mapping redacts show as [Redact]. The steps of an entry explain its outcome: the scope, the match, and the request.</para>
/// <para>A stopped or killed cycle may leave a write without an entry. The cycle that finds the write adds the entry, with a reason that
/// says so.</para>
/// </remarks>
/// <example>
/// <para>See the failures of the last day</para>
/// <code>Get-ProvisioningLog ./contoso -Status Failure -Since (Get-Date).AddDays(-1)</code>
/// <para>The Reason of each entry names the fault and the way out.</para>
/// </example>
/// <example>
/// <para>Follow one user</para>
/// <code>Get-ProvisioningLog ./contoso -Identity anna.berg@contoso.com</code>
/// <para>Lists all operations on this user. An Entra object id or a TravelPerk id works too.</para>
/// </example>
/// <seealso>Get-ProvisioningStatus</seealso>
[Cmdlet(VerbsCommon.Get, "ProvisioningLog", HelpUri = HelpPages.Cycles)]
[OutputType(typeof(ProvisioningOutcome))]
public sealed class GetProvisioningLogCommand : JobCommand
{
    /// <summary>A userName, source id or TravelPerk id.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(JobUserCompleter))]
    public string? Identity { get; set; }

    /// <summary>Only entries with this status.</summary>
    [Parameter]
    public OutcomeStatus[]? Status { get; set; }

    /// <summary>Only entries of these actions.</summary>
    [Parameter]
    public ProvisioningAction[]? Action { get; set; }

    /// <summary>Only entries from this time on.</summary>
    [Parameter]
    public DateTimeOffset Since { get; set; } = DateTimeOffset.UnixEpoch;

    /// <summary>Only entries of one cycle: its Id, as Get-ProvisioningStatus shows it.</summary>
    [Parameter]
    public Guid? CycleId { get; set; }

    private protected override async Task ProcessJobAsync(ProvisioningJob job, CancellationToken cancellationToken)
    {
        foreach (ProvisioningOutcome outcome in ProvisioningLog.Read(job, Since, CycleId))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Status?.Contains(outcome.Status) != false && Action?.Contains(outcome.Action) != false && IsRequested(outcome))
                await WriteObjectAsync(Rows.OfLog(outcome)).ConfigureAwait(false);
        }
    }

    private bool IsRequested(ProvisioningOutcome outcome) =>
        Identity is null
        || string.Equals(outcome.Identity, Identity, StringComparison.OrdinalIgnoreCase)
        || string.Equals(outcome.SourceId, Identity, StringComparison.OrdinalIgnoreCase)
        || string.Equals(outcome.TargetId, Identity, StringComparison.Ordinal);
}

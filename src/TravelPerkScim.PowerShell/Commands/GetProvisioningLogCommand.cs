using System.Management.Automation;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Gets a job's provisioning log: what was done to whom, when and why.</summary>
/// <remarks>
/// <para>Writes one object an operation, oldest first. Entries are kept for the job's retention time, 30 days by default. Values that the
/// mapping redacts show as [Redact]. Steps of an entry tell how it came about: the scope, the match, and what was written.</para>
/// <para>A write that a stopped or killed cycle did not live to log is logged by the cycle that finds it, with a reason that says
/// so.</para>
/// </remarks>
/// <example>
/// <para>See what failed in the last day</para>
/// <code>Get-ProvisioningLog ./contoso -Status Failure -Since (Get-Date).AddDays(-1)</code>
/// <para>Each entry says in Reason what was wrong and the way out.</para>
/// </example>
/// <example>
/// <para>Follow one user</para>
/// <code>Get-ProvisioningLog ./contoso -Identity anna.berg@contoso.com</code>
/// <para>Everything that cycles did to this user; an Entra object id or a TravelPerk id does as well.</para>
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

    /// <summary>Only entries that ended like this.</summary>
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
            if (Status?.Contains(outcome.Status) != false && Action?.Contains(outcome.Action) != false && IsAsked(outcome))
                await WriteObjectAsync(Rows.OfLog(outcome)).ConfigureAwait(false);
        }
    }

    private bool IsAsked(ProvisioningOutcome outcome) =>
        Identity is null
        || string.Equals(outcome.Identity, Identity, StringComparison.OrdinalIgnoreCase)
        || string.Equals(outcome.SourceId, Identity, StringComparison.OrdinalIgnoreCase)
        || string.Equals(outcome.TargetId, Identity, StringComparison.Ordinal);
}

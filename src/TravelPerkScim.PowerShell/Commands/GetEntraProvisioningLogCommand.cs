using System.Management.Automation;
using TravelPerkScim.Entra.Hosting;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Gets the log of the provisioning job that Microsoft hosts: each operation with its user, time and reason.</summary>
/// <remarks>
/// <para>Writes the same objects as Get-ProvisioningLog, oldest first, so that both logs can be filtered and compared. Entra keeps 30 days
/// with P1 or P2, and 7 days without. At most five requests are sent in ten seconds, each for up to 500 entries; -Since shortens the
/// reading.</para>
/// <para>The status Staged means a delete that the delete threshold held back. An entry that Entra marks as a warning is a success with a
/// note. Least permission: AuditLog.Read.All, and Application.Read.All to find the application; a person also needs a role such as Reports
/// Reader.</para>
/// </remarks>
/// <example>
/// <para>See the failures of the last day</para>
/// <code>Get-EntraProvisioningLog TravelPerk -Status Failure -Since (Get-Date).AddDays(-1)</code>
/// <para>The Reason of each entry names the fault.</para>
/// </example>
/// <example>
/// <para>Count the errors by code</para>
/// <code>Get-EntraProvisioningLog TravelPerk -Since (Get-Date).AddDays(-7) -Status Failure |
///     Group-Object ErrorCode -NoElement</code>
/// <para>The most frequent cause of a quarantine.</para>
/// </example>
/// <example>
/// <para>Follow one user</para>
/// <code>Get-EntraProvisioningLog TravelPerk -User anna.berg@contoso.com | Format-List Time, Action, Status, Steps</code>
/// <para>How each entry came about: import, scoping, matching, export.</para>
/// </example>
/// <seealso>Get-ProvisioningLog</seealso>
/// <seealso>Get-EntraProvisioningJob</seealso>
[Cmdlet(VerbsCommon.Get, "EntraProvisioningLog", HelpUri = HelpPages.Logs)]
[OutputType(typeof(ProvisioningOutcome))]
public sealed class GetEntraProvisioningLogCommand : EntraJobCommand
{
    /// <summary>Only entries from this time on. Default: all that Entra keeps.</summary>
    [Parameter]
    public DateTimeOffset? Since { get; set; }

    /// <summary>Only entries with this status.</summary>
    [Parameter]
    public OutcomeStatus[]? Status { get; set; }

    /// <summary>Only entries of these actions.</summary>
    [Parameter]
    public ProvisioningAction[]? Action { get; set; }

    /// <summary>Only entries about this user: object id, userPrincipalName, or TravelPerk id. An object id is the quickest, since Entra
    /// itself looks for it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? User { get; set; }

    private protected override void CheckPermissions(EntraDirectoryConnection connection) => EntraHostedJobs.RequireLog(connection);

    private protected override async Task ProcessApplicationAsync(EntraApplicationIdentity identity, CancellationToken cancellationToken)
    {
        EntraEnterpriseApplication application = await EntraHostedJobs
            .ApplicationAsync(Entra, identity, cancellationToken)
            .ConfigureAwait(false);
        var query = new HostedLogQuery
        {
            Since = Since,
            Status = Status,
            Action = Action,
            User = User,
        };
        IAsyncEnumerable<ProvisioningOutcome> log = EntraSchemas.LogAsync(Entra, application, identity.Job?.Id, query, cancellationToken);
        await foreach (ProvisioningOutcome entry in log.ConfigureAwait(false))
            await WriteObjectAsync(Rows.OfLog(entry)).ConfigureAwait(false);
    }
}

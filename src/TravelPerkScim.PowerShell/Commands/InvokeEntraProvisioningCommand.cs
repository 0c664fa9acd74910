using System.Management.Automation;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Provisions single users on demand with the job that Microsoft hosts.</summary>
/// <remarks>
/// <para>Takes any number of users. Five are sent in ten seconds, the most that Entra allows. Each outcome is an object like those of
/// Invoke-Provisioning, with the steps, the modified properties, and the reason. An answer with a status of success and an error in its
/// text counts as a failure, and is a non-terminating error too.</para>
/// <para>An application that was authorized (OAuth) provisions on demand only while its job is stopped. Users who were deleted or disabled
/// in Entra cannot be provisioned on demand, and a new assignment takes minutes to be seen. Least permission:
/// Synchronization.ReadWrite.All; Application.Read.All to find the application; User.Read.All where users are named by
/// userPrincipalName.</para>
/// </remarks>
/// <example>
/// <para>Provision one user and see the steps</para>
/// <code>Stop-EntraProvisioningJob TravelPerk
/// Invoke-EntraProvisioning TravelPerk anna.berg@contoso.com | Format-List Identity, Action, Status, Steps
/// Start-EntraProvisioningJob TravelPerk</code>
/// <para>Import, scoping, matching and export of this user.</para>
/// </example>
/// <example>
/// <para>Provision a department now</para>
/// <code>Get-MgUser -Filter "department eq 'Sales'" |
///     Invoke-EntraProvisioning TravelPerk |
///     Where-Object Status -EQ Failure</code>
/// <para>Takes users from the Microsoft Graph module, and keeps the failures.</para>
/// </example>
/// <example>
/// <para>Try the failed users of the last day again</para>
/// <code>Get-EntraProvisioningLog TravelPerk -Status Failure -Since (Get-Date).AddDays(-1) |
///     ForEach-Object SourceId |
///     Sort-Object -Unique |
///     Invoke-EntraProvisioning TravelPerk</code>
/// <para>The users do not wait for the next cycle.</para>
/// </example>
/// <seealso>Get-EntraProvisioningLog</seealso>
/// <seealso>Invoke-Provisioning</seealso>
[Cmdlet(VerbsLifecycle.Invoke, "EntraProvisioning", SupportsShouldProcess = true, HelpUri = HelpPages.OnDemand)]
[OutputType(typeof(ProvisioningOutcome))]
public sealed class InvokeEntraProvisioningCommand : EntraCommand
{
    private EntraOnDemand? _demand;

    /// <summary>The enterprise application: display name, application (client) id, object id, or an object of Get-EntraApplication or
    /// Get-EntraProvisioningJob.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    public EntraApplicationIdentity? Application { get; set; }

    /// <summary>The users: object ids or userPrincipalNames, or objects that have either.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "ObjectId", "UserPrincipalName", "Identity")]
    [ValidateNotNullOrEmpty]
    public SourceUserIdentity[] User { get; set; } = [];

    private protected override void Prepare()
    {
        base.Prepare();
        EntraHostedJobs.RequireWrite(Entra);
    }

    private protected override async Task BeginProcessingAsync(CancellationToken cancellationToken) =>
        _demand = new EntraOnDemand(
            Entra,
            await EntraHostedJobs.FindJobAsync(Entra, Application!, cancellationToken).ConfigureAwait(false)
        );

    private protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        foreach (SourceUserIdentity user in User)
            await AttemptAsync(user, () => ProvisionAsync(user, cancellationToken)).ConfigureAwait(false);
    }

    private async Task ProvisionAsync(SourceUserIdentity user, CancellationToken cancellationToken)
    {
        if (!await ShouldProcessAsync(user.Text, $"Provision with the hosted job of {_demand!.Application}").ConfigureAwait(false))
            return;
        foreach (ProvisioningOutcome outcome in await _demand.ProvisionAsync(user, cancellationToken).ConfigureAwait(false))
        {
            await WriteObjectAsync(Rows.Of(outcome)).ConfigureAwait(false);
            if (outcome.Status == OutcomeStatus.Failure)
                await WriteErrorAsync(ErrorRecords.From(outcome)).ConfigureAwait(false);
        }
    }
}

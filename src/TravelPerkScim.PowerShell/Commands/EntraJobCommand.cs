using System.ComponentModel;
using System.Management.Automation;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Base of the cmdlets that work on the hosted job of an enterprise application.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class EntraJobCommand : AsyncCmdlet
{
    private EntraDirectoryConnection? _connection;

    private protected EntraJobCommand() { }

    /// <summary>The enterprise application: display name, application (client) id, object id, or an object of Get-EntraApplication or
    /// Get-EntraProvisioningJob.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Identity")]
    [ValidateNotNullOrEmpty]
    public EntraApplicationIdentity[] Application { get; set; } = [];

    /// <summary>The connection to use, as Connect-EntraDirectory -PassThru gives it. Without it, the default connection of this
    /// runspace.</summary>
    [Parameter]
    [ValidateNotNull]
    public EntraDirectoryConnection? EntraConnection { get; set; }

    private protected EntraDirectoryConnection Entra => _connection!;

    private protected override void Prepare()
    {
        _connection = EntraConnection ?? SessionHoldings.Current.EntraConnection ?? throw CommandException.EntraNotConnected();
        CheckPermissions(_connection);
    }

    /// <summary>Refuses before anything is sent. Most commands change the job.</summary>
    private protected virtual void CheckPermissions(EntraDirectoryConnection connection) => EntraHostedJobs.RequireWrite(connection);

    private protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        foreach (EntraApplicationIdentity identity in Application)
            await AttemptAsync(identity, () => ProcessApplicationAsync(identity, cancellationToken)).ConfigureAwait(false);
    }

    private protected virtual async Task ProcessApplicationAsync(EntraApplicationIdentity identity, CancellationToken cancellationToken) =>
        await ProcessJobAsync(await EntraHostedJobs.OneAsync(Entra, identity, cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);

    private protected virtual Task ProcessJobAsync(EntraProvisioningJob job, CancellationToken cancellationToken) => Task.CompletedTask;

    private protected async Task WriteRefreshedAsync(EntraProvisioningJob job, CancellationToken cancellationToken) =>
        await WriteObjectAsync(await EntraHostedJobs.RefreshAsync(Entra, job, cancellationToken).ConfigureAwait(false))
            .ConfigureAwait(false);

    private protected static string Named(EntraProvisioningJob job) => $"{job.Application} ({job.Id})";
}

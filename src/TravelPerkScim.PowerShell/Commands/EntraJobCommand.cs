using System.ComponentModel;
using System.Management.Automation;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Base of the cmdlets that work on the hosted job of an enterprise application.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class EntraJobCommand : EntraCommand
{
    private protected EntraJobCommand() { }

    /// <summary>The enterprise application: display name, application (client) id, object id, or an object of Get-EntraApplication or
    /// Get-EntraProvisioningJob.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Identity")]
    [ValidateNotNullOrEmpty]
    public EntraApplicationIdentity[] Application { get; set; } = [];

    private protected override void Prepare()
    {
        base.Prepare();
        CheckPermissions(Entra);
    }

    /// <summary>Refuses before anything is sent. Most commands change the job.</summary>
    private protected virtual void CheckPermissions(EntraDirectoryConnection connection) => EntraHostedJobs.RequireWrite(connection);

    private protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        foreach (EntraApplicationIdentity identity in Application)
            await AttemptAsync(identity, () => ProcessApplicationAsync(identity, cancellationToken)).ConfigureAwait(false);
    }

    private protected virtual async Task ProcessApplicationAsync(EntraApplicationIdentity identity, CancellationToken cancellationToken) =>
        await ProcessJobAsync(
                await EntraHostedJobs.FindJobAsync(Entra, identity, cancellationToken).ConfigureAwait(false),
                cancellationToken
            )
            .ConfigureAwait(false);

    private protected virtual Task ProcessJobAsync(EntraProvisioningJob job, CancellationToken cancellationToken) => Task.CompletedTask;

    private protected async Task WriteRefreshedAsync(EntraProvisioningJob job, CancellationToken cancellationToken) =>
        await WriteObjectAsync(await EntraHostedJobs.RefreshAsync(Entra, job, cancellationToken).ConfigureAwait(false))
            .ConfigureAwait(false);

    private protected static string Named(EntraProvisioningJob job) => $"{job.Application} ({job.Id})";
}

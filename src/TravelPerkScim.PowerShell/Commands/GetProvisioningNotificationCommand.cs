using System.Management.Automation;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Gets the channels that a job sends its notifications to.</summary>
/// <remarks>
/// <para>Reads job.json and sends nothing. Of a secret it shows the place and never the secret.</para>
/// </remarks>
/// <example>
/// <para>Show where a job's notifications go</para>
/// <code>Get-ProvisioningNotification ./contoso</code>
/// <para>Lists the channels, where each sends to, and what goes there.</para>
/// </example>
/// <seealso>Set-ProvisioningNotification</seealso>
/// <seealso>Test-ProvisioningNotification</seealso>
/// <seealso>about_TravelPerkScim_Unattended</seealso>
[Cmdlet(VerbsCommon.Get, "ProvisioningNotification", HelpUri = HelpPages.Tutorial)]
[OutputType(typeof(ProvisioningNotification))]
public sealed class GetProvisioningNotificationCommand : NotificationCommand
{
    /// <summary>Names of the channels, which may have wildcards. Without it, every one.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NotificationNameCompleter))]
    public string[] Name { get; set; } = [];

    private protected override async Task ProcessJobAsync(ProvisioningJob job, CancellationToken cancellationToken)
    {
        foreach (ProvisioningNotification notification in await FindAsync(job, Name).ConfigureAwait(false))
            await WriteObjectAsync(notification).ConfigureAwait(false);
        await WriteWarningAsync(ProvisioningNotification.Unused(job)).ConfigureAwait(false);
    }
}

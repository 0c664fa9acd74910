using System.Management.Automation;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Removes a channel from the notifications of a job.</summary>
/// <remarks>
/// <para>Changes job.json. The secrets whose places the channel named stay where they are.</para>
/// </remarks>
/// <example>
/// <para>Send no more to Teams</para>
/// <code>Remove-ProvisioningNotification ./contoso teams</code>
/// <para>Asks, then removes the channel.</para>
/// </example>
/// <seealso>Get-ProvisioningNotification</seealso>
/// <seealso>Set-ProvisioningNotification</seealso>
[Cmdlet(
    VerbsCommon.Remove,
    "ProvisioningNotification",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.High,
    HelpUri = HelpPages.Tutorial
)]
public sealed class RemoveProvisioningNotificationCommand : NotificationCommand
{
    /// <summary>Names of the channels, which may have wildcards.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NotificationNameCompleter))]
    public string[] Name { get; set; } = [];

    private protected override async Task ProcessJobAsync(ProvisioningJob job, CancellationToken cancellationToken)
    {
        foreach (ProvisioningNotification notification in await FindAsync(job, Name).ConfigureAwait(false))
        {
            if (!await ShouldProcessAsync(job.Path, $"Remove the notification channel {notification.Name}").ConfigureAwait(false))
                continue;
            JobNotifications settings = job.Settings.Notifications!;
            job.Save(
                job.Settings with
                {
                    Notifications = settings with { Channels = [.. settings.Channels.Where(channel => channel.Name != notification.Name)] },
                }
            );
        }
    }
}

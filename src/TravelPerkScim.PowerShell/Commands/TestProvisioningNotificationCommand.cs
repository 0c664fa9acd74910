using System.Management.Automation;
using TravelPerkScim.Operations.Channels;
using TravelPerkScim.PowerShell.Connection;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Sends a sample to the channels of a job.</summary>
/// <remarks>
/// <para>Reads the channel's secrets from the places that job.json names, as a scheduled run would, and sends a sample at once. Each
/// channel gives one object; one that fails is also an error that says why. The rules of a channel do not matter here.</para>
/// <para>Run it as the account that runs the job: an environment variable, a file or a vault of another account is not there for it.</para>
/// </remarks>
/// <example>
/// <para>Try every channel</para>
/// <code>Test-ProvisioningNotification ./contoso</code>
/// <para>Sends a sample to each, and says which arrived.</para>
/// </example>
/// <example>
/// <para>See what would be sent to</para>
/// <code>Test-ProvisioningNotification ./contoso teams -WhatIf</code>
/// <para>Sends nothing.</para>
/// </example>
/// <seealso>Set-ProvisioningNotification</seealso>
/// <seealso>Get-ProvisioningNotification</seealso>
/// <seealso>about_TravelPerkScim_Unattended</seealso>
[Cmdlet(VerbsDiagnostic.Test, "ProvisioningNotification", SupportsShouldProcess = true, HelpUri = HelpPages.Tutorial)]
[OutputType(typeof(NotificationTest))]
public sealed class TestProvisioningNotificationCommand : NotificationCommand
{
    private static readonly Dictionary<ChannelResult, string> s_errors = new()
    {
        [ChannelResult.TryLater] = "NotificationDelayed",
        [ChannelResult.Gone] = "NotificationGone",
    };

    /// <summary>Names of the channels, which may have wildcards. Without it, every one.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NotificationNameCompleter))]
    public string[] Name { get; set; } = [];

    private protected override async Task ProcessJobAsync(ProvisioningJob job, CancellationToken cancellationToken)
    {
        IReadOnlyList<ProvisioningNotification> channels = await FindAsync(job, Name).ConfigureAwait(false);
        if (channels.Count == 0 && Name.Length == 0)
        {
            throw new CommandException(
                "NotificationNotFound",
                ErrorCategory.ObjectNotFound,
                $"The job '{job.Name}' has no notification channel. Set-ProvisioningNotification makes one."
            );
        }

        foreach (ProvisioningNotification notification in channels)
        {
            if (await ShouldProcessAsync(job.Path, $"Send a sample to the notification channel {notification.Name}").ConfigureAwait(false))
                await TestAsync(job, notification, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task TestAsync(ProvisioningJob job, ProvisioningNotification notification, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        string? message;
        try
        {
            INotificationChannel channel = await NotificationChannels
                .Opener.OpenAsync(notification.Channel, cancellationToken)
                .ConfigureAwait(false);
            await using (channel.ConfigureAwait(false))
            {
                ChannelAnswer answer = await channel.SendAsync(Sample(job, notification), cancellationToken).ConfigureAwait(false);
                message = answer.Message;
                if (answer.Result != ChannelResult.Sent)
                {
                    failure = new CommandException(
                        s_errors.GetValueOrDefault(answer.Result, "NotificationRefused"),
                        ErrorCategory.ConnectionError,
                        $"The notification channel '{notification.Name}' did not send: {answer.Message}"
                    );
                }
            }
        }
        catch (ProvisioningException e)
        {
            (failure, message) = (e, e.Message);
        }
        await WriteObjectAsync(new NotificationTest(notification, failure is null, message)).ConfigureAwait(false);
        if (failure is not null)
            await WriteErrorAsync(ErrorRecords.From(failure, notification)).ConfigureAwait(false);
    }

    private static Notification Sample(ProvisioningJob job, ProvisioningNotification notification) =>
        new()
        {
            Id = Guid.NewGuid().ToString("D"),
            Job = job.Name,
            Change = NotificationChange.Report,
            Time = TimeProvider.System.GetUtcNow(),
            Title = $"{job.Name}: this is a test of the notifications",
            Text = "The provisioning job sends its notifications here. Nothing happened, and nothing has to be done.",
            Facts = [new NotificationFact("Channel", notification.Name), NotificationFact.Sender],
            Commands = [$"Get-ProvisioningStatus {ProvisioningNotification.Quoted(job.Path)}"],
        };
}

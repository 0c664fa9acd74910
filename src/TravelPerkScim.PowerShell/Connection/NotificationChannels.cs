using TravelPerkScim.Operations.Channels;
using TravelPerkScim.Provisioning;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell;

/// <summary>The one place that cmdlets take notification channels from.</summary>
internal static class NotificationChannels
{
    /// <summary>Opens the channels of a job, with secrets from the places that its job.json names.</summary>
    public static IChannelOpener Opener { get; } = new None();

    private sealed class None : IChannelOpener
    {
        public Task<INotificationChannel> OpenAsync(NotificationChannel channel, CancellationToken cancellationToken) =>
            throw new ProvisioningException("ChannelUnknown", $"This version of the module has no channel of the type {channel.Type}.");
    }
}

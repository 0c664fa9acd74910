using TravelPerkScim.Operations.Channels;
using TravelPerkScim.PowerShell.SignIn;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell.Connection;

/// <summary>The notification channels of the cmdlets.</summary>
internal static class NotificationChannels
{
    /// <summary>Opens the channels of a job, with secrets from the places that its job.json names.</summary>
    public static IChannelOpener Opener { get; } = new ChannelOpener(new SecretReader(new SessionVault(), new SessionKeyVault()));
}

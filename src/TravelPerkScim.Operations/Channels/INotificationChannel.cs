using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Operations.Channels;

/// <summary>What became of a notification that was handed to a channel.</summary>
public enum ChannelResult
{
    /// <summary>The other side took it.</summary>
    Sent,

    /// <summary>It may succeed later: no connection, a timeout, 429, a server error.</summary>
    TryLater,

    /// <summary>It will not succeed as it is: a wrong address, refused credentials, refused content.</summary>
    Refused,

    /// <summary>The other side wants no more (410 Gone): the channel sends nothing until it is set again.</summary>
    Gone,
}

/// <summary>The answer of a channel.</summary>
/// <param name="Result">What became of the notification.</param>
/// <param name="Message">Why, with the way out; null when it was sent. It never holds a secret or an address that is one.</param>
/// <param name="RetryAfter">What the other side asked to wait; null when it said nothing.</param>
public sealed record ChannelAnswer(ChannelResult Result, string? Message = null, TimeSpan? RetryAfter = null);

/// <summary>Sends notifications one way.</summary>
public interface INotificationChannel : IAsyncDisposable
{
    /// <summary>Sends one notification. It never throws for what the other side does; a cancelled token is the only exception.</summary>
    /// <param name="notification">What to send.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    Task<ChannelAnswer> SendAsync(Notification notification, CancellationToken cancellationToken);
}

/// <summary>Opens the channels that a job's settings name.</summary>
public interface IChannelOpener
{
    /// <summary>Opens a channel, reading its secrets.</summary>
    /// <param name="channel">Its settings.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ProvisioningException">A secret is missing or cannot be used, or the address is refused; the message names the
    /// place, never the secret.</exception>
    Task<INotificationChannel> OpenAsync(NotificationChannel channel, CancellationToken cancellationToken);
}

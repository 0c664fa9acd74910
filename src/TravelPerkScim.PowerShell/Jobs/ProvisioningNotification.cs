using System.Management.Automation.Language;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>A notification channel of a job. It holds the places of secrets, and none itself.</summary>
public sealed class ProvisioningNotification
{
    internal ProvisioningNotification(ProvisioningJob job, JobNotifications settings, NotificationChannel channel) =>
        (Path, JobName, Settings, Channel) = (job.Path, job.Name, settings, channel);

    /// <summary>The job's folder.</summary>
    public string Path { get; }

    /// <summary>The job's name.</summary>
    public string JobName { get; }

    /// <summary>Name of the channel.</summary>
    public string Name => Channel.Name;

    /// <summary>Its kind.</summary>
    public NotificationChannelType Type => Channel.Type;

    /// <summary>Recipients, of mail.</summary>
    public IReadOnlyList<string> To => Channel.To;

    /// <summary>The sender, of mail.</summary>
    public string? From => Channel.From;

    /// <summary>The mail server, where it is no secret.</summary>
    public string? Server =>
        Channel.Host is null ? null
        : Channel.Port is { } port ? FormattableString.Invariant($"{Channel.Host}:{port}")
        : Channel.Host;

    /// <summary>Where the address is found that is a secret.</summary>
    public SecretPlace? Address => Channel.Address;

    /// <summary>Where the signing key or the client secret is found.</summary>
    public SecretPlace? Secret => Channel.Secret;

    /// <summary>A host inside the own network that the channel may send to.</summary>
    public string? AllowedHost => Channel.AllowedHost;

    /// <summary>What goes to the channel; empty: everything.</summary>
    public IReadOnlyList<NotificationRule> Rule => Channel.Rules ?? [];

    /// <summary>How often the job reports what its cycles came to.</summary>
    public DigestFrequency Digest => Settings.Digest;

    /// <summary>The time of day of the digest, UTC.</summary>
    public TimeOnly DigestAt => Settings.DigestAt;

    /// <summary>After which time a condition that goes on is told of again.</summary>
    public TimeSpan RepeatAfter => Settings.RepeatAfter;

    /// <summary>Whether notifications name users.</summary>
    public bool IncludeNames => Settings.IncludeNames;

    internal NotificationChannel Channel { get; }

    private JobNotifications Settings { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>A warning that mail addresses are there and no channel sends to them; null when one does.</summary>
    internal static string? Unused(ProvisioningJob job) =>
        job.Settings.Notifications is not { Recipients.Count: > 0 } settings || settings.Channels.Any(channel => channel.Type.IsMail())
            ? null
            : $"The job '{job.Name}' has mail addresses for its notifications ({string.Join(", ", settings.Recipients)}), "
                + $"and no channel that sends mail, so no mail is sent. Set one: "
                + $"Set-ProvisioningNotification {Quoted(job.Path)} mail -Smtp -Server <relay> -From <sender>, "
                + $"or Set-ProvisioningNotification {Quoted(job.Path)} mail -GraphMail -From <mailbox> -TenantId "
                + $"<tenant> -ClientId <application> -SecretFrom <kind of place> -SecretName <its name>.";

    /// <summary>A path as a command line has it.</summary>
    internal static string Quoted(string path) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(path)}'";
}

/// <summary>What became of a test of a notification channel.</summary>
public sealed class NotificationTest
{
    internal NotificationTest(ProvisioningNotification notification, bool sent, string? message) =>
        (Path, JobName, Name, Type, Sent, Message) = (
            notification.Path,
            notification.JobName,
            notification.Name,
            notification.Type,
            sent,
            message
        );

    /// <summary>The job's folder.</summary>
    public string Path { get; }

    /// <summary>The job's name.</summary>
    public string JobName { get; }

    /// <summary>Name of the channel.</summary>
    public string Name { get; }

    /// <summary>Its kind.</summary>
    public NotificationChannelType Type { get; }

    /// <summary>Whether the other side took the notification. Teams takes it before its workflow posts it.</summary>
    public bool Sent { get; }

    /// <summary>Why not, with the way out.</summary>
    public string? Message { get; }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Name}: {(Sent ? "sent" : Message)}");
}

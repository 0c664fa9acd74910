using System.Globalization;
using System.Management.Automation;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Says where a job's notifications go, and of what they tell.</summary>
/// <remarks>
/// <para>Makes a channel of the given name in job.json, or changes the one that is there: what is not given stays. Without a name, it
/// changes what holds for all channels of the job. It sends nothing; Test-ProvisioningNotification does.</para>
/// <para>The URL of Teams, Slack or a webhook is a secret, as are passwords and keys. job.json says where each is found: in an environment
/// variable, in a file or in a vault, as for Set-ProvisioningJob -SecretFrom. The command neither reads nor stores the secret
/// itself.</para>
/// <para>about_TravelPerkScim_Unattended has the setup of each kind of channel, and the permissions that it needs.</para>
/// </remarks>
/// <example>
/// <para>Post to a Teams channel</para>
/// <code>Set-ProvisioningNotification ./contoso teams -Teams -AddressFrom Environment -AddressName TEAMS_URL
/// Test-ProvisioningNotification ./contoso teams</code>
/// <para>The workflow's URL is in the environment variable TEAMS_URL of the account that runs the job. The second command sends a
/// sample.</para>
/// </example>
/// <example>
/// <para>Send mail through a relay</para>
/// <code>Set-ProvisioningNotification ./contoso mail -Smtp -Server relay.contoso.com -From travelperk@contoso.com -To it@contoso.com</code>
/// <para>The relay takes mail from this machine without a sign-in. TLS is used where it offers it.</para>
/// </example>
/// <example>
/// <para>Send mail with user and password</para>
/// <code>$mail = @{ AddressFrom = 'File'; AddressPath = '/run/secrets/smtp'; From = 'travelperk@contoso.com'; To = 'it@contoso.com' }
/// Set-ProvisioningNotification ./contoso mail -Smtp @mail</code>
/// <para>The file holds smtp://user:password@server:587, in which special characters of user and password are percent-encoded.</para>
/// </example>
/// <example>
/// <para>Send mail from a mailbox of Microsoft 365</para>
/// <code>$application = @{ TenantId = 'contoso.com'; ClientId = '0d1f3a52-6c1c-4bb0-9d6a-0a4a53b4d6d1' }
/// Set-ProvisioningNotification ./contoso mail -GraphMail -From travelperk@contoso.com -To it@contoso.com @application `
///     -SecretFrom Vault -SecretName MailApplication</code>
/// <para>Microsoft Graph sends it, as this application.</para>
/// </example>
/// <example>
/// <para>Tell Slack of what waits for an approval, and report every week</para>
/// <code>$rules = 'DeletesStaged', 'TakeoversStaged', 'Digest'
/// Set-ProvisioningNotification ./contoso slack -Slack -AddressFrom Vault -AddressName SlackUrl -Rule $rules
/// Set-ProvisioningNotification ./contoso -Digest Weekly -DigestAt 06:30</code>
/// <para>Other notifications do not go to Slack.</para>
/// </example>
/// <example>
/// <para>Send signed events to a receiver of your own</para>
/// <code>$address = @{ AddressFrom = 'Environment'; AddressName = 'EVENTS_URL' }
/// $key = @{ SecretFrom = 'Environment'; SecretName = 'EVENTS_KEY' }
/// Set-ProvisioningNotification ./contoso events -Webhook @address @key -AllowedHost events.contoso.internal</code>
/// <para>The receiver is inside the own network, which has to be said. A key is made with 'whsec_' +
/// [Convert]::ToBase64String([Security.Cryptography.RandomNumberGenerator]::GetBytes(32)).</para>
/// </example>
/// <seealso>Test-ProvisioningNotification</seealso>
/// <seealso>Get-ProvisioningNotification</seealso>
/// <seealso>Remove-ProvisioningNotification</seealso>
/// <seealso>about_TravelPerkScim_Unattended</seealso>
[Cmdlet(
    VerbsCommon.Set,
    "ProvisioningNotification",
    DefaultParameterSetName = JobSet,
    SupportsShouldProcess = true,
    HelpUri = HelpPages.Tutorial
)]
[OutputType(typeof(ProvisioningNotification))]
public sealed class SetProvisioningNotificationCommand : NotificationCommand
{
    private const string JobSet = "Job";
    private const string SmtpSet = "Smtp";
    private const string GraphMailSet = "GraphMail";
    private const string TeamsSet = "Teams";
    private const string SlackSet = "Slack";
    private const string WebhookSet = "Webhook";

    /// <summary>Name of the channel: letters, digits, '-', '_' and '.'.</summary>
    [Parameter(ParameterSetName = SmtpSet, Mandatory = true, Position = 1)]
    [Parameter(ParameterSetName = GraphMailSet, Mandatory = true, Position = 1)]
    [Parameter(ParameterSetName = TeamsSet, Mandatory = true, Position = 1)]
    [Parameter(ParameterSetName = SlackSet, Mandatory = true, Position = 1)]
    [Parameter(ParameterSetName = WebhookSet, Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NotificationNameCompleter))]
    public string? Name { get; set; }

    /// <summary>Mail through an SMTP server: with -Server and no sign-in; with -AddressFrom for user and password; or with -Server
    /// smtp.office365.com, -TenantId, -ClientId and -SecretFrom for OAuth.</summary>
    [Parameter(ParameterSetName = SmtpSet, Mandatory = true)]
    public SwitchParameter Smtp { get; set; }

    /// <summary>Mail from a mailbox of Microsoft 365, sent through Microsoft Graph.</summary>
    [Parameter(ParameterSetName = GraphMailSet, Mandatory = true)]
    public SwitchParameter GraphMail { get; set; }

    /// <summary>A Teams workflow "When a Teams webhook request is received".</summary>
    [Parameter(ParameterSetName = TeamsSet, Mandatory = true)]
    public SwitchParameter Teams { get; set; }

    /// <summary>An incoming webhook of Slack.</summary>
    [Parameter(ParameterSetName = SlackSet, Mandatory = true)]
    public SwitchParameter Slack { get; set; }

    /// <summary>A webhook after Standard Webhooks, signed with the key that -SecretFrom names the place of.</summary>
    [Parameter(ParameterSetName = WebhookSet, Mandatory = true)]
    public SwitchParameter Webhook { get; set; }

    /// <summary>Mail addresses of the recipients. Without it, those of -Recipient.</summary>
    [Parameter(ParameterSetName = SmtpSet)]
    [Parameter(ParameterSetName = GraphMailSet)]
    [ValidateNotNullOrEmpty]
    public string[]? To { get; set; }

    /// <summary>The sender's mail address; for -GraphMail and with OAuth, the mailbox that sends.</summary>
    [Parameter(ParameterSetName = SmtpSet)]
    [Parameter(ParameterSetName = GraphMailSet)]
    [ValidateNotNullOrEmpty]
    public string? From { get; set; }

    /// <summary>The mail server. With a password, the server is in the secret address instead.</summary>
    [Parameter(ParameterSetName = SmtpSet)]
    [ValidateNotNullOrEmpty]
    public string? Server { get; set; }

    /// <summary>Port of the mail server. Default 25, or 587 with OAuth; 465 is TLS from the first byte.</summary>
    [Parameter(ParameterSetName = SmtpSet)]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>The tenant of the application that sends, as a GUID or a domain name.</summary>
    [Parameter(ParameterSetName = SmtpSet)]
    [Parameter(ParameterSetName = GraphMailSet)]
    [ValidateNotNullOrEmpty]
    public string? TenantId { get; set; }

    /// <summary>The application (client) id whose secret it is.</summary>
    [Parameter(ParameterSetName = SmtpSet)]
    [Parameter(ParameterSetName = GraphMailSet)]
    [ValidateNotNullOrEmpty]
    public string? ClientId { get; set; }

    /// <summary>The address itself is never taken: this says how to put it in a place instead.</summary>
    [Parameter(ParameterSetName = SmtpSet, Position = 2, DontShow = true)]
    [Parameter(ParameterSetName = TeamsSet, Position = 2, DontShow = true)]
    [Parameter(ParameterSetName = SlackSet, Position = 2, DontShow = true)]
    [Parameter(ParameterSetName = WebhookSet, Position = 2, DontShow = true)]
    public string? Address { get; set; }

    /// <summary>Where the secret address is found: Environment (with -AddressName), File (with -AddressPath) or Vault (with -AddressName
    /// and -AddressVault). It is the URL of Teams, Slack or the webhook, or smtp://user:password@server:587.</summary>
    [Parameter(ParameterSetName = SmtpSet)]
    [Parameter(ParameterSetName = TeamsSet)]
    [Parameter(ParameterSetName = SlackSet)]
    [Parameter(ParameterSetName = WebhookSet)]
    [ArgumentCompleter(typeof(SecretFromCompleter))]
    public string? AddressFrom { get; set; }

    /// <summary>Name of the environment variable, or of the secret in the vault, that holds the address.</summary>
    [Parameter(ParameterSetName = SmtpSet)]
    [Parameter(ParameterSetName = TeamsSet)]
    [Parameter(ParameterSetName = SlackSet)]
    [Parameter(ParameterSetName = WebhookSet)]
    [ValidateNotNullOrEmpty]
    public string? AddressName { get; set; }

    /// <summary>The file that holds the address and nothing else, as for Set-ProvisioningJob -SecretPath.</summary>
    [Parameter(ParameterSetName = SmtpSet)]
    [Parameter(ParameterSetName = TeamsSet)]
    [Parameter(ParameterSetName = SlackSet)]
    [Parameter(ParameterSetName = WebhookSet)]
    [ValidateNotNullOrEmpty]
    public string? AddressPath { get; set; }

    /// <summary>Name of the SecretManagement vault of the address. Without it, the default vault.</summary>
    [Parameter(ParameterSetName = SmtpSet)]
    [Parameter(ParameterSetName = TeamsSet)]
    [Parameter(ParameterSetName = SlackSet)]
    [Parameter(ParameterSetName = WebhookSet)]
    [ValidateNotNullOrEmpty]
    public string? AddressVault { get; set; }

    /// <summary>Where the webhook's signing key, or the application's client secret, is found: Environment, File or Vault.</summary>
    [Parameter(ParameterSetName = SmtpSet)]
    [Parameter(ParameterSetName = GraphMailSet)]
    [Parameter(ParameterSetName = WebhookSet)]
    [ArgumentCompleter(typeof(SecretFromCompleter))]
    public string? SecretFrom { get; set; }

    /// <summary>Name of the environment variable, or of the secret in the vault, that holds the key or client secret.</summary>
    [Parameter(ParameterSetName = SmtpSet)]
    [Parameter(ParameterSetName = GraphMailSet)]
    [Parameter(ParameterSetName = WebhookSet)]
    [ValidateNotNullOrEmpty]
    public string? SecretName { get; set; }

    /// <summary>The file that holds the key or client secret and nothing else.</summary>
    [Parameter(ParameterSetName = SmtpSet)]
    [Parameter(ParameterSetName = GraphMailSet)]
    [Parameter(ParameterSetName = WebhookSet)]
    [ValidateNotNullOrEmpty]
    public string? SecretPath { get; set; }

    /// <summary>Name of the SecretManagement vault of the key or client secret. Without it, the default vault.</summary>
    [Parameter(ParameterSetName = SmtpSet)]
    [Parameter(ParameterSetName = GraphMailSet)]
    [Parameter(ParameterSetName = WebhookSet)]
    [ValidateNotNullOrEmpty]
    public string? SecretVault { get; set; }

    /// <summary>The host inside the own network that the channel may send to. Every other address there is refused.</summary>
    [Parameter(ParameterSetName = TeamsSet)]
    [Parameter(ParameterSetName = SlackSet)]
    [Parameter(ParameterSetName = WebhookSet)]
    [ValidateNotNullOrEmpty]
    public string? AllowedHost { get; set; }

    /// <summary>What goes to this channel. Without it, everything; @() makes it everything again.</summary>
    [Parameter(ParameterSetName = SmtpSet)]
    [Parameter(ParameterSetName = GraphMailSet)]
    [Parameter(ParameterSetName = TeamsSet)]
    [Parameter(ParameterSetName = SlackSet)]
    [Parameter(ParameterSetName = WebhookSet)]
    [AllowEmptyCollection]
    public NotificationRule[]? Rule { get; set; }

    /// <summary>For the whole job: mail addresses that a mail channel sends to when it is set without -To.</summary>
    [Parameter]
    [AllowEmptyCollection]
    public string[]? Recipient { get; set; }

    /// <summary>For the whole job: how often it reports what its cycles came to: None, Daily or Weekly (on Monday).</summary>
    [Parameter]
    public DigestFrequency? Digest { get; set; }

    /// <summary>For the whole job: the time of day of the digest, UTC, such as 07:00.</summary>
    [Parameter]
    public TimeOnly? DigestAt { get; set; }

    /// <summary>For the whole job: after which time a condition that goes on is told of again, from 1 hour to 31 days, such as 1.00:00:00
    /// for a day.</summary>
    [Parameter]
    public TimeSpan? RepeatAfter { get; set; }

    /// <summary>For the whole job: after which time without a new source file the job tells of it, such as 7.00:00:00, which is the
    /// default; 00:00:00 for never, where a person writes the file by hand.</summary>
    [Parameter]
    public TimeSpan? SourceStaleAfter { get; set; }

    /// <summary>For the whole job: whether notifications name the users concerned, which is personal data.</summary>
    [Parameter]
    public bool? IncludeNames { get; set; }

    /// <summary>Writes the channel as it is then; without a name, every channel of the job.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private GivenPlace GivenAddress => new("Address", AddressFrom, AddressName, AddressPath, AddressVault);

    private GivenPlace GivenSecret => new("Secret", SecretFrom, SecretName, SecretPath, SecretVault);

    private protected override void Prepare()
    {
        if (Address is not null)
            throw GivenPlace.AsText("Address");
        GivenAddress.Check();
        GivenSecret.Check();
        if (RepeatAfter < JobNotifications.ShortestRepeat || RepeatAfter > JobNotifications.LongestRepeat)
        {
            throw new CommandException(
                "RepeatAfterInvalid",
                ErrorCategory.InvalidArgument,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"-RepeatAfter is from 01:00:00 to 31 days, and {RepeatAfter:c} is not. "
                        + $"Give a day as 1.00:00:00: a plain number counts ticks."
                )
            );
        }
    }

    private protected override async Task ProcessJobAsync(ProvisioningJob job, CancellationToken cancellationToken)
    {
        JobNotifications old = job.Settings.Notifications ?? new JobNotifications();
        JobNotifications changed = old with
        {
            Recipients = Recipient ?? old.Recipients,
            Digest = Digest ?? old.Digest,
            DigestAt = DigestAt ?? old.DigestAt,
            RepeatAfter = RepeatAfter ?? old.RepeatAfter,
            SourceStaleAfter = SourceStaleAfter ?? old.SourceStaleAfter,
            IncludeNames = IncludeNames ?? old.IncludeNames,
        };
        if (Name is not null)
            changed = await WithChannelAsync(changed).ConfigureAwait(false);
        string what = Name is null
            ? "Change the notifications of the provisioning job"
            : $"Set the notification channel {Name} ({ParameterSetName})";
        if (changed != old && await ShouldProcessAsync(job.Path, what).ConfigureAwait(false))
        {
            job.Save(job.Settings with { Notifications = changed });
            await WriteWarningAsync(ProvisioningNotification.Unused(job)).ConfigureAwait(false);
        }
        if (PassThru)
        {
            foreach (ProvisioningNotification notification in Of(job).Where(one => Name is null || IsNamed(one.Name)))
                await WriteObjectAsync(notification).ConfigureAwait(false);
        }
    }

    private bool IsNamed(string name) => string.Equals(name, Name, StringComparison.OrdinalIgnoreCase);

    private async Task<JobNotifications> WithChannelAsync(JobNotifications notifications)
    {
        IReadOnlyList<NotificationChannel> old = notifications.Channels;
        NotificationChannel? there = old.FirstOrDefault(channel => IsNamed(channel.Name));
        NotificationChannel channel = await ChannelAsync(there, notifications.Recipients).ConfigureAwait(false);
        Check(channel);
        if (there is null)
            return notifications with { Channels = [.. old, channel] };
        return notifications with { Channels = [.. old.Select(one => one == there ? channel : one)] };
    }

    // A channel of the same type keeps the settings that are not given.
    private async Task<NotificationChannel> ChannelAsync(NotificationChannel? there, IReadOnlyList<string> recipients)
    {
        NotificationChannelType type = Enum.Parse<NotificationChannelType>(ParameterSetName);
        NotificationChannel old = there?.Type == type ? there : new NotificationChannel(there?.Name ?? Name!, type);
        SecretPlace? address = GivenAddress.Place(await LocatedAsync(AddressPath).ConfigureAwait(false));
        SecretPlace? secret = GivenSecret.Place(await LocatedAsync(SecretPath).ConfigureAwait(false), ClientId);
        bool takesRecipients = type.IsMail() && old.To.Count == 0;
        NotificationChannel changed = old with
        {
            To = To ?? (takesRecipients ? recipients : old.To),
            From = From ?? old.From,
            Host = Server ?? old.Host,
            Port = Port ?? old.Port,
            TenantId = TenantId ?? old.TenantId,
            Address = address ?? old.Address,
            Secret = secret ?? WithClientId(old.Secret),
            AllowedHost = AllowedHost ?? old.AllowedHost,
            Rules = ChangedRules(old.Rules),
        };
        // A server and an address with a password are two ways to say the same.
        if (address is not null && type == NotificationChannelType.Smtp)
        {
            return changed with { Host = Server, Port = Port, TenantId = TenantId, Secret = secret };
        }
        return Server is null ? changed : changed with { Address = null };
    }

    private SecretPlace? WithClientId(SecretPlace? place) => ClientId is null || place is null ? place : place with { ClientId = ClientId };

    // An empty list stands for all rules.
    private IReadOnlyList<NotificationRule>? ChangedRules(IReadOnlyList<NotificationRule>? old)
    {
        if (Rule is null)
            return old;
        return Rule.Length == 0 ? null : Rule;
    }

    private static string? Missing(NotificationChannel channel) =>
        channel.Type.IsMail() ? MissingForMail(channel) : MissingForAddress(channel);

    private static string? MissingForMail(NotificationChannel channel)
    {
        bool isSmtp = channel.Type == NotificationChannelType.Smtp;
        if (channel.To.Count == 0)
            return "-To, the recipients";
        if (channel.From is null)
            return "-From, the mail address that sends";
        if (isSmtp && channel is { Host: null, Address: null })
            return "-Server, or -AddressFrom where user and password are needed";
        bool signsInToTenant = !isSmtp || channel.Secret is not null || channel.TenantId is not null;
        return signsInToTenant ? MissingForTenant(channel) : null;
    }

    private static string? MissingForTenant(NotificationChannel channel)
    {
        if (channel.TenantId is null)
            return "-TenantId, the tenant of the application";
        if (channel.Secret is null)
            return "-SecretFrom, the place of the client secret of the application";
        return channel.Secret.ClientId is null ? "-ClientId, the application whose client secret it is" : null;
    }

    private static string? MissingForAddress(NotificationChannel channel)
    {
        if (channel.Address is null)
            return "-AddressFrom, the place of its URL";
        if (channel is not { Type: NotificationChannelType.Webhook, Secret: null })
            return null;
        return "-SecretFrom, the place of the key that signs. A key is 'whsec_' and 24 to 64 random bytes in Base64";
    }

    // Before job.json is checked as a whole: what is missing is told as a parameter.
    private void Check(NotificationChannel channel)
    {
        if (Missing(channel) is { } missing)
        {
            throw new CommandException(
                "NotificationIncomplete",
                ErrorCategory.InvalidArgument,
                $"The notification channel '{Name}' cannot send yet. Give {missing}."
            );
        }
    }
}

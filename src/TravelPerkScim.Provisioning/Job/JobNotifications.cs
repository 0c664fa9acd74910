using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Job;

/// <summary>How often a job sends a digest of its cycles.</summary>
public enum DigestFrequency : long
{
    /// <summary>Never.</summary>
    None,

    /// <summary>Once a day.</summary>
    Daily,

    /// <summary>Once a week, on Monday.</summary>
    Weekly,
}

/// <summary>Kinds of notification channels.</summary>
public enum NotificationChannelType : long
{
    /// <summary>Mail through an SMTP server.</summary>
    Smtp,

    /// <summary>Mail from a mailbox of Microsoft 365, sent through Microsoft Graph.</summary>
    GraphMail,

    /// <summary>A Teams workflow "When a Teams webhook request is received".</summary>
    Teams,

    /// <summary>An incoming webhook of Slack.</summary>
    Slack,

    /// <summary>A webhook after Standard Webhooks, signed.</summary>
    Webhook,
}

/// <summary>The notification settings of a job in <c>job.json</c>. They never hold a secret.</summary>
public sealed record JobNotifications
{
    /// <summary>The shortest value of <see cref="RepeatAfter"/>.</summary>
    public static readonly TimeSpan ShortestRepeat = TimeSpan.FromHours(1);

    /// <summary>The longest value of <see cref="RepeatAfter"/>.</summary>
    public static readonly TimeSpan LongestRepeat = TimeSpan.FromDays(31);

    /// <summary>The channels that get notifications; empty when notifications go nowhere.</summary>
    public IReadOnlyList<NotificationChannel> Channels { get; init; } = [];

    /// <summary>The time after which the job tells again of a condition that goes on. Default one day; from 1 hour to 31 days.</summary>
    public TimeSpan RepeatAfter { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The job tells when its source file was not written for that long. Default 7 days; 00:00:00 for never, where a person writes
    /// the file by hand.</summary>
    public TimeSpan SourceStaleAfter { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How often the job sends a digest of its cycles. Default: never.</summary>
    public DigestFrequency Digest { get; init; }

    /// <summary>The time of day of the digest, UTC. Default 07:00.</summary>
    public TimeOnly DigestAt { get; init; } = new(7, 0);

    /// <summary>Notifications name the users concerned. Default false: notifications have counts, reasons and commands, and no personal
    /// data.</summary>
    public bool IncludeNames { get; init; }

    /// <summary>Mail addresses for mail channels that are set without recipients of their own.</summary>
    public IReadOnlyList<string> Recipients
    {
        get;
        init => field = value ?? [];
    } = [];

    internal void Validate(Action<bool, string, string> require)
    {
        require(Recipients.All(NotificationChannel.IsMailAddress), "notifications.recipients", "a list of mail addresses");
        require(Channels is not null, "notifications.channels", "a list of channels");
        require(
            RepeatAfter >= ShortestRepeat && RepeatAfter <= LongestRepeat,
            "notifications.repeatAfter",
            "between 01:00:00 and 31.00:00:00"
        );
        require(SourceStaleAfter >= TimeSpan.Zero, "notifications.sourceStaleAfter", "a time such as 7.00:00:00, or 00:00:00 for never");
        require(Channels!.All(channel => channel is not null), "notifications.channels", "a list of channels");
        require(
            Channels!.Select(channel => channel.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count() == Channels!.Count,
            "notifications.channels",
            "a list of channels of different names"
        );
        foreach (NotificationChannel channel in Channels!)
            channel.Validate(require);
    }
}

/// <summary>A channel for notifications. It never holds a secret. The place of an address is given instead of an address that is or has a
/// secret.</summary>
/// <param name="Name">The admin's name for the channel. It tells the channels of a job apart.</param>
/// <param name="Type">The kind of the channel.</param>
public sealed record NotificationChannel(string Name, NotificationChannelType Type)
{
    /// <summary>For mail: the recipients.</summary>
    public IReadOnlyList<string> To
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>For Smtp: the sender. For GraphMail: the mailbox that sends.</summary>
    public string? From { get; init; }

    /// <summary>For Smtp without a sign-in, or with OAuth: the server. With a password, the server is in <see cref="Address"/>, so that
    /// job.json alone cannot send a password elsewhere.</summary>
    public string? Host { get; init; }

    /// <summary>For Smtp with <see cref="Host"/>: the port. Null: 25, or 587 with OAuth.</summary>
    public int? Port { get; init; }

    /// <summary>For Smtp with OAuth, and for GraphMail: the tenant.</summary>
    public string? TenantId { get; init; }

    /// <summary>The place of an address that is a secret: the URL of Teams, Slack or the webhook; for Smtp with a password,
    /// <c>smtp://user:password@server:587</c> or <c>smtps://</c>.</summary>
    public SecretPlace? Address { get; init; }

    /// <summary>For a webhook: the place of the signing key (whsec_...). For Smtp with OAuth and GraphMail: the place of the application's
    /// client secret, with its clientId.</summary>
    public SecretPlace? Secret { get; init; }

    /// <summary>A host inside the own network to which the channel may send. Every other address in that network is refused.</summary>
    public string? AllowedHost { get; init; }

    /// <summary>The rules whose notifications go to this channel; null for all rules.</summary>
    public IReadOnlyList<NotificationRule>? Rules { get; init; }

    /// <summary>Whether notifications of a rule go to this channel.</summary>
    public bool Takes(NotificationRule rule) => Rules is null || Rules.Contains(rule);

    internal void Validate(Action<bool, string, string> require)
    {
        Check(Name is { Length: > 0 and <= 64 } && Name.HasOnlyLettersDigitsOr("-_."), "name", "1 to 64 letters, digits, '-', '_' or '.'");
        if (Type.IsMail())
            ValidateMail(Check);
        else
            ValidatePost(Check);
        Check(
            Address?.From != SecretFrom.Protected && Secret?.From != SecretFrom.Protected,
            "address",
            "in another place: the protected store is for the secrets of the job itself"
        );
        Address?.Validate(Setting("address"), application: false, require);
        Secret?.Validate(Setting("secret"), application: SignsIn, require);

        void Check(bool ok, string name, string rule) => require(ok, Setting(name), rule);

        string Setting(string name) => $"notifications.channels.{Name}.{name}";
    }

    /// <summary>Mail has a sender and recipients. It goes through a server, or an application sends it.</summary>
    private void ValidateMail(Action<bool, string, string> check)
    {
        bool isSmtp = Type == NotificationChannelType.Smtp;
        check(To.Count > 0 && To.All(IsMailAddress), "to", "a list of mail addresses");
        check(From is { } from && IsMailAddress(from), "from", "a mail address");
        if (isSmtp)
            check(Host is { Length: > 0 } != Address is not null, "host", "given, or instead of it an address with user and password");
        ValidateHost(isSmtp, check);
        if (!isSmtp)
            check(this is { Address: null, Secret: not null }, "secret", "the place of the client secret");
        if (SignsIn)
            check(TenantId is { Length: > 0 }, "tenantId", "the tenant of the application");
        else
            RefuseTenant(check);
        check(AllowedHost is null, "allowedHost", "left out: it belongs to Teams, Slack and Webhook");
    }

    /// <summary>The other channels post to a URL.</summary>
    private void ValidatePost(Action<bool, string, string> check)
    {
        check(To.Count == 0, "to", "left out: recipients belong to mail");
        check(From is null, "from", "left out: a sender belongs to mail");
        ValidateHost(isSmtp: false, check);
        check(Address is not null, "address", "the place of its URL");
        RefuseTenant(check);
        if (Type is NotificationChannelType.Teams or NotificationChannelType.Slack)
            check(Secret is null, "secret", "left out: its URL is the secret");
        check(AllowedHost is null || IsHost(AllowedHost), "allowedHost", "a host name or an IP address");
    }

    private void ValidateHost(bool isSmtp, Action<bool, string, string> check)
    {
        check(Host is null || IsHost(Host), "host", "a host name or an IP address; the port is a setting of its own");
        check(isSmtp || Host is null, "host", "left out: a host belongs to Smtp");
        check(this is { Port: null } or { Port: > 0 and <= 65535, Host: not null }, "port", "between 1 and 65535, beside a host");
    }

    private void RefuseTenant(Action<bool, string, string> check) =>
        check(string.IsNullOrEmpty(TenantId), "tenantId", "left out: nothing signs in to a tenant");

    /// <summary>The channel signs in to a tenant.</summary>
    private bool SignsIn => this is { Type: NotificationChannelType.GraphMail } or { Type: NotificationChannelType.Smtp, Secret: not null };

    private static bool IsHost(string name) => Uri.CheckHostName(name) != UriHostNameType.Unknown;

    /// <summary>Whether a text is one mail address, without characters that mean something in a mail header.</summary>
    public static bool IsMailAddress(string address)
    {
        if (address is not { Length: > 2 and <= 320 })
            return false;
        int at = address.IndexOf('@', StringComparison.Ordinal);
        bool isBetween = at > 0 && at < address.Length - 1;
        return isBetween && !address.Any(MeansSomethingInHeader);
    }

    private static bool MeansSomethingInHeader(char c) =>
        char.IsWhiteSpace(c) || char.IsControl(c) || "<>,;\"".Contains(c, StringComparison.Ordinal);
}

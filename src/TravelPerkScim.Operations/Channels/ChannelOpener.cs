using System.Net;
using System.Security;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Operations.Channels;

/// <summary>Opens the channels of a job with the secrets whose places its job.json names.</summary>
public sealed class ChannelOpener : IChannelOpener
{
    private const string KeyPrefix = "whsec_";
    private const string ExchangeScope = "https://outlook.office365.com/.default";
    private const string GraphScope = "https://graph.microsoft.com/.default";

    private readonly SecretReader _secrets;
    private readonly ChannelNetwork _network;

    /// <param name="secrets">Reads the places that job.json names.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public ChannelOpener(SecretReader secrets, TimeProvider? time = null)
        : this(secrets, new ChannelNetwork { Time = time ?? TimeProvider.System }) { }

    internal ChannelOpener(SecretReader secrets, ChannelNetwork network)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        (_secrets, _network) = (secrets, network);
    }

    /// <inheritdoc/>
    /// <exception cref="ProvisioningException"><c>NotificationAddressInvalid</c>, <c>NotificationAddressRefused</c>,
    /// <c>NotificationSecretInvalid</c>, or what <see cref="SecretReader"/> reports.</exception>
    public async Task<INotificationChannel> OpenAsync(NotificationChannel channel, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return channel.Type switch
        {
            NotificationChannelType.Smtp => await SmtpAsync(channel, cancellationToken).ConfigureAwait(false),
            NotificationChannelType.GraphMail => await GraphMailAsync(channel, cancellationToken).ConfigureAwait(false),
            NotificationChannelType.Teams => await TeamsAsync(channel, cancellationToken).ConfigureAwait(false),
            NotificationChannelType.Slack => new SlackChannel(
                Guarded(channel),
                await UrlAsync(channel, cancellationToken).ConfigureAwait(false)
            ),
            _ => await WebhookAsync(channel, cancellationToken).ConfigureAwait(false),
        };
    }

    private async Task<INotificationChannel> SmtpAsync(NotificationChannel channel, CancellationToken cancellationToken)
    {
        if (channel.Address is { } place)
        {
            SmtpServerAddress server =
                SmtpServerAddress.Read(await RevealAsync(place, cancellationToken).ConfigureAwait(false))
                ?? throw Invalid(
                    channel,
                    place,
                    "is no address of a mail server. It must be smtp://user:password@server:587 or "
                        + "smtps://user:password@server:465, and special characters of user and password are percent-encoded"
                );
            return new SmtpChannel(_network, server, channel.From!, channel.To, tokens: null, held: null);
        }
        if (channel.Secret is not { } secret)
        {
            return new SmtpChannel(
                _network,
                SmtpServerAddress.Of(channel.Host!, channel.Port ?? 25),
                channel.From!,
                channel.To,
                tokens: null,
                held: null
            );
        }
        // A job folder may come from another person, who must not choose where a token of this machine is sent.
        if (!_network.ExchangeHosts.Contains(channel.Host, StringComparer.OrdinalIgnoreCase))
        {
            throw new ProvisioningException(
                "NotificationAddressRefused",
                $"The channel '{channel.Name}' signs in with OAuth to the mail server {channel.Host}, and a token for Exchange "
                    + $"Online goes to {_network.ExchangeHosts[0]} alone. Set the channel with that server, or with user and password."
            );
        }
        ChannelHttp http = Microsoft();
        AppTokens tokens = await TokensAsync(channel, secret, http, ExchangeScope, cancellationToken).ConfigureAwait(false);
        return new SmtpChannel(_network, SmtpServerAddress.Of(channel.Host!, channel.Port ?? 587), channel.From!, channel.To, tokens, http);
    }

    private async Task<INotificationChannel> GraphMailAsync(NotificationChannel channel, CancellationToken cancellationToken)
    {
        ChannelHttp http = Microsoft();
        AppTokens tokens = await TokensAsync(channel, channel.Secret!, http, GraphScope, cancellationToken).ConfigureAwait(false);
        return new GraphMailChannel(http, tokens, _network.Graph, channel.From!, channel.To);
    }

    private async Task<INotificationChannel> TeamsAsync(NotificationChannel channel, CancellationToken cancellationToken)
    {
        Uri url = await UrlAsync(channel, cancellationToken).ConfigureAwait(false);
        if (
            url.Host.EndsWith(".webhook.office.com", StringComparison.OrdinalIgnoreCase)
            || url.Host.Equals("outlook.office.com", StringComparison.OrdinalIgnoreCase)
        )
        {
            throw Invalid(
                channel,
                channel.Address!,
                "is the URL of an Office 365 connector, which Teams no longer has. "
                    + "Make a workflow \"When a Teams webhook request is received\" in Teams, and put its URL there"
            );
        }
        return new TeamsChannel(Guarded(channel), url);
    }

    private async Task<INotificationChannel> WebhookAsync(NotificationChannel channel, CancellationToken cancellationToken)
    {
        SecretPlace place =
            channel.Secret
            ?? throw new ProvisioningException(
                "NotificationSecretInvalid",
                $"The channel '{channel.Name}' is a webhook without a signing key, so its receiver could not tell "
                    + $"a notification from a forged one. Name the place of a key with Set-ProvisioningNotification."
            );
        Uri url = await UrlAsync(channel, cancellationToken).ConfigureAwait(false);
        string text = await RevealAsync(place, cancellationToken).ConfigureAwait(false);
        byte[]?[] keys = [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Key)];
        // Another secret must never be used as a key: its signatures would be a way to guess it.
        if (keys.Length is 0 or > 4 || keys.Any(key => key is null))
        {
            throw new ProvisioningException(
                "NotificationSecretInvalid",
                $"The signing key of the channel '{channel.Name}' is {place}, which holds none. "
                    + $"A key is whsec_ and 24 to 64 random bytes in Base64; "
                    + $"two keys with a blank between them sign both while one is changed."
            );
        }
        return new WebhookChannel(Guarded(channel), url, keys!, _network.Time);
    }

    private async Task<Uri> UrlAsync(NotificationChannel channel, CancellationToken cancellationToken)
    {
        SecretPlace place = channel.Address!;
        string text = await RevealAsync(place, cancellationToken).ConfigureAwait(false);
        if (
            !Uri.TryCreate(text, UriKind.Absolute, out Uri? url)
            || url.Scheme != Uri.UriSchemeHttps
            || url.Host.Length == 0
            || url.UserInfo.Length > 0
        )
        {
            throw Invalid(
                channel,
                place,
                "is no URL of the form https://host/..., without user and password. Put the whole URL there, as the other side shows it"
            );
        }
        if (
            IPAddress.TryParse(url.DnsSafeHost, out IPAddress? address)
            && !AddressGuard.IsPublic(address)
            && !IsAllowed(channel, url.DnsSafeHost)
        )
        {
            throw new ProvisioningException(
                "NotificationAddressRefused",
                $"The channel '{channel.Name}' has its URL in {place}, whose host is an address "
                    + $"inside the own network, and a notification is not sent there unasked. "
                    + $"If it is meant to go there, name its host with Set-ProvisioningNotification -AllowedHost."
            );
        }
        return url;
    }

    private async Task<AppTokens> TokensAsync(
        NotificationChannel channel,
        SecretPlace place,
        ChannelHttp http,
        string scope,
        CancellationToken cancellationToken
    )
    {
        try
        {
            SecureString secret = await _secrets.ReadAsync(place, cancellationToken).ConfigureAwait(false);
            return new AppTokens(http, _network, channel.TenantId!, place.ClientId!, secret, scope);
        }
        catch
        {
            http.Dispose();
            throw;
        }
    }

    private async Task<string> RevealAsync(SecretPlace place, CancellationToken cancellationToken)
    {
        using SecureString secret = await _secrets.ReadAsync(place, cancellationToken).ConfigureAwait(false);
        return SecretText.RevealTrimmed(secret);
    }

    private ChannelHttp Guarded(NotificationChannel channel) => new(_network, host => IsAllowed(channel, host));

    // Microsoft's own hosts are fixed here, and may have a private address in a company's network.
    private ChannelHttp Microsoft() => new(_network, _ => true);

    private static bool IsAllowed(NotificationChannel channel, string host) =>
        string.Equals(channel.AllowedHost?.Trim('[', ']'), host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase);

    private static byte[]? Key(string text)
    {
        if (!text.StartsWith(KeyPrefix, StringComparison.Ordinal))
            return null;
        byte[] bytes = new byte[96];
        return Convert.TryFromBase64String(text[KeyPrefix.Length..], bytes, out int length) && length is >= 24 and <= 64
            ? bytes[..length]
            : null;
    }

    private static ProvisioningException Invalid(NotificationChannel channel, SecretPlace place, string what) =>
        new("NotificationAddressInvalid", $"The address of the channel '{channel.Name}' is {place}, which {what}.");
}

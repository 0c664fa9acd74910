using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Operations.Channels;

/// <summary>
/// Sends mail through an SMTP server. A password or token is sent over TLS alone, to a server whose certificate is trusted;
/// without either, TLS is used where the server offers it.
/// </summary>
internal sealed class SmtpChannel(
    ChannelNetwork network,
    SmtpServerAddress server,
    string from,
    IReadOnlyList<string> to,
    AppTokens? tokens,
    IDisposable? held
) : INotificationChannel
{
    private const int MostServerText = 200;

    // Each step has a limit of its own; a server that takes its time with each is given up as a whole.
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(1);

    public async Task<ChannelAnswer> SendAsync(Notification notification, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(notification);
        using var limit = new CancellationTokenSource(s_longest, network.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        string? token = null;
        try
        {
            using MimeMessage message = Message(notification);
            token = tokens is null ? null : await tokens.GetAsync(either.Token).ConfigureAwait(false);
            return await DeliverAsync(message, token, either.Token).ConfigureAwait(false);
        }
        catch (ChannelFailure failure)
        {
            return failure.Answer;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ChannelAnswer(ChannelResult.TryLater, $"The mail server {server.Host} did not take the mail within a minute.");
        }
        catch (Exception e) when (Answer(e, token) is { } answer)
        {
            return answer;
        }
    }

    public ValueTask DisposeAsync()
    {
        tokens?.Dispose();
        held?.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<ChannelAnswer> DeliverAsync(MimeMessage message, string? token, CancellationToken cancellationToken)
    {
        using var client = new Client
        {
            Timeout = (int)network.Timeout.TotalMilliseconds,
            // As for every other request of the module: many networks do not reach the lists of revoked certificates.
            CheckCertificateRevocation = false,
            ServerCertificateValidationCallback = (_, certificate, _, errors) => network.IsTrusted(certificate, errors),
        };
        bool signsIn = token is not null || server.User is not null;
        SecureSocketOptions security =
            server.ImplicitTls ? SecureSocketOptions.SslOnConnect
            : signsIn ? SecureSocketOptions.StartTls
            : SecureSocketOptions.StartTlsWhenAvailable;
        await client.ConnectAsync(server.Host, server.Port, security, cancellationToken).ConfigureAwait(false);
        if (token is not null)
            await client.AuthenticateAsync(new SaslMechanismOAuth2(from, token), cancellationToken).ConfigureAwait(false);
        else if (server.User is not null)
            await client.AuthenticateAsync(server.User, server.Password!, cancellationToken).ConfigureAwait(false);
        _ = await client.SendAsync(message, cancellationToken).ConfigureAwait(false);
        await LeaveAsync(client).ConfigureAwait(false);
        return new ChannelAnswer(
            ChannelResult.Sent,
            client.Refused.Count == 0
                ? null
                : $"The mail server {server.Host} refused {string.Join(", ", client.Refused)}; the other recipients were sent the mail."
        );
    }

    // The mail is taken; what happens to the farewell changes nothing.
    private async Task LeaveAsync(Client client)
    {
        using var limit = new CancellationTokenSource(network.Timeout);
        try
        {
            await client.DisconnectAsync(quit: true, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e)
            when (e is IOException or SocketException or OperationCanceledException or ServiceNotConnectedException or ProtocolException)
        { }
    }

    private MimeMessage Message(Notification notification)
    {
        var sender = new MailboxAddress("", from);
        var message = new MimeMessage
        {
            Subject = MailText.Subject(notification),
            Date = notification.Time,
            MessageId = $"{MailText.Id(notification)}@{sender.Domain}",
            Body = new BodyBuilder { TextBody = MailText.Plain(notification), HtmlBody = MailText.Html(notification) }.ToMessageBody(),
        };
        message.From.Add(sender);
        message.To.AddRange(to.Select(address => new MailboxAddress("", address)));
        // RFC 3834: no out-of-office answers a machine.
        message.Headers.Add("Auto-Submitted", "auto-generated");
        message.Headers.Add("X-Auto-Response-Suppress", "All");
        return message;
    }

    // Null for a fault of the module.
    private ChannelAnswer? Answer(Exception exception, string? token) =>
        exception switch
        {
            SmtpCommandException command => Answered((int)command.StatusCode, command.Message, token, command.Mailbox?.Address),
            AuthenticationException { InnerException: SmtpCommandException command } => SignIn(
                (int)command.StatusCode,
                command.Message,
                token
            ),
            AuthenticationException refused => SignIn(Code(refused.Message), refused.Message, token),
            SslHandshakeException => new(
                ChannelResult.TryLater,
                $"The mail server {server.Host} has no certificate that this machine trusts for that name. "
                    + $"Renew it there, or let this machine trust its authority."
            ),
            NotSupportedException => new(
                ChannelResult.Refused,
                $"The mail server {server.Host} offers no TLS at port {server.Port}, or no way to sign in that is known here, "
                    + $"so nothing was sent: a password goes over TLS alone. Use its port for submission (587), or smtps:// (465)."
            ),
            SocketException socket => new(
                ChannelResult.TryLater,
                $"The mail server {server.Host} could not be reached at port {server.Port} ({socket.SocketErrorCode})."
            ),
            IOException or ProtocolException or TimeoutException => new(
                ChannelResult.TryLater,
                $"The mail server {server.Host} broke the connection off, or speaks no SMTP at port {server.Port}."
            ),
            _ => null,
        };

    private ChannelAnswer Answered(int status, string text, string? token, string? mailbox) =>
        new(
            IsLasting(status) ? ChannelResult.Refused : ChannelResult.TryLater,
            FormattableString.Invariant(
                $"The mail server {server.Host} answered {status}{(mailbox is null ? "" : $" to {mailbox}")}: {Shown(text, token)}"
            )
        );

    private ChannelAnswer SignIn(int status, string text, string? token)
    {
        tokens?.Forget();
        string advice = token is null
            ? "Check user and password."
            : "Check the permission SMTP.SendAsApp and the service principal in Exchange (about_TravelPerkScim_Unattended).";
        return new(
            IsLasting(status) ? ChannelResult.Refused : ChannelResult.TryLater,
            $"The mail server {server.Host} refused the sign-in: {Shown(text, token)} {advice}"
        );
    }

    private static bool IsLasting(int status) => status is < 400 or >= 500;

    // MailKit puts the server's code first.
    private static int Code(string text) => text.Length > 3 && int.TryParse(text.AsSpan(0, 3), out int code) ? code : 0;

    private string Shown(string text, string? token) =>
        Fitting.Cut(
            ShownText.Of(SecretEcho.Hide(text.ReplaceLineEndings(" ").Trim(), new[] { server.Password, token }.OfType<string>())),
            MostServerText
        );

    /// <summary>Sends to the recipients that the server takes, and notes the others.</summary>
    private sealed class Client : SmtpClient
    {
        public List<string> Refused { get; } = [];

        // A recipient who is refused for now is tried again with the whole mail, so that no one gets it twice.
        protected override void OnRecipientNotAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response)
        {
            if ((int)response.StatusCode is >= 400 and < 500 || message.GetRecipients(onlyUnique: true).Count == 1)
                base.OnRecipientNotAccepted(message, mailbox, response);
            else
                Refused.Add(mailbox.Address);
        }

        protected override void OnNoRecipientsAccepted(MimeMessage message) =>
            throw new SmtpCommandException(
                SmtpErrorCode.RecipientNotAccepted,
                SmtpStatusCode.MailboxUnavailable,
                $"none of the recipients is accepted ({string.Join(", ", Refused)})"
            );
    }
}

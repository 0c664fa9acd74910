using System.Text;
using MimeKit;
using SmtpServer.Protocol;
using TravelPerkScim.Operations.Channels;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Operations.Tests.Channels;

/// <summary>Mail through a real SMTP server.</summary>
public sealed class SmtpTests : ChannelTest
{
    private const string User = "it%40contoso.com";
    private const string Password = "p%40ss%3Aw%C3%B6rd%2F1";

    [Fact]
    public async Task A_mail_is_sent_over_STARTTLS_with_user_and_password()
    {
        await using var server = new MailServer(TestCertificate.Trusted);

        ChannelAnswer answer = await SendAsync(SignedIn(server));

        Assert.Equal(new ChannelAnswer(ChannelResult.Sent), answer);
        Assert.Equal("it@contoso.com/p@ss:wörd/1/TLS", Assert.Single(server.SignIns));
        Assert.True(server.WasSecure);
        Assert.Equal(["it@contoso.com", "hr@contoso.com"], server.Recipients);
        string text = Assert.Single(server.Messages);
        Assert.Contains("\r\nMessage-Id: <0196a5b2-7c1e-7d30-9a55-000000000001@contoso.com>\r\n", text, StringComparison.Ordinal);
        Assert.Contains("\r\nAuto-Submitted: auto-generated\r\n", text, StringComparison.Ordinal);
        MimeMessage mail = Parse(text);
        Assert.Equal(Sample.Title, mail.Subject);
        Assert.Equal(Sample.Time, mail.Date);
        Assert.Contains(Sample.Commands[0], mail.TextBody, StringComparison.Ordinal);
        Assert.Contains($"<pre>{Sample.Commands[0]}</pre>", mail.HtmlBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_named_like_markup_stays_text()
    {
        await using var server = new MailServer();

        await SendAsync(Relay(server));

        string html = Parse(Assert.Single(server.Messages)).HtmlBody!;
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.Contains("<li>&lt;img src=x onerror=alert(1)&gt;", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_title_adds_no_header()
    {
        await using var server = new MailServer();

        await SendAsync(Relay(server), Sample with { Title = "done\r\nBcc: evil@example.com\r\n\r\nbody", Id = "a\r\nX-Evil: 1" });

        Assert.Equal(["it@contoso.com", "hr@contoso.com"], server.Recipients);
        MimeMessage mail = Parse(Assert.Single(server.Messages));
        Assert.Empty(mail.Bcc);
        Assert.False(mail.Headers.Contains("X-Evil"));
        Assert.StartsWith(@"done\u000d\u000aBcc", mail.Subject, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_is_never_sent_without_TLS()
    {
        await using var server = new MailServer();

        ChannelAnswer answer = await SendAsync(SignedIn(server));

        Assert.Equal(ChannelResult.Refused, answer.Result);
        Assert.Contains("offers no TLS", answer.Message, StringComparison.Ordinal);
        Assert.Empty(server.SignIns);
        Assert.Empty(server.Messages);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_whose_certificate_is_not_trusted_gets_neither_password_nor_mail(bool wrongName)
    {
        await using var server = new MailServer(wrongName ? TestCertificate.Trusted : TestCertificate.Unknown);
        string host = wrongName ? "127.0.0.1" : "localhost";

        ChannelAnswer answer = await SendAsync(Mail("mail") with { Address = Secret($"smtp://{User}:{Password}@{host}:{server.Port}") });

        Assert.Equal(ChannelResult.TryLater, answer.Result);
        Assert.Empty(server.SignIns);
        Assert.Empty(server.Messages);
    }

    [Fact]
    public async Task Smtps_is_TLS_from_the_first_byte()
    {
        await using var server = new MailServer(TestCertificate.Trusted, implicitTls: true);

        ChannelAnswer answer = await SendAsync(
            Mail("mail") with
            {
                Address = Secret($"smtps://{User}:{Password}@localhost:{server.Port}"),
            }
        );

        Assert.Equal(ChannelResult.Sent, answer.Result);
        Assert.True(server.WasSecure);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_relay_without_a_sign_in_uses_TLS_where_it_is_offered(bool offered)
    {
        await using var server = new MailServer(offered ? TestCertificate.Trusted : null);

        Assert.Equal(ChannelResult.Sent, (await SendAsync(Relay(server))).Result);

        Assert.Equal(offered, server.WasSecure);
        Assert.Empty(server.SignIns);
    }

    [Fact]
    public async Task A_refused_password_is_told_without_it()
    {
        await using var server = new MailServer(TestCertificate.Trusted);

        ChannelAnswer answer = await SendAsync(
            Mail("mail") with
            {
                Address = Secret($"smtp://{User}:wr0ng-secret@localhost:{server.Port}"),
            }
        );

        Assert.Equal(ChannelResult.Refused, answer.Result);
        Assert.Contains("refused the sign-in", answer.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wr0ng", answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(450, ChannelResult.TryLater)]
    [InlineData(550, ChannelResult.Refused)]
    public async Task Greylisting_is_tried_later_and_a_refusal_is_not(int status, ChannelResult expected)
    {
        await using var server = new MailServer { Recipient = _ => new SmtpResponse((SmtpReplyCode)status, "5.7.30 not\u001b[2K now") };

        ChannelAnswer answer = await SendAsync(Relay(server) with { To = ["it@contoso.com"] });

        Assert.Equal(expected, answer.Result);
        Assert.Contains($"answered {status} to it@contoso.com: 5.7.30 not", answer.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', answer.Message!);
        Assert.Empty(server.Messages);
    }

    [Fact]
    public async Task A_server_that_says_the_password_back_does_not_bring_it_into_a_message()
    {
        await using var server = new MailServer(TestCertificate.Trusted)
        {
            Recipient = _ => new SmtpResponse(SmtpReplyCode.MailboxUnavailable, "you said " + Convert.ToBase64String("p@ss:w\u00F6rd/1"u8)),
        };

        ChannelAnswer answer = await SendAsync(SignedIn(server) with { To = ["it@contoso.com"] });

        Assert.Equal(ChannelResult.Refused, answer.Result);
        Assert.DoesNotContain(Convert.ToBase64String("p@ss:w\u00F6rd/1"u8), answer.Message, StringComparison.Ordinal);
        Assert.Contains("***", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_recipient_who_is_gone_does_not_keep_the_mail_from_the_others()
    {
        await using var server = new MailServer { Recipient = to => to == "it@contoso.com" ? SmtpResponse.MailboxUnavailable : null };

        ChannelAnswer answer = await SendAsync(Relay(server));

        Assert.Equal(ChannelResult.Sent, answer.Result);
        Assert.Contains("refused it@contoso.com", answer.Message, StringComparison.Ordinal);
        Assert.Equal(["hr@contoso.com"], server.Recipients);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_tried_later()
    {
        var server = new MailServer();
        await server.DisposeAsync();

        Assert.Equal(ChannelResult.TryLater, (await SendAsync(Relay(server))).Result);
    }

    [Theory]
    [InlineData("https://localhost/secret-part")]
    [InlineData("smtp://user@localhost/secret-part")]
    [InlineData("secret-part")]
    public async Task An_address_of_another_kind_is_refused_without_being_shown(string address)
    {
        SecretPlace place = Secret(address);

        ProvisioningException refused = await Assert.ThrowsAsync<ProvisioningException>(() =>
            OpenAsync(Mail("mail") with { Address = place })
        );

        Assert.Equal("NotificationAddressInvalid", refused.ErrorId);
        Assert.Contains(place.Name!, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-part", refused.ToString(), StringComparison.Ordinal);
    }

    private NotificationChannel SignedIn(MailServer server) =>
        Mail("mail") with
        {
            Address = Secret($"smtp://{User}:{Password}@localhost:{server.Port}"),
        };

    private static NotificationChannel Relay(MailServer server) => Mail("relay") with { Host = "localhost", Port = server.Port };

    private static NotificationChannel Mail(string name) =>
        new(name, NotificationChannelType.Smtp) { To = ["it@contoso.com", "hr@contoso.com"], From = "travelperk@contoso.com" };

    private static MimeMessage Parse(string text) => MimeMessage.Load(new MemoryStream(Encoding.UTF8.GetBytes(text)));
}

using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using TravelPerkScim.Operations.Channels;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Operations.Tests.Channels;

/// <summary>Mail of Microsoft 365: through Graph, and over SMTP with OAuth.</summary>
public sealed class MicrosoftMailTests : ChannelTest
{
    private const string ClientSecret = "cl13nt~s3cret+&=";
    private const string Token = "t0ken-value";

    [Fact]
    public async Task Graph_sends_as_the_mailbox_with_a_token_of_the_application()
    {
        await using HttpsReceiver microsoft = Microsoft(_ => HttpsReceiver.Response(202));

        Assert.Equal(new ChannelAnswer(ChannelResult.Sent), await SendAsync(GraphMail()));

        Received[] requests = [.. microsoft.Requests];
        Assert.Equal(2, requests.Length);
        Assert.Equal("/contoso.com/oauth2/v2.0/token", requests[0].Target);
        var form = requests[0]
            .Body.Split('&')
            .Select(pair => pair.Split('='))
            .ToDictionary(pair => pair[0], pair => WebUtility.UrlDecode(pair[1]));
        Assert.Equal(
            ("client_credentials", "0d1f3a52", ClientSecret, "https://graph.microsoft.com/.default"),
            (form["grant_type"], form["client_id"], form["client_secret"], form["scope"])
        );
        Assert.Equal(
            ("POST", "/v1.0/users/travelperk%40contoso.com/sendMail", $"Bearer {Token}"),
            (requests[1].Method, requests[1].Target, requests[1].Headers["Authorization"])
        );
        JsonElement body = JsonDocument.Parse(requests[1].Body).RootElement;
        JsonElement message = body.GetProperty("message");
        Assert.False(body.GetProperty("saveToSentItems").GetBoolean());
        Assert.Equal(Sample.Title, message.GetProperty("subject").GetString());
        Assert.Equal(
            "it@contoso.com",
            message.GetProperty("toRecipients")[0].GetProperty("emailAddress").GetProperty("address").GetString()
        );
        string html = message.GetProperty("body").GetProperty("content").GetString()!;
        Assert.Equal("HTML", message.GetProperty("body").GetProperty("contentType").GetString());
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.Contains("&lt;img src=x", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_token_serves_until_it_runs_out()
    {
        await using HttpsReceiver microsoft = Microsoft(_ => HttpsReceiver.Response(202));
        await using INotificationChannel channel = await OpenAsync(GraphMail());

        await channel.SendAsync(Sample, CancellationToken.None);
        await channel.SendAsync(Sample, CancellationToken.None);

        Assert.Equal(["token", "sendMail", "sendMail"], microsoft.Requests.Select(request => request.Target.Split('/')[^1]));
    }

    [Theory]
    [InlineData(
        403,
        """{"error":{"code":"ErrorAccessDenied","message":"t0ken-value"}}""",
        ChannelResult.Refused,
        "answered 403 (ErrorAccessDenied). The application may not send"
    )]
    [InlineData(404, """{"error":{"code":"ErrorInvalidUser"}}""", ChannelResult.Refused, "Check that there is a mailbox")]
    [InlineData(429, "", ChannelResult.TryLater, "answered 429")]
    public async Task What_Graph_refuses_is_told_with_its_code(int status, string body, ChannelResult expected, string text)
    {
        await using HttpsReceiver microsoft = Microsoft(_ => HttpsReceiver.Response(status, body, "Retry-After: 7"));

        ChannelAnswer answer = await SendAsync(GraphMail());

        Assert.Equal((expected, TimeSpan.FromSeconds(7)), (answer.Result, answer.RetryAfter ?? TimeSpan.Zero));
        Assert.Contains(text, answer.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_secret_that_is_refused_is_told_without_it()
    {
        await using var microsoft = new HttpsReceiver
        {
            Answer = _ =>
                HttpsReceiver.Response(
                    401,
                    $$"""{"error":"invalid_client","error_description":"AADSTS7000215: {{ClientSecret}}","error_codes":[7000215]}"""
                ),
        };
        Network = Network with { SignIn = new Uri(microsoft.Url()), Graph = new Uri(microsoft.Url()) };

        ChannelAnswer answer = await SendAsync(GraphMail());

        Assert.Equal(ChannelResult.Refused, answer.Result);
        Assert.Contains("AADSTS7000215", answer.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(ClientSecret, answer.Message, StringComparison.Ordinal);
        Assert.Single(microsoft.Requests);
    }

    [Fact]
    public async Task A_token_for_Exchange_goes_to_no_other_server()
    {
        await using HttpsReceiver microsoft = Microsoft(_ => HttpsReceiver.Response(202));
        await using var server = new MailServer(TestCertificate.Trusted);
        NotificationChannel channel = GraphMail() with { Type = NotificationChannelType.Smtp, Host = "localhost", Port = server.Port };

        ProvisioningException refused = await Assert.ThrowsAsync<ProvisioningException>(() => OpenAsync(channel));

        Assert.Equal("NotificationAddressRefused", refused.ErrorId);
        Assert.Empty(microsoft.Requests);
    }

    [Fact]
    public async Task Exchange_gets_the_token_over_TLS_as_the_mailbox()
    {
        await using HttpsReceiver microsoft = Microsoft(_ => HttpsReceiver.Response(202));
        using var exchange = new TcpListener(IPAddress.Loopback, 0);
        exchange.Start();
        Task<List<string>> commands = TakeMailAsync(exchange);
        Network = Network with { ExchangeHosts = ["localhost"] };
        NotificationChannel channel = GraphMail() with
        {
            Type = NotificationChannelType.Smtp,
            Host = "localhost",
            Port = ((IPEndPoint)exchange.LocalEndpoint).Port,
        };

        Assert.Equal(new ChannelAnswer(ChannelResult.Sent), await SendAsync(channel));

        Assert.Contains(
            "scope=https://outlook.office365.com/.default",
            WebUtility.UrlDecode(Assert.Single(microsoft.Requests).Body),
            StringComparison.Ordinal
        );
        List<string> said = await commands.WaitAsync(TimeSpan.FromSeconds(20));
        string signIn = Assert.Single(said, line => line.StartsWith("TLS AUTH XOAUTH2 ", StringComparison.Ordinal));
        Assert.Equal(
            $"user=travelperk@contoso.com\u0001auth=Bearer {Token}\u0001\u0001",
            Encoding.UTF8.GetString(Convert.FromBase64String(signIn.Split(' ')[^1]))
        );
        Assert.DoesNotContain(said, line => line.StartsWith("AUTH", StringComparison.Ordinal));
    }

    // As much of Exchange Online's submission as one mail needs.
    private static async Task<List<string>> TakeMailAsync(TcpListener listener)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync();
        await using var tls = new SslStream(client.GetStream());
        Stream stream = client.GetStream();
        List<string> commands = [];
        bool data = false;
        await SayAsync("220 localhost");
        while (await LineAsync() is { } line)
        {
            if (data && line != ".")
                continue;
            commands.Add(stream == tls ? $"TLS {line}" : line);
            data = line == "DATA";
            await SayAsync(
                data ? "354 go on"
                : line == "QUIT" ? "221 bye"
                : line == "STARTTLS" ? "220 go on"
                : line.StartsWith("AUTH", StringComparison.Ordinal) ? "235 ok"
                : line.StartsWith("EHLO", StringComparison.Ordinal)
                    ? $"250-localhost\r\n{(stream == tls ? "" : "250-STARTTLS\r\n")}250 AUTH XOAUTH2"
                : "250 ok"
            );
            if (line != "STARTTLS")
                continue;
            await tls.AuthenticateAsServerAsync(TestCertificate.Trusted);
            stream = tls;
        }
        return commands;

        async Task SayAsync(string text) => await stream.WriteAsync(Encoding.ASCII.GetBytes(text + "\r\n"));

        async Task<string?> LineAsync()
        {
            List<byte> line = [];
            byte[] one = new byte[1];
            while (await stream.ReadAsync(one) > 0)
            {
                if (one[0] == '\n')
                    return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
                line.Add(one[0]);
            }
            return null;
        }
    }

    private NotificationChannel GraphMail() =>
        new("mail", NotificationChannelType.GraphMail)
        {
            To = ["it@contoso.com"],
            From = "travelperk@contoso.com",
            TenantId = "contoso.com",
            Secret = Secret(ClientSecret, clientId: "0d1f3a52"),
        };

    private HttpsReceiver Microsoft(Func<Received, string> graph)
    {
        var receiver = new HttpsReceiver();
        receiver.Answer = request =>
            request.Target.EndsWith("/token", StringComparison.Ordinal)
                ? HttpsReceiver.Response(200, $$"""{"token_type":"Bearer","expires_in":3599,"access_token":"{{Token}}"}""")
                : graph(request);
        Network = Network with { SignIn = new Uri(receiver.Url()), Graph = new Uri(receiver.Url()) };
        return receiver;
    }
}

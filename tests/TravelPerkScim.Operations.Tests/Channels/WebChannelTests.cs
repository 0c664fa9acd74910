using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using TravelPerkScim.Operations.Channels;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Operations.Tests.Channels;

/// <summary>Teams, Slack and signed webhooks, received over TLS on the loopback.</summary>
public sealed class WebChannelTests : ChannelTest
{
    private const string Path = "/services/T0000/s3cr3t-path?sig=s3cr3t-sig";

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    private string Key => "whsec_" + Convert.ToBase64String(_key);

    [Fact]
    public async Task Teams_gets_a_card_in_which_names_stay_text()
    {
        await using var teams = new HttpsReceiver { Answer = _ => HttpsReceiver.Response(202) };

        Assert.Equal(new ChannelAnswer(ChannelResult.Sent), await SendAsync(Channel(NotificationChannelType.Teams, teams)));

        Received request = Assert.Single(teams.Requests);
        Assert.Equal(("POST", Path, "application/json; charset=utf-8"), (request.Method, request.Target, request.Headers["Content-Type"]));
        JsonElement card = Json(request.Body).GetProperty("attachments")[0].GetProperty("content");
        Assert.Equal(("AdaptiveCard", "1.4"), (card.GetProperty("type").GetString(), card.GetProperty("version").GetString()));
        JsonElement[] body = [.. card.GetProperty("body").EnumerateArray()];
        // Markdown is read in text blocks and facts alone.
        Assert.DoesNotContain(body, element => element.GetProperty("type").GetString() == "TextBlock");
        JsonElement facts = body.Single(element => element.GetProperty("type").GetString() == "FactSet").GetProperty("facts");
        Assert.Equal(["Job", "Disables", "Department"], facts.EnumerateArray().Select(fact => fact.GetProperty("title").GetString()));
        Assert.StartsWith(
            @"\<img src=x onerror=alert\(1\)\> \*bold\* \[link\]\(",
            facts[2].GetProperty("value").GetString(),
            StringComparison.Ordinal
        );
        JsonElement command = body.Select(Run)
            .Single(run => run is { } element && element.GetProperty("text").GetString() == Sample.Commands[0])!
            .Value;
        Assert.Equal("Monospace", command.GetProperty("fontType").GetString());
        Assert.Contains(
            body.Select(Run),
            run => run?.GetProperty("text").GetString()!.StartsWith("Users: <img", StringComparison.Ordinal) == true
        );
    }

    [Fact]
    public async Task Slack_gets_blocks_with_its_control_characters_as_entities()
    {
        await using var slack = new HttpsReceiver { Answer = _ => HttpsReceiver.Response(200, "ok") };

        Assert.Equal(
            ChannelResult.Sent,
            (
                await SendAsync(
                    Channel(NotificationChannelType.Slack, slack),
                    Sample with
                    {
                        Text = $"<!channel> & more {new string('&', 5000)}",
                    }
                )
            ).Result
        );

        JsonElement message = Json(Assert.Single(slack.Requests).Body);
        JsonElement[] blocks = [.. message.GetProperty("blocks").EnumerateArray()];
        Assert.InRange(blocks.Length, 4, 50);
        Assert.All(
            blocks.Where(block => block.TryGetProperty("text", out _)),
            block => Assert.InRange(block.GetProperty("text").GetProperty("text").GetString()!.Length, 1, 3000)
        );
        Assert.StartsWith(
            "&lt;!channel&gt; &amp; more",
            blocks[1].GetProperty("text").GetProperty("text").GetString(),
            StringComparison.Ordinal
        );
        Assert.Contains(
            blocks,
            block =>
                block.TryGetProperty("text", out JsonElement text) && text.GetProperty("text").GetString() == $"```{Sample.Commands[0]}```"
        );
        // Nothing but our own emphasis is left for Slack to obey.
        Assert.DoesNotContain(
            "<",
            string.Concat(blocks.Select(block => block.GetRawText())).Replace("\\u003C", "<", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_webhook_is_signed_so_that_its_receiver_can_tell()
    {
        Network = Network with { Time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 2, 9, 0, 5, TimeSpan.Zero)) };
        await using var receiver = new HttpsReceiver();

        Assert.Equal(ChannelResult.Sent, (await SendAsync(Webhook(receiver))).Result);
        Assert.Equal(ChannelResult.Sent, (await SendAsync(Webhook(receiver))).Result);

        Assert.Equal(2, receiver.Requests.Select(request => request.Headers["webhook-signature"]).Count());
        Received request = receiver.Requests.First();
        Assert.Equal((Sample.Id, "1772442005"), (request.Headers["webhook-id"], request.Headers["webhook-timestamp"]));
        string expected = Convert.ToBase64String(
            HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{Sample.Id}.1772442005.{request.Body}"))
        );
        Assert.Equal($"v1,{expected}", request.Headers["webhook-signature"]);
        JsonElement body = Json(request.Body);
        Assert.Equal("provisioning.deletes_staged.begun", body.GetProperty("type").GetString());
        Assert.Equal("2026-03-02T09:00:00.000Z", body.GetProperty("timestamp").GetString());
        Assert.Equal(Sample.Commands[0], body.GetProperty("data").GetProperty("commands")[0].GetString());
        Assert.Equal(Hostile, body.GetProperty("data").GetProperty("names")[0].GetString());
    }

    [Fact]
    public async Task While_a_key_is_changed_both_sign()
    {
        await using var receiver = new HttpsReceiver();
        byte[] next = RandomNumberGenerator.GetBytes(24);

        await SendAsync(Webhook(receiver) with { Secret = Secret($"{Key} whsec_{Convert.ToBase64String(next)}") });

        Received request = Assert.Single(receiver.Requests);
        byte[] signed = Encoding.UTF8.GetBytes($"{Sample.Id}.{request.Headers["webhook-timestamp"]}.{request.Body}");
        Assert.Equal(
            new[] { _key, next }.Select(key => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(key, signed))}"),
            request.Headers["webhook-signature"].Split(' ')
        );
    }

    [Theory]
    [InlineData("not-a-webhook-key")]
    [InlineData("whsec_c2hvcnQ=")]
    [InlineData("")]
    public async Task Another_secret_is_never_a_key(string secret)
    {
        await using var receiver = new HttpsReceiver();

        ProvisioningException refused = await Assert.ThrowsAsync<ProvisioningException>(() =>
            SendAsync(Webhook(receiver) with { Secret = secret.Length == 0 ? null : Secret(secret) })
        );

        Assert.Equal("NotificationSecretInvalid", refused.ErrorId);
        Assert.True(secret.Length == 0 || !refused.ToString().Contains(secret, StringComparison.Ordinal));
        Assert.Equal(0, receiver.Connections);
    }

    [Theory]
    [InlineData(NotificationChannelType.Teams, 28 << 10)]
    [InlineData(NotificationChannelType.Webhook, 20 << 10)]
    [InlineData(NotificationChannelType.Slack, 64 << 10)]
    public async Task A_long_notification_is_cut_to_what_the_other_side_takes(NotificationChannelType type, int most)
    {
        await using var receiver = new HttpsReceiver();
        Notification notification = Sample with
        {
            Text = string.Concat(Enumerable.Repeat("\ud83d\ude80*", 5000)),
            Facts = [.. Enumerable.Range(1, 60).Select(n => new NotificationFact($"Fact {n}", new string('_', 400)))],
            Commands = [.. Enumerable.Range(1, 40).Select(n => $"Get-ProvisioningLog -Last {n} {new string('x', n == 1 ? 2000 : 100)}")],
            Names = [.. Enumerable.Range(1, 5000).Select(n => $"user{n}@contoso.com")],
        };

        Assert.Equal(
            ChannelResult.Sent,
            (await SendAsync(type == NotificationChannelType.Webhook ? Webhook(receiver) : Channel(type, receiver), notification)).Result
        );

        string body = Assert.Single(receiver.Requests).Body;
        Assert.InRange(Encoding.UTF8.GetByteCount(body), 1000, most - 1);
        Assert.DoesNotContain("Last 1 x", body, StringComparison.Ordinal);
        Assert.Contains("Fact 1", body, StringComparison.Ordinal);
        _ = Json(body);
    }

    [Theory]
    [InlineData(302, ChannelResult.Refused)]
    [InlineData(307, ChannelResult.Refused)]
    [InlineData(400, ChannelResult.Refused)]
    [InlineData(403, ChannelResult.Refused)]
    [InlineData(404, ChannelResult.Refused)]
    [InlineData(410, ChannelResult.Gone)]
    [InlineData(408, ChannelResult.TryLater)]
    [InlineData(429, ChannelResult.TryLater)]
    [InlineData(500, ChannelResult.TryLater)]
    [InlineData(503, ChannelResult.TryLater)]
    public async Task Each_status_is_an_answer_and_a_redirect_is_not_followed(int status, ChannelResult expected)
    {
        await using var elsewhere = new HttpsReceiver();
        await using var receiver = new HttpsReceiver
        {
            Answer = request =>
                HttpsReceiver.Response(
                    status,
                    $"no such path {request.Target}\u001b[2K",
                    $"Location: {elsewhere.Url("/stolen")}",
                    "Retry-After: 42"
                ),
        };
        foreach (
            NotificationChannel channel in new[]
            {
                Webhook(receiver),
                Channel(NotificationChannelType.Slack, receiver),
                Channel(NotificationChannelType.Teams, receiver),
            }
        )
        {
            ChannelAnswer answer = await SendAsync(channel);

            Assert.Equal(expected, answer.Result);
            Assert.Contains($"answered {status}", answer.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("s3cr3t", answer.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', answer.Message!);
            if (expected == ChannelResult.TryLater)
                Assert.Equal(TimeSpan.FromSeconds(42), answer.RetryAfter);
        }
        Assert.Equal(0, elsewhere.Connections);
    }

    [Theory]
    [InlineData("no_service", "no_service")]
    [InlineData("""{"error":{"code":"WorkflowTriggerIsNotEnabled","message":"x"}}""", "WorkflowTriggerIsNotEnabled")]
    [InlineData("sig", null)]
    [InlineData("<html>oops</html>", null)]
    public async Task An_error_is_named_where_it_is_a_name_and_no_secret(string body, string? code)
    {
        await using var receiver = new HttpsReceiver { Answer = _ => HttpsReceiver.Response(404, body) };

        string message = (await SendAsync(Channel(NotificationChannelType.Slack, receiver))).Message!;

        Assert.StartsWith(code is null ? "Slack answered 404. " : $"Slack answered 404 ({code}). ", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receiver_that_never_answers_or_never_ends_is_given_up()
    {
        Network = Network with { Timeout = TimeSpan.FromMilliseconds(300) };
        await using var silent = new HttpsReceiver { Answer = _ => null };
        await using var endless = new HttpsReceiver
        {
            Answer = _ => "HTTP/1.1 500 x\r\nContent-Length: 900000\r\n\r\n" + new string('x', 900),
        };

        Assert.Equal(ChannelResult.TryLater, (await SendAsync(Webhook(silent))).Result);
        Assert.Equal(ChannelResult.TryLater, (await SendAsync(Webhook(endless))).Result);
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_gets_no_request()
    {
        await using var receiver = new HttpsReceiver(TestCertificate.Unknown);

        ChannelAnswer answer = await SendAsync(Webhook(receiver));

        Assert.Equal(ChannelResult.TryLater, answer.Result);
        Assert.Contains("certificate", answer.Message, StringComparison.Ordinal);
        Assert.Empty(receiver.Requests);
    }

    [Fact]
    public async Task A_name_that_leads_into_the_own_network_is_refused_unless_it_is_allowed()
    {
        await using var receiver = new HttpsReceiver();
        Network = Network with { Resolve = (_, _) => ResolvedAsync("127.0.0.1") };
        NotificationChannel channel = Webhook(receiver) with { Address = Secret(receiver.Url(Path, "hook.example")), AllowedHost = null };

        ChannelAnswer refused = await SendAsync(channel);
        Assert.Equal(ChannelResult.Refused, refused.Result);
        Assert.Contains("-AllowedHost", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", refused.Message, StringComparison.Ordinal);
        Assert.Equal(ChannelResult.Refused, (await SendAsync(channel with { AllowedHost = "example" })).Result);
        Network = Network with { Resolve = (_, _) => ResolvedAsync("93.184.215.14", "127.0.0.1") };
        Assert.Equal(ChannelResult.Refused, (await SendAsync(channel)).Result);
        Assert.Equal(0, receiver.Connections);

        Network = Network with { Resolve = (_, _) => ResolvedAsync("127.0.0.1") };
        Assert.Equal(ChannelResult.Sent, (await SendAsync(channel with { AllowedHost = "HOOK.example" })).Result);
        Assert.Equal("hook.example", receiver.Requests.Single().Headers["Host"].Split(':')[0]);
    }

    [Theory]
    [InlineData("http://hook.example/s3cr3t", "NotificationAddressInvalid")]
    [InlineData("https://user:s3cr3t@hook.example/", "NotificationAddressInvalid")]
    [InlineData("s3cr3t", "NotificationAddressInvalid")]
    [InlineData("https://169.254.169.254/s3cr3t", "NotificationAddressRefused")]
    [InlineData("https://[::ffff:10.0.0.1]/s3cr3t", "NotificationAddressRefused")]
    [InlineData("https://2130706433/s3cr3t", "NotificationAddressRefused")]
    [InlineData("https://contoso.webhook.office.com/s3cr3t", "NotificationAddressInvalid")]
    public async Task An_address_that_cannot_be_used_is_refused_without_being_shown(string url, string errorId)
    {
        ProvisioningException refused = await Assert.ThrowsAsync<ProvisioningException>(() =>
            OpenAsync(new NotificationChannel("teams", NotificationChannelType.Teams) { Address = Secret(url) })
        );

        Assert.Equal(errorId, refused.ErrorId);
        Assert.DoesNotContain("s3cr3t", refused.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("64:ff9b::808:808", true)]
    [InlineData("0.1.2.3", false)]
    [InlineData("10.255.0.1", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("127.8.8.8", false)]
    [InlineData("168.63.129.16", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.31.0.1", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("198.19.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::7f00:1", false)]
    [InlineData("::ffff:192.168.1.1", false)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("64:ff9b:1::808:808", false)]
    [InlineData("2001::1", false)]
    [InlineData("2002:a00:1::", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fd12:3456::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fec0::1", false)]
    [InlineData("ff02::1", false)]
    public void Addresses_of_the_own_network_are_known(string address, bool isPublic) =>
        Assert.Equal(isPublic, AddressGuard.IsPublic(IPAddress.Parse(address)));

    private NotificationChannel Webhook(HttpsReceiver receiver) =>
        Channel(NotificationChannelType.Webhook, receiver) with
        {
            Secret = Secret(Key),
        };

    private NotificationChannel Channel(NotificationChannelType type, HttpsReceiver receiver) =>
        new("channel", type) { Address = Secret(receiver.Url(Path)), AllowedHost = "localhost" };

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static JsonElement? Run(JsonElement element) => element.TryGetProperty("inlines", out JsonElement inlines) ? inlines[0] : null;
}

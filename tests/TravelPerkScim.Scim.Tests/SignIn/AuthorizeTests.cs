using System.Collections.Specialized;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using System.Web;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.SignIn;

namespace TravelPerkScim.Scim.Tests.SignIn;

public class AuthorizeTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task An_administrator_consents_and_requests_go_through()
    {
        await using var fixture = new SignInFixture();
        Uri? asked = null;

        using OAuthCredential credential = await OAuthSignIn.AuthorizeAsync(
            fixture.Options,
            address => SignInFixture.Open(asked = address),
            None
        );

        NameValueCollection query = HttpUtility.ParseQueryString(asked!.Query);
        Assert.Equal(fixture.Sandbox.AuthorizeUri.AbsoluteUri, asked.GetLeftPart(UriPartial.Path));
        Assert.Equal(
            ("code", "S256", "scim:read scim:write scim:delete"),
            (query["response_type"], query["code_challenge_method"], query["scope"])
        );
        Assert.Equal(43, query["code_challenge"]!.Length);
        Assert.True(query["state"]!.Length >= 32);
        Assert.Matches(@"^http://127\.0\.0\.1:[0-9]+/callback$", query["redirect_uri"]);
        Assert.Equal(["scim:read", "scim:write", "scim:delete"], credential.Scopes);
        Assert.Equal(fixture.Time.GetUtcNow().AddHours(1), credential.ExpiresOn);
        using ScimClient client = fixture.Client(credential);
        Assert.Null(await client.FindUserAsync("1", None));
        Assert.StartsWith("sandbox-refresh-", Assert.Single(fixture.Store.Kept).Value, StringComparison.Ordinal);
        Assert.Matches("^TravelPerkScim-[0-9A-Za-z-]+$", fixture.Store.Kept.Single().Key);
    }

    [Fact]
    public async Task Fewer_scopes_are_granted_and_shown()
    {
        await using var fixture = new SignInFixture();
        fixture.Options = fixture.Options with { Scopes = ["scim:read"] };

        using OAuthCredential credential = await fixture.AuthorizeAsync();

        Assert.Equal(["scim:read"], credential.Scopes);
        using ScimClient client = fixture.Client(credential);
        Assert.Equal("Forbidden", (await Assert.ThrowsAsync<ScimException>(() => client.DeleteUserAsync("1", None))).ErrorId);
    }

    [Fact]
    public async Task A_denial_is_said_in_the_browser_and_here()
    {
        await using var fixture = new SignInFixture();
        fixture.Sandbox.ConsentDenied = true;
        Task<HttpResponseMessage>? page = null;

        ScimException failure = await FailAsync(fixture, address => page = SignInFixture.Browser.GetAsync(address));

        Assert.Equal("OAuthDenied", failure.ErrorId);
        using HttpResponseMessage shown = await page!;
        Assert.Equal(HttpStatusCode.BadRequest, shown.StatusCode);
        Assert.Contains("not signed in", await shown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(fixture.Store.Kept);
    }

    [Theory]
    [InlineData("code=stolen&state=wrong")]
    [InlineData("code=stolen")]
    [InlineData("error=access_denied")]
    [InlineData("code=stolen&state=")]
    [InlineData("")]
    public async Task An_answer_with_another_state_is_not_taken_and_the_wait_goes_on(string answer)
    {
        await using var fixture = new SignInFixture();
        Task<string>? page = null;

        using OAuthCredential credential = await OAuthSignIn.AuthorizeAsync(
            fixture.Options,
            address =>
            {
                page = InterfereAsync(address);
                return Task.CompletedTask;
            },
            None
        );

        Assert.Contains("not the answer to the sign-in", await page!, StringComparison.Ordinal);
        Assert.Equal(["scim:read", "scim:write", "scim:delete"], credential.Scopes);
        Assert.Equal(1, fixture.TokenRequests);

        async Task<string> InterfereAsync(Uri address)
        {
            using HttpResponseMessage shown = await SignInFixture.Browser.GetAsync(new Uri($"{Redirect(address)}?{answer}"));
            Assert.Equal(HttpStatusCode.BadRequest, shown.StatusCode);
            await SignInFixture.Open(address);
            return await shown.Content.ReadAsStringAsync();
        }
    }

    [Fact]
    public async Task An_answer_without_a_code_or_with_an_error_names_the_error()
    {
        await using var fixture = new SignInFixture();
        fixture.Options = fixture.Options with { Scopes = ["scim:everything"] };

        ScimException failure = await FailAsync(fixture, SignInFixture.Open);

        Assert.Equal("OAuthRefused", failure.ErrorId);
        Assert.Contains("invalid_scope", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_answer_is_taken_and_then_nobody_listens()
    {
        await using var fixture = new SignInFixture();
        Uri? callback = null;

        using OAuthCredential credential = await OAuthSignIn.AuthorizeAsync(
            fixture.Options,
            address => SignInFixture.Open(callback = address),
            None
        );

        using var late = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(() => late.ConnectAsync(IPAddress.Loopback, Redirect(callback!).Port));
    }

    [Fact]
    public async Task A_second_answer_gets_no_answer()
    {
        using var redirect = new LoopbackRedirect(0);
        await using var fixture = new SignInFixture();
        var consent = new AuthorizationRequest(fixture.Options, redirect.Uri);
        // Both are waiting in line before anybody looks.
        using TcpClient first = await SendAsync(redirect.Uri, $"GET /callback?code=one&state={consent.State} HTTP/1.1");
        using TcpClient second = await SendAsync(redirect.Uri, $"GET /callback?code=two&state={consent.State} HTTP/1.1");

        string code = await redirect.WaitAsync(consent, None);

        string[] answers = [await ReadAsync(first), await ReadAsync(second)];
        Assert.Contains(code, new[] { "one", "two" });
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answers[code == "one" ? 0 : 1], StringComparison.Ordinal);
        Assert.Equal("", answers[code == "one" ? 1 : 0]);
    }

    [Theory]
    [InlineData("GET /favicon.ico HTTP/1.1")]
    [InlineData("GET / HTTP/1.1")]
    [InlineData("GET /callback/ HTTP/1.1")]
    [InlineData("GET /callbacks?code=1 HTTP/1.1")]
    [InlineData("GET /Callback?code=1 HTTP/1.1")]
    [InlineData("POST /callback?code=1 HTTP/1.1")]
    [InlineData("GET /callback?code=1 HTTP/1.1", "evil.example")]
    [InlineData("nonsense")]
    public async Task Anything_else_is_not_found_and_the_wait_goes_on(string line, string? host = null)
    {
        await using var fixture = new SignInFixture();

        using OAuthCredential credential = await OAuthSignIn.AuthorizeAsync(
            fixture.Options,
            async address =>
            {
                // Answered while the wait is on, so not awaited here: the listener starts to answer after this.
                await Task.Yield();
                _ = Task.Run(async () =>
                {
                    using TcpClient other = await SendAsync(Redirect(address), line, host);
                    Assert.StartsWith("HTTP/1.1 404 Not Found\r\n", await ReadAsync(other), StringComparison.Ordinal);
                    await SignInFixture.Open(address);
                });
            },
            None
        );

        Assert.Equal("OAuth", credential.ToString());
    }

    [Fact]
    public async Task The_listener_is_on_the_loopback_alone()
    {
        using var redirect = new LoopbackRedirect(0);

        IEnumerable<IPEndPoint> listening = IPGlobalProperties
            .GetIPGlobalProperties()
            .GetActiveTcpListeners()
            .Where(end => end.Port == redirect.Uri.Port);

        Assert.Equal([IPAddress.Loopback], listening.Select(end => end.Address));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task The_page_is_static_and_keeps_the_address_to_itself()
    {
        await using var fixture = new SignInFixture();
        Task<HttpResponseMessage>? page = null;

        using OAuthCredential credential = await OAuthSignIn.AuthorizeAsync(fixture.Options, Open, None);

        using HttpResponseMessage shown = await page!;
        string text = await shown.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, shown.StatusCode);
        Assert.Contains("Go back to PowerShell", text, StringComparison.Ordinal);
        Assert.DoesNotContain("sandbox-code", text, StringComparison.Ordinal);
        Assert.Equal(
            ("no-store", "no-referrer"),
            (shown.Headers.CacheControl?.ToString(), shown.Headers.GetValues("Referrer-Policy").Single())
        );

        Task Open(Uri address)
        {
            page = SignInFixture.Browser.GetAsync(address);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_given_port_is_used_and_a_taken_one_is_named()
    {
        await using var fixture = new SignInFixture();
        int port = ScriptedServer.FreePort();
        fixture.Options = fixture.Options with { RedirectPort = port };
        int? used = null;
        using (await OAuthSignIn.AuthorizeAsync(fixture.Options, address => SignInFixture.Open(Used(address)), None))
            Assert.Equal(port, used);
        using var taken = new TcpListener(IPAddress.Loopback, port);
        taken.Start();

        ScimException failure = await FailAsync(fixture, SignInFixture.Open);

        Assert.Equal("OAuthPortInUse", failure.ErrorId);
        Assert.Contains($" {port} ", failure.Message, StringComparison.Ordinal);

        Uri Used(Uri address)
        {
            used = Redirect(address).Port;
            return address;
        }
    }

    [Fact]
    public async Task The_wait_for_consent_ends()
    {
        await using var fixture = new SignInFixture();

        ScimException failure = await FailAsync(
            fixture,
            _ =>
            {
                fixture.Time.Advance(TimeSpan.FromMinutes(5));
                return Task.CompletedTask;
            }
        );

        Assert.Equal("OAuthTimedOut", failure.ErrorId);
    }

    [Fact]
    public async Task The_wait_for_consent_can_be_stopped()
    {
        await using var fixture = new SignInFixture();
        using var stop = new CancellationTokenSource();

        Task<OAuthCredential> waiting = OAuthSignIn.AuthorizeAsync(fixture.Options, _ => Task.CompletedTask, stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task A_store_that_does_not_work_is_found_before_anybody_consents()
    {
        await using var fixture = new SignInFixture();
        fixture.Options = fixture.Options with { Store = new BrokenStore() };
        bool shown = false;

        ScimException failure = await FailAsync(
            fixture,
            _ =>
            {
                shown = true;
                return Task.CompletedTask;
            }
        );

        Assert.Equal(("TokenStoreUnavailable", false), (failure.ErrorId, shown));
    }

    [Fact]
    public async Task A_wrong_client_secret_is_told_from_a_wrong_code()
    {
        await using var fixture = new SignInFixture();
        fixture.Options = fixture.Options with { ClientSecret = ScriptedServer.Secret("wrong-secret-5f0c") };

        ScimException failure = await FailAsync(fixture, SignInFixture.Open);

        Assert.Equal("OAuthClientRefused", failure.ErrorId);
        Assert.DoesNotContain("wrong-secret-5f0c", failure.ToString(), StringComparison.Ordinal);
        Assert.Equal("OAuthClientRefused", Assert.Single(fixture.Traces).Failure);
    }

    [Theory]
    [InlineData(400, """{"error":"invalid_grant","error_description":"The code the-code is old."}""", "OAuthCodeRefused")]
    [InlineData(400, """{"error":"unauthorized_client"}""", "OAuthClientRefused")]
    [InlineData(401, "", "OAuthClientRefused")]
    [InlineData(429, "", "TooManyRequests")]
    [InlineData(500, "<html>down</html>", "ServiceUnavailable")]
    [InlineData(302, "", "Redirected")]
    [InlineData(200, "<html>login</html>", "InvalidResponse")]
    [InlineData(200, "{}", "InvalidResponse")]
    [InlineData(200, """{"access_token":"a","token_type":"mac"}""", "InvalidResponse")]
    [InlineData(200, """{"access_token":"to\r\nken","token_type":"Bearer"}""", "InvalidResponse")]
    [InlineData(200, """{"access_token":"to ken","token_type":"Bearer"}""", "InvalidResponse")]
    [InlineData(200, """{"access_token":"tok\u00e9n","token_type":"Bearer"}""", "InvalidResponse")]
    [InlineData(200, """{"access_token":"token","refresh_token":"re\nfresh","token_type":"Bearer"}""", "InvalidResponse")]
    public async Task What_the_token_endpoint_says_becomes_one_clear_error(int status, string body, string errorId)
    {
        using var server = new ScriptedServer(new Reply(status, body, "application/json"));
        await using var fixture = new SignInFixture();
        fixture.Options = fixture.Options with
        {
            Endpoints = new OAuthEndpoints(fixture.Sandbox.AuthorizeUri, new Uri(server.BaseUri, "/token")),
        };

        ScimException failure = await FailAsync(
            fixture,
            address =>
                SignInFixture.Open(
                    new Uri($"{Redirect(address)}?code=the-code&state={HttpUtility.ParseQueryString(address.Query)["state"]}")
                )
        );

        Assert.Equal(errorId, failure.ErrorId);
        Assert.DoesNotContain("the-code", failure.ToString(), StringComparison.Ordinal);
        NameValueCollection sent = HttpUtility.ParseQueryString(Assert.Single(server.Requests).Body);
        Assert.Equal(("authorization_code", "the-code", "sandbox-client"), (sent["grant_type"], sent["code"], sent["client_id"]));
        Assert.Equal(43, sent["code_verifier"]!.Length);
        Assert.DoesNotContain(sent["code_verifier"]!, failure.ToString(), StringComparison.Ordinal);
        Assert.Empty(fixture.Store.Kept);
    }

    [Theory]
    [InlineData(
        "https://app.perk.com/api/v2/scim",
        "https://app.travelperk.com/oauth2/authorize/",
        "https://app.travelperk.com/accounts/oauth2/token/"
    )]
    [InlineData(
        "https://app.travelperk.com/api/v2/scim/",
        "https://app.travelperk.com/oauth2/authorize/",
        "https://app.travelperk.com/accounts/oauth2/token/"
    )]
    [InlineData(
        "https://app.sandbox-perk.com/api/v2/scim",
        "https://app.sandbox-travelperk.com/oauth2/authorize/",
        "https://app.sandbox-travelperk.com/accounts/oauth2/token/"
    )]
    [InlineData(
        "https://scim.example.com:8443/api",
        "https://scim.example.com:8443/oauth2/authorize/",
        "https://scim.example.com:8443/accounts/oauth2/token/"
    )]
    public void Addresses_follow_from_the_service(string service, string authorize, string token)
    {
        var endpoints = OAuthEndpoints.For(new Uri(service));

        Assert.Equal((authorize, token), (endpoints.Authorize.AbsoluteUri, endpoints.Token.AbsoluteUri));
    }

    [Fact]
    public void A_secret_is_never_sent_in_the_clear() =>
        Assert.Equal(
            "InsecureUri",
            Assert.Throws<ScimException>(() => new OAuthEndpoints(new Uri("https://a.example/"), new Uri("http://a.example/token"))).ErrorId
        );

    private static Task<ScimException> FailAsync(SignInFixture fixture, Func<Uri, Task> open) =>
        Assert.ThrowsAsync<ScimException>(() =>
            OAuthSignIn.AuthorizeAsync(
                fixture.Options,
                address =>
                {
                    _ = open(address);
                    return Task.CompletedTask;
                },
                None
            )
        );

    private static Uri Redirect(Uri address) => new(HttpUtility.ParseQueryString(address.Query)["redirect_uri"]!);

    private static async Task<TcpClient> SendAsync(Uri redirect, string line, string? host = null)
    {
        var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, redirect.Port);
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{line}\r\nHost: {host ?? redirect.Authority}\r\n\r\n"));
        return connection;
    }

    /// <summary>Everything until the end of the connection, however it ends.</summary>
    private static async Task<string> ReadAsync(TcpClient connection)
    {
        using var text = new MemoryStream();
        try
        {
            await connection.GetStream().CopyToAsync(text);
        }
        catch (IOException)
        {
            // Reset instead of closed; the same to a browser.
        }

        return Encoding.ASCII.GetString(text.ToArray());
    }

    private sealed class BrokenStore : ITokenStore
    {
        public Task<System.Security.SecureString?> ReadAsync(string name, CancellationToken cancellationToken) =>
            throw new ScimException(ScimFailure.SecretStore, "TokenStoreUnavailable", "Broken.");

        public Task WriteAsync(string name, System.Security.SecureString refreshToken, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task RemoveAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}

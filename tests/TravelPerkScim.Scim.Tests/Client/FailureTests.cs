using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Scim.Tests.Client;

public sealed class FailureTests
{
    private const string EchoedKey = "pk_Live/42+\"x%~Zq";

    private static CancellationToken None => CancellationToken.None;

    [Theory]
    [InlineData(
        400,
        """{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"scimType":"invalidValue","detail":"Value X is not valid for attribute 'costCenter'.","status":"400"}""",
        "InvalidRequest",
        "invalidValue",
        "Value X is not valid for attribute 'costCenter'."
    )]
    [InlineData(
        401,
        """{"detail":"Authentication credentials were not provided.","status":401}""",
        "Unauthorized",
        null,
        "Authentication credentials were not provided."
    )]
    [InlineData(401, "<html>login</html>", "Unauthorized", null, null)]
    [InlineData(403, """{"message":"scope scim:write is missing"}""", "Forbidden", null, "scope scim:write is missing")]
    [InlineData(
        409,
        """{"scimType":"uniqueness","detail":"A user with userName \"a\" already exists."}""",
        "Conflict",
        "uniqueness",
        "A user with userName \"a\" already exists."
    )]
    [InlineData(409, """{"type":"about:blank","title":"Conflict","status":409}""", "Conflict", null, "Conflict")]
    [InlineData(409, "", "Conflict", null, null)]
    [InlineData(422, """{"errors":["one",{"detail":"two"}]}""", "InvalidRequest", null, "one; two")]
    [InlineData(400, """{"error":"invalid_grant","error_description":"expired"}""", "InvalidRequest", null, "expired")]
    [InlineData(400, """{"error":{"message":"inner"}}""", "InvalidRequest", null, "inner")]
    [InlineData(400, """["first"]""", "InvalidRequest", null, "first")]
    [InlineData(400, """{"detail":"trunc""", "InvalidRequest", null, null)]
    [InlineData(404, """{"detail":"no such user"}""", "NotFound", null, "no such user")]
    [InlineData(410, """{"detail":"it was removed"}""", "NotFound", null, "it was removed")]
    [InlineData(405, "", "NotSupported", null, null)]
    [InlineData(501, "", "NotSupported", null, null)]
    [InlineData(500, "oops", "ServerError", null, null)]
    [InlineData(502, "<html>bad gateway</html>", "ServerError", null, null)]
    [InlineData(503, "", "ServiceUnavailable", null, null)]
    [InlineData(429, """{"detail":"slow down"}""", "TooManyRequests", null, "slow down")]
    [InlineData(418, "", "InvalidResponse", null, null)]
    public async Task An_error_answer_becomes_one_error(int status, string body, string errorId, string? scimType, string? detail)
    {
        using var server = new ScriptedServer(new Reply(status, body, "application/problem+json"));
        using ScimClient client = server.Client();

        ScimException error = await Assert.ThrowsAsync<ScimException>(() => client.GetServiceProviderConfigAsync(None));

        Assert.Equal((errorId, (HttpStatusCode)status, scimType, detail), (error.ErrorId, error.StatusCode, error.ScimType, error.Detail));
        Assert.StartsWith("GET /ServiceProviderConfig: ", error.Message, StringComparison.Ordinal);
        Assert.Contains($"({status})", error.Message, StringComparison.Ordinal);
        Assert.False(error.OutcomeUnknown);
    }

    [Theory]
    [InlineData(400, ScimFailure.Refused)]
    [InlineData(401, ScimFailure.Credential)]
    [InlineData(403, ScimFailure.Credential)]
    [InlineData(404, ScimFailure.NotFound)]
    [InlineData(405, ScimFailure.NotSupported)]
    [InlineData(408, ScimFailure.ServerError)]
    [InlineData(409, ScimFailure.Conflict)]
    [InlineData(413, ScimFailure.Refused)]
    [InlineData(418, ScimFailure.Unreadable)]
    [InlineData(422, ScimFailure.Refused)]
    [InlineData(429, ScimFailure.RateLimited)]
    [InlineData(500, ScimFailure.ServerError)]
    [InlineData(501, ScimFailure.NotSupported)]
    [InlineData(502, ScimFailure.ServerError)]
    [InlineData(503, ScimFailure.Unavailable)]
    [InlineData(302, ScimFailure.Redirected)]
    public async Task The_status_of_an_answer_decides_the_kind_of_the_failure(int status, ScimFailure kind)
    {
        using var server = new ScriptedServer(new Reply(status, "{}"));
        using ScimClient client = server.Client();

        ScimException error = await Assert.ThrowsAsync<ScimException>(() => client.GetServiceProviderConfigAsync(None));

        Assert.Equal(kind, error.Kind);
    }

    [Fact]
    public async Task The_text_of_the_service_is_made_harmless()
    {
        string said = "your key s3cret-key\r\n\u001b[31mis\u202e bad and s3cr\u0000et-key too " + new string('x', 5000);
        using var server = new ScriptedServer(new Reply(401, new JsonObject { ["detail"] = said }.ToJsonString()));
        using ScimClient client = server.Client();

        ScimException error = await Assert.ThrowsAsync<ScimException>(() => client.GetSchemasAsync(None));

        Assert.DoesNotContain("s3cret-key", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(error.Message, char.IsControl);
        Assert.StartsWith("your key ***  [31mis bad and *** too", error.Detail, StringComparison.Ordinal);
        Assert.InRange(error.Detail!.Length, 400, 510);
        Assert.Contains("Connect-TravelPerk", error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Echoes()
    {
        const string Key = EchoedKey;
        static string Base64(Encoding encoding, string text) => Convert.ToBase64String(encoding.GetBytes(text));
        string forAddresses = Base64(Encoding.UTF8, "??" + Key).Replace('+', '-').Replace('/', '_').TrimEnd('=');
        return new TheoryData<string, string>
        {
            { "as it is", Key },
            { "upper case", Key.ToUpperInvariant() },
            { "lower case", Key.ToLowerInvariant() },
            { "Base64", Base64(Encoding.UTF8, Key) },
            { "Base64 of UTF-16", Base64(Encoding.Unicode, Key) },
            { "Base64 of the header", Base64(Encoding.UTF8, "Authorization: ApiKey " + Key) },
            { "Base64 of the value", Base64(Encoding.UTF8, "ApiKey " + Key + "\r\n") },
            { "Base64 of name and key", Base64(Encoding.UTF8, "x:" + Key) },
            { "Base64 for addresses", forAddresses },
            { "Base64 within JSON", Base64(Encoding.UTF8, Key).Replace("/", "\\/", StringComparison.Ordinal) },
            { "Base64 within an address", Uri.EscapeDataString(Base64(Encoding.UTF8, Key)) },
            { "URL", Uri.EscapeDataString(Key) },
            { "URL in lower case", Uri.EscapeDataString(Key).ToLowerInvariant() },
            { "URL twice", Uri.EscapeDataString(Uri.EscapeDataString(Key)) },
            { "every character percent-encoded", string.Concat(Key.Select(c => $"%{(int)c:x2}")) },
            { "hexadecimal", Convert.ToHexString(Encoding.UTF8.GetBytes(Key)) },
            { "hexadecimal in lower case", Convert.ToHexString(Encoding.UTF8.GetBytes(Key)).ToLowerInvariant() },
            { "hexadecimal with hyphens", BitConverter.ToString(Encoding.UTF8.GetBytes(Key)) },
            { "JSON", JsonValue.Create(Key).ToJsonString() },
            { "JSON in JSON", JsonValue.Create(JsonValue.Create(Key).ToJsonString()).ToJsonString() },
            { "every character JSON-escaped", string.Concat(Key.Select(c => $"\\u{(int)c:X4}")) },
        };
    }

    [Theory]
    [MemberData(nameof(Echoes))]
    public async Task A_credential_is_hidden_in_every_form_that_a_service_gives_it_back_in(string form, string echo)
    {
        var said = new JsonObject { ["detail"] = $"You sent '{echo}' ({form})." };
        using var server = new ScriptedServer(new Reply(401, said.ToJsonString()));
        using var credential = ScimCredential.ApiKey(ScriptedServer.Secret(EchoedKey));
        using ScimClient client = server.Client(credential: credential);

        ScimException error = await Assert.ThrowsAsync<ScimException>(() => client.GetSchemasAsync(None));

        // Quotation marks around it, and what escapes them, may stay.
        string shown = error.Detail!;
        foreach (string mark in new[] { "\"", "\\u0022", "\\" })
            shown = shown.Replace(mark, "", StringComparison.Ordinal);
        Assert.Equal($"You sent '***' ({form}).", shown);
    }

    [Theory]
    [InlineData(200, "<!doctype html><title>Log in</title>", "text/html", "NotScimService", "an HTML page")]
    [InlineData(200, " <html></html>", "application/json", "NotScimService", "an HTML page")]
    [InlineData(404, "<html>nothing here</html>", "text/html", "NotScimService", "an HTML page")]
    [InlineData(404, "404 page not found", "text/plain", "NotScimService", "'text/plain'")]
    [InlineData(410, "<html>moved for good</html>", "text/html", "NotScimService", "an HTML page")]
    [InlineData(200, "hello", "text/plain", "NotScimService", "'text/plain'")]
    [InlineData(200, "hello", "text/s3cret-key", "NotScimService", "'text/***'")]
    [InlineData(200, "hello", "application/json", "InvalidResponse", "not valid JSON")]
    [InlineData(200, "{\"id\":\"29\",\"id\":\"30\"}", "application/json", "InvalidResponse", "not valid JSON")]
    [InlineData(200, "{\"id\":\"29\",\"userNa", "application/scim+json", "ResponseTruncated", "before its end")]
    [InlineData(200, "{\"userName\":\"a\"}", "application/scim+json", "InvalidResponse", "without an id")]
    [InlineData(200, "[]", "application/scim+json", "InvalidResponse", "not an object")]
    [InlineData(200, "", "application/scim+json", "InvalidResponse", "an empty body")]
    [InlineData(200, "\"x\"", "application/scim+json", "InvalidResponse", "not an object")]
    public async Task An_answer_that_is_not_SCIM_is_told_from_a_missing_user(
        int status,
        string body,
        string type,
        string errorId,
        string words
    )
    {
        using var server = new ScriptedServer(new Reply(status, body, type));
        using ScimClient client = server.Client();

        ScimException error = await Assert.ThrowsAsync<ScimException>(() => client.FindUserAsync("29", None));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json; charset=utf-8", "{\"id\":\"29\"}")]
    [InlineData("text/plain", "{\"id\":\"29\"}")]
    [InlineData(null, "\ufeff{\"id\":\"29\"}")]
    public async Task JSON_is_read_under_any_media_type(string? type, string body)
    {
        using var server = new ScriptedServer(new Reply(200, body, type));
        using ScimClient client = server.Client();

        Assert.Equal("29", (await client.FindUserAsync("29", None))!.Id);
    }

    [Theory]
    [InlineData("""{"id":"29","title":"cut \ud83d"}""", "cut \ufffd")]
    [InlineData("""{"id":"29","title":"\uDE00 low first"}""", "\ufffd low first")]
    [InlineData("""{"id":"29","title":"\ud83d\ud83d\ude00"}""", "\ufffd\ud83d\ude00")]
    [InlineData("""{"id":"29","title":"\ud83d\ude00 whole"}""", "\ud83d\ude00 whole")]
    [InlineData("""{"id":"29","title":"C:\\ud83d"}""", "C:\\ud83d")]
    [InlineData("""{"id":"29","\ud83d":1,"title":"named"}""", "named")]
    [InlineData("""{"id":"29","title":1e999}""", null)]
    public async Task Half_a_character_is_one_wrong_value_and_not_a_wrong_answer(string body, string? title)
    {
        using var server = new ScriptedServer(new Reply(200, body));
        using ScimClient client = server.Client();

        Assert.Equal(title, (await client.FindUserAsync("29", None))!.Title);
    }

    [Theory]
    [InlineData(200, "ResponseTruncated")]
    [InlineData(500, "ServerError")]
    public async Task Bytes_that_are_not_UTF8_are_one_wrong_value_and_broken_compression_is_a_damaged_answer(int status, string errorId)
    {
        byte[] text = [.. "{\"id\":\"29\",\"title\":\"M"u8, 0xFC, .. "ller\"}"u8];
        using var server = new ScriptedServer(new Reply { Bytes = text });
        using ScimClient client = server.Client();
        Assert.Equal("M\ufffdller", (await client.FindUserAsync("29", None))!.Title);

        foreach (string encoding in new[] { "br", "gzip", "deflate" })
        {
            using var broken = new ScriptedServer(
                new Reply(status)
                {
                    Bytes = [0x1F, 0x8B, 8, 0, 1, 2, 3, 0xFF, 0xFE, 9, 9, 9, 9, 9, 9, 9],
                    Headers = [("Content-Encoding", encoding)],
                }
            );
            using ScimClient reader = broken.Client();
            Assert.Equal(errorId, (await Assert.ThrowsAsync<ScimException>(() => reader.FindUserAsync("29", None))).ErrorId);
        }
    }

    [Fact]
    public async Task A_cut_answer_is_truncated_and_a_lost_one_is_lost()
    {
        using var server = new ScriptedServer(new Reply(200, "{\"id\":") { CutShort = true }, new Reply { Abort = true });
        using ScimClient client = server.Client();

        ScimException cut = await Assert.ThrowsAsync<ScimException>(() => client.FindUserAsync("29", None));
        Assert.Equal((ScimFailure.Truncated, "ResponseTruncated"), (cut.Kind, cut.ErrorId));
        Assert.True(cut.IsUnreadable);

        ScimException lost = await Assert.ThrowsAsync<ScimException>(() => client.FindUserAsync("29", None));
        Assert.Equal((ScimFailure.ConnectionLost, "ConnectionLost"), (lost.Kind, lost.ErrorId));
        Assert.False(lost.IsUnreadable);
    }

    [Fact]
    public async Task An_enormous_answer_is_not_read()
    {
        using var server = new ScriptedServer(new Reply(200, new string(' ', 3000)));
        using ScimClient client = server.Client(options => options with { MaxResponseBytes = 1000 });

        Assert.Equal("ResponseTooLarge", (await Assert.ThrowsAsync<ScimException>(() => client.GetSchemasAsync(None))).ErrorId);
    }

    [Fact]
    public async Task An_enormous_answer_of_unknown_length_is_left_as_soon_as_it_is_too_large()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        long written = 0L;
        var serving = Task.Run(async () =>
        {
            using TcpClient connection = await listener.AcceptTcpClientAsync();
            NetworkStream stream = connection.GetStream();
            _ = await stream.ReadAsync(new byte[8192]);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n["u8.ToArray());
            byte[] chunk = Encoding.ASCII.GetBytes(new string(' ', 65536));
            await Assert.ThrowsAnyAsync<IOException>(async () =>
            {
                for (; ; written += chunk.Length)
                    await stream.WriteAsync(chunk);
            });
        });
        using var credential = ScimCredential.ApiKey(ScriptedServer.Secret("k"));
        using var client = new ScimClient(
            new ScimClientOptions
            {
                BaseUri = new Uri($"http://{listener.LocalEndpoint}/"),
                MaxRetries = 0,
                MaxResponseBytes = 1 << 20,
            },
            credential
        );

        Assert.Equal("ResponseTooLarge", (await Assert.ThrowsAsync<ScimException>(() => client.GetSchemasAsync(None))).ErrorId);
        await serving;
        Assert.InRange(written, 1 << 20, 64 << 20);
    }

    [Theory]
    [InlineData("https://evil.example/steal?x=1", "https://evil.example")]
    [InlineData("/login", "another path of the same host")]
    [InlineData(null, "did not name")]
    public async Task A_redirect_is_an_error_and_is_not_followed(string? location, string named)
    {
        using var server = new ScriptedServer(new Reply(302) { Headers = location is null ? [] : [("Location", location)] });
        using ScimClient client = server.Client();

        ScimException error = await Assert.ThrowsAsync<ScimException>(() => client.GetSchemasAsync(None));

        Assert.Equal("Redirected", error.ErrorId);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_port_without_a_listener_is_unreachable()
    {
        using var credential = ScimCredential.ApiKey(ScriptedServer.Secret("k"));
        using var client = new ScimClient(
            new ScimClientOptions { BaseUri = new Uri($"http://127.0.0.1:{ScriptedServer.FreePort()}/"), MaxRetries = 0 },
            credential
        );

        ScimException error = await Assert.ThrowsAsync<ScimException>(() => client.CreateUserAsync(new JsonObject(), None));

        Assert.Equal("Unreachable", error.ErrorId);
        Assert.False(error.OutcomeUnknown);
    }

    [Fact]
    public async Task A_service_without_TLS_is_not_spoken_to_over_https()
    {
        using var server = new ScriptedServer(new Reply(200, "{}"));
        using var credential = ScimCredential.ApiKey(ScriptedServer.Secret("k"));
        using var client = new ScimClient(
            new ScimClientOptions { BaseUri = new Uri($"https://127.0.0.1:{server.BaseUri.Port}/"), MaxRetries = 0 },
            credential
        );

        Assert.Equal("TlsFailure", (await Assert.ThrowsAsync<ScimException>(() => client.GetSchemasAsync(None))).ErrorId);
    }

    [Fact]
    public async Task An_untrusted_certificate_is_refused()
    {
        using var key = RSA.Create(2048);
        using X509Certificate2 made = new CertificateRequest(
            "CN=localhost",
            key,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        ).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using X509Certificate2 certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task<Exception> serving = Task.Run(async () =>
        {
            using TcpClient connection = await listener.AcceptTcpClientAsync();
            using var stream = new SslStream(connection.GetStream());
            return await Record.ExceptionAsync(async () =>
            {
                await stream.AuthenticateAsServerAsync(certificate);
                Assert.Equal(0, await stream.ReadAsync(new byte[1]));
            });
        });
        using var credential = ScimCredential.ApiKey(ScriptedServer.Secret("k"));
        using var client = new ScimClient(
            new ScimClientOptions { BaseUri = new Uri($"https://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/"), MaxRetries = 3 },
            credential
        );

        ScimException error = await Assert.ThrowsAsync<ScimException>(() => client.CreateUserAsync(new JsonObject(), None));

        Assert.Equal(("TlsFailure", false, 1L), (error.ErrorId, error.OutcomeUnknown, client.RequestCount));
        Assert.IsNotType<Xunit.Sdk.EqualException>(await serving);
    }
}

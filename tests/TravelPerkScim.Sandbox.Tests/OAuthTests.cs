using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;

namespace TravelPerkScim.Sandbox.Tests;

public sealed class OAuthTests
{
    [Fact]
    public async Task Consent_is_a_redirect_with_a_code_and_the_state()
    {
        await using OAuthClient client = new();

        (HttpStatusCode status, Uri? location) = await client.AuthorizeAsync();

        Assert.Equal(HttpStatusCode.Found, status);
        Assert.StartsWith(OAuthClient.Redirect + "?code=", location!.AbsoluteUri, StringComparison.Ordinal);
        Assert.Equal("a state&more", HttpUtility.ParseQueryString(location.Query)["state"]);
    }

    // RFC 6749 4.1.2.1: a wrong client or address must not be redirected to.
    [Theory]
    [InlineData("client_id", "somebody")]
    [InlineData("client_id", null)]
    [InlineData("redirect_uri", "https://evil.example/callback")]
    [InlineData("redirect_uri", "http://evil.example/callback")]
    [InlineData("redirect_uri", "http://127.0.0.1:1/#here")]
    [InlineData("redirect_uri", null)]
    public async Task An_unknown_redirect_address_is_not_redirected_to(string name, string? value)
    {
        await using OAuthClient client = new();

        (HttpStatusCode status, Uri? location) = await client.AuthorizeAsync((name, value));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Null(location);
    }

    [Theory]
    [InlineData("response_type", "token", "unsupported_response_type")]
    [InlineData("response_type", null, "invalid_request")]
    [InlineData("scope", "scim:read scim:everything", "invalid_scope")]
    [InlineData("scope", null, "invalid_scope")]
    [InlineData("code_challenge_method", "plain", "invalid_request")]
    [InlineData("code_challenge_method", null, "invalid_request")]
    public async Task Other_mistakes_are_reported_to_the_client(string name, string? value, string error)
    {
        await using OAuthClient client = new();

        (_, Uri? location) = await client.AuthorizeAsync((name, value));

        Assert.Equal((error, "a state&more", null), Told(location));
    }

    [Fact]
    public async Task The_administrator_may_say_no()
    {
        await using OAuthClient client = new();
        client.Sandbox.ConsentDenied = true;

        (_, Uri? location) = await client.AuthorizeAsync();

        Assert.Equal(("access_denied", "a state&more", null), Told(location));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_code_becomes_a_pair_of_tokens_once(bool basic)
    {
        await using OAuthClient client = new();
        Dictionary<string, string?> form = client.Redeeming(await client.CodeAsync());
        string? authorization = null;
        if (basic)
        {
            _ = OAuthClient.Changed(form, ("client_id", null), ("client_secret", null));
            authorization = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("sandbox-client:" + client.Secret));
        }

        Answer answer = await client.TokenAsync(form, authorization);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(["access_token", "expires_in", "refresh_token", "scope", "token_type"], answer.Json.Select(pair => pair.Key).Order());
        Assert.Equal(
            ("Bearer", "3600", "scim:read scim:write scim:delete"),
            (answer.Value("token_type"), answer.Value("expires_in"), answer.Value("scope"))
        );
        string access = answer.Value("access_token")!;
        Assert.Equal(HttpStatusCode.OK, (await client.ScimAsync("GET", "Users", access)).Status);

        // A second use says that the code was stolen: what came of it ends (RFC 6749 4.1.2).
        Assert.Equal("invalid_grant", (await client.TokenAsync(form, authorization)).Value("error"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.ScimAsync("GET", "Users", access)).Status);
        Assert.Equal("invalid_grant", (await client.TokenAsync(client.Refreshing(answer.Value("refresh_token")!))).Value("error"));
    }

    [Theory]
    [InlineData("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXX", "invalid_grant", HttpStatusCode.BadRequest)]
    [InlineData("code_verifier", OAuthClient.Challenge, "invalid_grant", HttpStatusCode.BadRequest)]
    [InlineData("code_verifier", null, "invalid_grant", HttpStatusCode.BadRequest)]
    [InlineData("redirect_uri", "http://127.0.0.1:4711/other", "invalid_grant", HttpStatusCode.BadRequest)]
    [InlineData("redirect_uri", null, "invalid_grant", HttpStatusCode.BadRequest)]
    [InlineData("code", "sandbox-code-1", "invalid_grant", HttpStatusCode.BadRequest)]
    [InlineData("code", null, "invalid_request", HttpStatusCode.BadRequest)]
    [InlineData("grant_type", null, "invalid_request", HttpStatusCode.BadRequest)]
    [InlineData("grant_type", "password", "unsupported_grant_type", HttpStatusCode.BadRequest)]
    [InlineData("client_secret", "wrong", "invalid_client", HttpStatusCode.Unauthorized)]
    [InlineData("client_secret", null, "invalid_client", HttpStatusCode.Unauthorized)]
    [InlineData("client_id", "somebody", "invalid_client", HttpStatusCode.Unauthorized)]
    public async Task A_wrong_exchange_gives_the_error_of_the_RFC(string name, string? value, string error, HttpStatusCode status)
    {
        await using OAuthClient client = new();
        string code = await client.CodeAsync();

        Answer answer = await client.TokenAsync(OAuthClient.Changed(client.Redeeming(code), (name, value)));

        Assert.Equal((status, error), (answer.Status, answer.Value("error")));
        Assert.NotEqual("", answer.Value("error_description"));
        Assert.Equal(
            status == HttpStatusCode.Unauthorized ? ["Basic"] : [],
            answer.Headers.WwwAuthenticate.Select(challenge => challenge.Scheme)
        );
        Assert.DoesNotContain(code, answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_is_good_for_a_minute()
    {
        await using OAuthClient client = new();
        string code = await client.CodeAsync();

        client.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal("invalid_grant", (await client.TokenAsync(client.Redeeming(code))).Value("error"));
    }

    [Fact]
    public async Task Parameters_twice_and_other_media_types_are_refused()
    {
        await using OAuthClient client = new();
        Dictionary<string, string?> form = client.Redeeming(await client.CodeAsync());

        Assert.Equal("invalid_request", (await client.TokenAsync([.. form, new("code", "another")])).Value("error"));
        Assert.Equal("invalid_request", (await client.TokenAsync(form, mediaType: "application/json")).Value("error"));
    }

    [Fact]
    public async Task Each_refresh_gives_a_new_pair_and_the_used_token_ends_two_minutes_later()
    {
        await using OAuthClient client = new();
        string first = (string)(await client.SignInAsync())["refresh_token"]!;

        JsonObject second = (await client.TokenAsync(client.Refreshing(first))).Json;
        client.Time.Advance(TimeSpan.FromSeconds(119));
        JsonObject again = (await client.TokenAsync(client.Refreshing(first))).Json;

        string[] tokens = [first, (string)second["refresh_token"]!, (string)again["refresh_token"]!];
        Assert.Equal(3, tokens.Distinct().Count());
        client.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("invalid_grant", (await client.TokenAsync(client.Refreshing(first))).Value("error"));
        client.Time.Advance(TimeSpan.FromDays(29));
        Assert.Equal(HttpStatusCode.OK, (await client.TokenAsync(client.Refreshing(tokens[1]))).Status);
        client.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal("invalid_grant", (await client.TokenAsync(client.Refreshing(tokens[2]))).Value("error"));
    }

    [Fact]
    public async Task An_access_token_ends_with_its_lifetime()
    {
        await using OAuthClient client = new();
        string access = (string)(await client.SignInAsync())["access_token"]!;

        client.Time.Advance(TimeSpan.FromSeconds(3599));
        Assert.Equal(HttpStatusCode.OK, (await client.ScimAsync("GET", "Users", access)).Status);
        client.Time.Advance(TimeSpan.FromSeconds(1));
        (await client.ScimAsync("GET", "Users", access)).AssertError(HttpStatusCode.Unauthorized, null);
    }

    [Theory]
    [InlineData("scim:read", "GET", "Users", null)]
    [InlineData("scim:write", "GET", "Schemas", "scim:read")]
    [InlineData("scim:read scim:delete", "POST", "Users", "scim:write")]
    [InlineData("scim:write", "POST", "Users", null)]
    [InlineData("scim:read scim:write", "DELETE", "Users/1", "scim:delete")]
    [InlineData("expenses:read", "GET", "Users", "scim:read")]
    public async Task A_token_does_what_its_scopes_allow(string scope, string method, string path, string? missing)
    {
        await using OAuthClient client = new();
        JsonObject tokens = await client.SignInAsync(("scope", scope));
        Assert.Equal(scope, (string?)tokens["scope"]);

        Answer answer = await client.ScimAsync(method, path, (string)tokens["access_token"]!);

        if (missing is null)
        {
            Assert.True((int)answer.Status < 300, answer.Text);
            return;
        }
        answer.AssertError(HttpStatusCode.Forbidden, null);
        Assert.Contains(
            $"error=\"insufficient_scope\", scope=\"{missing}\"",
            Assert.Single(answer.Headers.WwwAuthenticate).Parameter,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_refresh_may_ask_for_less_but_not_for_more()
    {
        await using OAuthClient client = new();
        string refresh = (string)(await client.SignInAsync(("scope", "scim:read scim:write")))["refresh_token"]!;

        Assert.Equal(
            "scim:read",
            (await client.TokenAsync(OAuthClient.Changed(client.Refreshing(refresh), ("scope", "scim:read")))).Value("scope")
        );
        Assert.Equal(
            "invalid_scope",
            (await client.TokenAsync(OAuthClient.Changed(client.Refreshing(refresh), ("scope", "scim:delete")))).Value("error")
        );
    }

    private static (string? Error, string? State, string? Code) Told(Uri? location)
    {
        System.Collections.Specialized.NameValueCollection query = HttpUtility.ParseQueryString(location!.Query);
        return (query["error"], query["state"], query["code"]);
    }
}

using System.Net;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.SignIn;

namespace TravelPerkScim.Scim.Tests.SignIn;

public class RenewalTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task A_token_is_renewed_before_it_expires_and_the_new_refresh_token_is_stored()
    {
        await using var fixture = new SignInFixture();
        using OAuthCredential credential = await fixture.AuthorizeAsync();
        using ScimClient client = fixture.Client(credential);

        fixture.Time.Advance(TimeSpan.FromSeconds(3539));
        await client.FindUserAsync("1", None);
        Assert.Equal(1, fixture.TokenRequests);
        fixture.Time.Advance(TimeSpan.FromSeconds(1));
        await client.FindUserAsync("1", None);

        Assert.Equal(2, fixture.TokenRequests);
        Assert.Equal(2, fixture.Store.Written.Distinct().Count());
        Assert.Equal(fixture.Time.GetUtcNow().AddHours(1), credential.ExpiresOn);
        Assert.DoesNotContain(fixture.Sandbox.RequestCounts, count => count.Status == HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_new_refresh_token_is_stored_before_the_new_access_token_is_used()
    {
        await using var fixture = new SignInFixture();
        using OAuthCredential credential = await fixture.AuthorizeAsync();
        using ScimClient client = fixture.Client(credential);
        fixture.Time.Advance(TimeSpan.FromHours(2));
        long requestsAtWrite = -1;
        bool oldInUse = false;
        fixture.Store.BeforeWrite = () =>
        {
            requestsAtWrite = ScimRequests(fixture);
            oldInUse = credential.ExpiresOn < fixture.Time.GetUtcNow();
            return Task.CompletedTask;
        };

        await client.FindUserAsync("1", None);

        Assert.Equal(0, requestsAtWrite);
        Assert.True(oldInUse, "Another request could have used the new token.");
        Assert.Equal(1, ScimRequests(fixture));
    }

    [Fact]
    public async Task A_crash_between_renewal_and_storing_leaves_a_token_that_still_works()
    {
        await using var fixture = new SignInFixture();
        using OAuthCredential credential = await fixture.AuthorizeAsync();
        using ScimClient client = fixture.Client(credential);
        string before = Assert.Single(fixture.Store.Kept).Value;
        fixture.Time.Advance(TimeSpan.FromHours(2));
        fixture.Store.BeforeWrite = () => throw new ScimException(ScimFailure.SecretStore, "TokenStoreUnavailable", "The disk is full.");

        Assert.Equal("TokenStoreUnavailable", (await Assert.ThrowsAsync<ScimException>(() => client.FindUserAsync("1", None))).ErrorId);

        // The new access token was used by nobody, and what is stored opens the door for the next session.
        Assert.Equal(0, ScimRequests(fixture));
        Assert.Equal(before, Assert.Single(fixture.Store.Kept).Value);
        fixture.Store.BeforeWrite = () => Task.CompletedTask;
        fixture.Time.Advance(TimeSpan.FromSeconds(110));
        using OAuthCredential next = await OAuthSignIn.ResumeAsync(fixture.Options, None);
        using ScimClient nextClient = fixture.Client(next);
        Assert.Null(await nextClient.FindUserAsync("1", None));
    }

    [Fact]
    public async Task Tokens_that_could_not_be_stored_are_stored_later_and_not_fetched_again()
    {
        await using var fixture = new SignInFixture();
        using OAuthCredential credential = await fixture.AuthorizeAsync();
        using ScimClient client = fixture.Client(credential);
        fixture.Time.Advance(TimeSpan.FromHours(2));
        fixture.Store.BeforeWrite = () => throw new ScimException(ScimFailure.SecretStore, "TokenStoreUnavailable", "The vault is locked.");
        await Assert.ThrowsAsync<ScimException>(() => client.FindUserAsync("1", None));

        fixture.Store.BeforeWrite = () => Task.CompletedTask;
        // Past the grace of the old refresh token.
        fixture.Time.Advance(TimeSpan.FromMinutes(10));
        await client.FindUserAsync("1", None);

        Assert.Equal(2, fixture.TokenRequests);
        Assert.Equal(2, fixture.Store.Written.Distinct().Count());
    }

    [Fact]
    public async Task An_early_renewal_that_fails_does_not_stop_a_token_that_works()
    {
        await using var fixture = new SignInFixture();
        using OAuthCredential credential = await fixture.AuthorizeAsync();
        using ScimClient client = fixture.Client(credential);
        fixture.Store.BeforeWrite = () => throw new ScimException(ScimFailure.SecretStore, "TokenStoreUnavailable", "The vault is locked.");

        fixture.Time.Advance(TimeSpan.FromSeconds(3550));

        Assert.Null(await client.FindUserAsync("1", None));
        Assert.Null(await client.FindUserAsync("1", None));
        Assert.Equal(2, fixture.TokenRequests);
    }

    [Fact]
    public async Task However_many_requests_need_it_one_renewal_is_made()
    {
        await using var fixture = new SignInFixture();
        using OAuthCredential credential = await fixture.AuthorizeAsync();
        using ScimClient client = fixture.Client(credential);
        fixture.Time.Advance(TimeSpan.FromHours(2));
        var writing = new TaskCompletionSource();
        fixture.Store.BeforeWrite = () => writing.Task;

        Task<ScimUser?>[] requests = Enumerable.Range(1, 50).Select(id => client.FindUserAsync($"{id}", None)).ToArray();
        writing.SetResult();
        await Task.WhenAll(requests);

        Assert.Equal(2, fixture.TokenRequests);
    }

    [Fact]
    public async Task Concurrent_401s_cause_one_renewal()
    {
        const int Many = 24;
        await using var fixture = new SignInFixture();
        using OAuthCredential credential = await fixture.AuthorizeAsync();
        (TaskCompletionSource? arrived, TaskCompletionSource? all) = (new TaskCompletionSource(), new TaskCompletionSource());
        string first = "";
        // Every first request is refused, once all have come; half of them only when others have been served with the new token.
        using var server = new ScriptedServer(request =>
        {
            string token = request.Headers["Authorization"];
            Interlocked.CompareExchange(ref first, token, "");
            if (token != first)
            {
                all.TrySetResult();
                return new Reply(404, "{}");
            }

            if (request.Number == Many)
                arrived.TrySetResult();
            return new Reply(401, "{}") { After = request.Number % 2 == 0 ? all.Task : arrived.Task };
        });
        using ScimClient client = server.Client(credential: credential);

        await Task.WhenAll(Enumerable.Range(1, Many).Select(id => client.FindUserAsync($"{id}", None)));

        Assert.Equal(2 * Many, server.Requests.Count);
        Assert.Equal(2, fixture.TokenRequests);
        Assert.Equal(2, server.Requests.Select(request => request.Headers["Authorization"]).Distinct().Count());
    }

    [Fact]
    public async Task A_sign_in_that_was_revoked_is_one_clear_error_and_one_request()
    {
        await using var fixture = new SignInFixture();
        using OAuthCredential credential = await fixture.AuthorizeAsync();
        using ScimClient client = fixture.Client(credential);
        fixture.Sandbox.RevokeTokens();

        for (int attempt = 0; attempt < 3; attempt++)
        {
            ScimException failure = await Assert.ThrowsAsync<ScimException>(() => client.FindUserAsync("1", None));
            Assert.Equal("OAuthRefreshRefused", failure.ErrorId);
            Assert.Contains("Connect-TravelPerk -Authorize", failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("sandbox-refresh-", failure.ToString(), StringComparison.Ordinal);
        }

        Assert.Equal(2, fixture.TokenRequests);
    }

    [Fact]
    public async Task A_later_session_goes_on_without_a_browser()
    {
        await using var fixture = new SignInFixture();
        (await fixture.AuthorizeAsync()).Dispose();
        fixture.Time.Advance(TimeSpan.FromDays(20));

        using OAuthCredential credential = await OAuthSignIn.ResumeAsync(fixture.Options, None);

        using ScimClient client = fixture.Client(credential);
        Assert.Null(await client.FindUserAsync("1", None));
        Assert.Equal(2, fixture.Store.Written.Distinct().Count());
        Assert.Equal(["scim:read", "scim:write", "scim:delete"], credential.Scopes);
    }

    [Fact]
    public async Task Another_client_or_target_has_another_place()
    {
        await using var fixture = new SignInFixture();
        await using var other = new SignInFixture();
        (await fixture.AuthorizeAsync()).Dispose();

        foreach (
            OAuthOptions? options in new[]
            {
                fixture.Options with
                {
                    ClientId = "another",
                },
                fixture.Options with
                {
                    Endpoints = other.Options.Endpoints,
                },
            }
        )
        {
            ScimException failure = await Assert.ThrowsAsync<ScimException>(() => OAuthSignIn.ResumeAsync(options, None));
            Assert.Equal("TokenNotFound", failure.ErrorId);
            Assert.Contains("Connect-TravelPerk -Authorize", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Two_sessions_that_share_a_store_both_go_on()
    {
        await using var fixture = new SignInFixture();
        using OAuthCredential one = await fixture.AuthorizeAsync();
        using OAuthCredential other = await OAuthSignIn.ResumeAsync(fixture.Options, None);
        using ScimClient client = fixture.Client(one);

        // The first session's refresh token was spent by the other long ago.
        fixture.Time.Advance(TimeSpan.FromHours(2));

        Assert.Null(await client.FindUserAsync("1", None));
    }

    [Fact]
    public async Task What_is_forgotten_is_gone_from_the_store()
    {
        await using var fixture = new SignInFixture();
        using OAuthCredential credential = await fixture.AuthorizeAsync();

        await credential.ForgetAsync(None);

        Assert.Empty(fixture.Store.Kept);
        using ScimClient client = fixture.Client(credential);
        Assert.Null(await client.FindUserAsync("1", None));
    }

    [Fact]
    public async Task A_caller_who_gives_up_does_not_lose_the_renewal()
    {
        await using var fixture = new SignInFixture();
        using OAuthCredential credential = await fixture.AuthorizeAsync();
        using ScimClient client = fixture.Client(credential);
        fixture.Time.Advance(TimeSpan.FromHours(2));

        TaskCompletionSource writing = await GiveUpWhileTheTokenIsWrittenAsync(fixture, client);
        writing.SetResult();
        fixture.Store.BeforeWrite = () => Task.CompletedTask;

        Assert.Null(await client.FindUserAsync("1", None));
        Assert.Equal(2, fixture.TokenRequests);
    }

    [Fact]
    public async Task The_end_of_a_credential_waits_until_a_renewal_has_reached_the_store()
    {
        await using var fixture = new SignInFixture();
        OAuthCredential credential = await fixture.AuthorizeAsync();
        using ScimClient client = fixture.Client(credential);
        fixture.Time.Advance(TimeSpan.FromHours(2));
        TaskCompletionSource writing = await GiveUpWhileTheTokenIsWrittenAsync(fixture, client);

        Task end = credential.DisposeAsync().AsTask();

        Assert.False(end.IsCompleted);
        writing.SetResult();
        await end;
        Assert.Equal(2, fixture.Store.Written.Count);
    }

    [Fact]
    public async Task A_token_endpoint_that_is_down_for_a_moment_is_asked_again()
    {
        await using var fixture = new SignInFixture();
        using var flaky = new ScriptedServer(request =>
            request.Number switch
            {
                1 => new Reply(503, ""),
                2 => new Reply { Abort = true },
                _ => new Reply(
                    200,
                    """{"access_token":"sandbox-access-x","refresh_token":"r2","token_type":"Bearer","expires_in":3600}""",
                    "application/json"
                ),
            }
        );
        using var scim = new ScriptedServer(new Reply(404, "{}"));
        fixture.Options = fixture.Options with
        {
            Endpoints = new OAuthEndpoints(flaky.BaseUri, flaky.BaseUri),
            TimeProvider = TimeProvider.System,
        };
        await fixture.Store.WriteAsync(new StoredToken(fixture.Options).Name, ScriptedServer.Secret("r1"), None);
        using var credential = new OAuthCredential(
            new TokenClient(fixture.Options),
            TokenSet.ToRenew(ScriptedServer.Secret("r1"), []),
            new StoredToken(fixture.Options),
            TimeProvider.System
        );
        using ScimClient client = scim.Client(options => options with { MaxRetries = 5, Random = new Random(1) }, credential);

        Assert.Null(await client.FindUserAsync("1", None));

        Assert.Equal((3, 1), (flaky.Requests.Count, scim.Requests.Count));
    }

    [Theory]
    [InlineData("[]", "application/json")]
    [InlineData("\"text\"", "application/json")]
    [InlineData("""{"access_token":"\ud83d","token_type":"Bearer"}""", "application/json")]
    [InlineData("""{"error":"\ud83d"}""", "application/json")]
    [InlineData("""{"access_token":"a"}""", "application/json; charset=klingon")]
    public async Task A_token_endpoint_that_answers_something_else_is_an_invalid_response(string body, string type)
    {
        await using var fixture = new SignInFixture();
        using var endpoint = new ScriptedServer(new Reply(200, body, type));
        using var scim = new ScriptedServer(new Reply(404, "{}"));
        fixture.Options = fixture.Options with
        {
            Endpoints = new OAuthEndpoints(endpoint.BaseUri, endpoint.BaseUri),
            TimeProvider = TimeProvider.System,
        };
        using var credential = new OAuthCredential(
            new TokenClient(fixture.Options),
            TokenSet.ToRenew(ScriptedServer.Secret("r1"), []),
            new StoredToken(fixture.Options),
            TimeProvider.System
        );
        using ScimClient client = scim.Client(credential: credential);

        ScimException failure = await Assert.ThrowsAsync<ScimException>(() => client.FindUserAsync("1", None));

        Assert.Equal("InvalidResponse", failure.ErrorId);
        Assert.Empty(scim.Requests);
    }

    /// <summary>Sends a request that needs a new token, and no longer waits for it once the token is being written.</summary>
    /// <returns>Its result lets the write end.</returns>
    private static async Task<TaskCompletionSource> GiveUpWhileTheTokenIsWrittenAsync(SignInFixture fixture, ScimClient client)
    {
        using var stop = new CancellationTokenSource();
        var reached = new TaskCompletionSource();
        var writing = new TaskCompletionSource();
        fixture.Store.BeforeWrite = () =>
        {
            reached.SetResult();
            return writing.Task;
        };
        Task<ScimUser?> given = client.FindUserAsync("1", stop.Token);
        await reached.Task;
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        return writing;
    }

    private static long ScimRequests(SignInFixture fixture) =>
        fixture.Sandbox.RequestLog.Count(entry => entry.Path.StartsWith("/api/v2/scim/", StringComparison.Ordinal));
}

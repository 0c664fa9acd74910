using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Scim.Tests.Client;

public sealed class RetryTests
{
    private static readonly Reply s_user = new(200, "{\"id\":\"29\"}");
    private readonly WatchedTime _time = new();

    private static CancellationToken None => CancellationToken.None;

    [Theory]
    [InlineData(429, "7", 7)]
    [InlineData(503, "7", 7)]
    [InlineData(429, "date", 90)]
    [InlineData(429, "86400", 600)]
    public async Task Retry_after_is_waited_for_exactly(int status, string retryAfter, int seconds)
    {
        if (retryAfter == "date")
            retryAfter = _time.GetUtcNow().AddSeconds(seconds).ToString("R", CultureInfo.InvariantCulture);
        using var server = new ScriptedServer(new Reply(status) { Headers = [("Retry-After", retryAfter)] }, s_user);
        using ScimClient client = Client(server);

        Task<ScimUser?> found = client.FindUserAsync("29", None);
        Assert.Equal(TimeSpan.FromSeconds(seconds), await _time.NextWaitAsync());
        Assert.Single(server.Requests);
        _time.Advance(TimeSpan.FromSeconds(seconds));

        Assert.Equal("29", (await found)!.Id);
        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("0")]
    [InlineData("soon")]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT")]
    public async Task Without_a_usable_retry_after_the_wait_is_short_and_random(string? retryAfter)
    {
        using var server = new ScriptedServer(new Reply(429) { Headers = retryAfter is null ? [] : [("Retry-After", retryAfter)] }, s_user);
        using ScimClient client = Client(server);

        Task<ScimUser?> found = client.FindUserAsync("29", None);
        TimeSpan wait = await _time.NextWaitAsync();
        Assert.InRange(wait, TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(0.5));
        _time.Advance(wait);

        Assert.Equal("29", (await found)!.Id);
    }

    [Fact]
    public async Task A_rate_limit_holds_every_caller_of_the_client()
    {
        using var server = new ScriptedServer(request =>
            request.Number == 1 ? new Reply(429) { Headers = [("Retry-After", "30")] } : s_user
        );
        using ScimClient client = Client(server);

        Task<ScimUser?> first = client.FindUserAsync("29", None);
        await _time.NextWaitAsync();
        _time.Advance(TimeSpan.FromSeconds(10));
        var others = Enumerable.Range(0, 10).Select(_ => client.FindUserAsync("29", None)).ToList();
        foreach (Task<ScimUser?> _ in others)
            Assert.Equal(TimeSpan.FromSeconds(20), await _time.NextWaitAsync());
        Assert.Single(server.Requests);
        _time.Advance(TimeSpan.FromSeconds(20));

        await Task.WhenAll([first, .. others]);
        Assert.Equal(12, server.Requests.Count);
    }

    [Fact]
    public async Task A_rate_limit_that_lets_others_through_wears_nobody_out()
    {
        var arrived = Channel.CreateUnbounded<TaskCompletionSource>();
        using var server = new ScriptedServer(request =>
        {
            if (request.Path != "Users/unlucky" || request.Number > 8)
                return new Reply(200, $"{{\"id\":\"{request.Path["Users/".Length..]}\"}}");
            var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            arrived.Writer.TryWrite(release);
            return new Reply(429) { Headers = [("Retry-After", "1")], After = release.Task };
        });
        using ScimClient client = Client(server, maxRetries: 1);

        Task<ScimUser?> unlucky = client.FindUserAsync("unlucky", None);
        for (int round = 0; round < 4; round++)
        {
            TaskCompletionSource release = await arrived.Reader.ReadAsync();
            await client.FindUserAsync("lucky", None);
            release.SetResult();
            _time.Advance(await _time.NextWaitAsync());
        }

        Assert.NotNull(await unlucky);
        Assert.Equal(9, server.Requests.Count);
    }

    [Theory]
    [InlineData("86400", 2, 600)]
    [InlineData("600", 2, 600)]
    [InlineData("250", 3, 500)]
    public async Task A_request_waits_ten_minutes_in_all_however_often_it_is_asked_to(string retryAfter, int requests, int seconds)
    {
        using var server = new ScriptedServer(new Reply(503) { Headers = [("Retry-After", retryAfter)] });
        using ScimClient client = Client(server);
        DateTimeOffset began = _time.GetUtcNow();

        Task<ScimUser?> found = client.FindUserAsync("29", None);
        await _time.DriveAsync(found);

        Assert.Equal("ServiceUnavailable", (await Assert.ThrowsAsync<ScimException>(() => found)).ErrorId);
        Assert.Equal((requests, TimeSpan.FromSeconds(seconds)), (server.Requests.Count, _time.GetUtcNow() - began));
    }

    [Fact]
    public async Task Cancelling_ends_a_wait_at_once()
    {
        using var server = new ScriptedServer(new Reply(429) { Headers = [("Retry-After", "600")] });
        using ScimClient client = Client(server);
        using var cancel = new CancellationTokenSource();

        Task<ScimUser?> found = client.FindUserAsync("29", cancel.Token);
        await _time.NextWaitAsync();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => found);
    }

    [Fact]
    public async Task Cancelling_ends_a_request_at_once_and_is_no_timeout()
    {
        var reached = new TaskCompletionSource();
        using var server = new ScriptedServer(new Reply { Hang = true, Reached = reached });
        using ScimClient client = server.Client();
        using var cancel = new CancellationTokenSource();

        Task<ScimUser> created = client.CreateUserAsync(new JsonObject(), cancel.Token);
        await reached.Task;
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => created);
    }

    [Theory]
    [InlineData("GET", false)]
    [InlineData("POST", true)]
    public async Task A_request_without_answer_times_out_once(string method, bool outcomeUnknown)
    {
        var reached = new TaskCompletionSource();
        using var server = new ScriptedServer(new Reply { Hang = true, Reached = reached });
        using ScimClient client = Client(server);

        Task sent = SendAsync(client, method);
        await reached.Task;
        _time.Advance(TimeSpan.FromSeconds(31));

        ScimException error = await Assert.ThrowsAsync<ScimException>(() => sent);
        Assert.Equal(("TimedOut", outcomeUnknown), (error.ErrorId, error.OutcomeUnknown));
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("GET", 500, 3)]
    [InlineData("PUT", 0, 3)]
    [InlineData("DELETE", 0, 3)]
    [InlineData("GET", -1, 3)]
    [InlineData("PUT", 502, 3)]
    [InlineData("DELETE", 504, 3)]
    [InlineData("PATCH-replace", 500, 3)]
    [InlineData("PATCH-add", 500, 1)]
    [InlineData("PATCH-remove", 0, 1)]
    [InlineData("POST", 500, 1)]
    [InlineData("POST", 0, 1)]
    [InlineData("POST", -1, 1)]
    [InlineData("POST", 503, 3)]
    [InlineData("POST", 429, 3)]
    [InlineData("GET", 400, 1)]
    [InlineData("GET", 501, 1)]
    public async Task Only_what_may_be_repeated_is_repeated(string method, int status, int requests)
    {
        Reply failing = status switch
        {
            0 => new Reply { Abort = true },
            -1 => new Reply(200, "{") { CutShort = true },
            _ => new Reply(status, "{}"),
        };
        using var server = new ScriptedServer(failing);
        using ScimClient client = Client(server, maxRetries: 2);

        Task sent = SendAsync(client, method);
        await _time.DriveAsync(sent);

        ScimException error = await Assert.ThrowsAsync<ScimException>(() => sent);
        Assert.Equal(requests, server.Requests.Count);
        Assert.Equal(requests, client.RequestCount);
        if (method.StartsWith('P') && requests == 1)
            Assert.True(error.OutcomeUnknown);
    }

    [Fact]
    public async Task A_delete_whose_answer_was_lost_is_a_delete()
    {
        using var server = new ScriptedServer(new Reply { Abort = true }, new Reply(404, "{}"));
        using ScimClient client = Client(server);

        Task<bool> deleted = client.DeleteUserAsync("29", None);
        await _time.DriveAsync(deleted);

        Assert.True(await deleted);
    }

    [Theory]
    [InlineData(503, true)]
    [InlineData(429, true)]
    [InlineData(401, true)]
    [InlineData(400, false)]
    [InlineData(404, false)]
    public async Task A_refusal_to_look_at_the_repeat_says_nothing_of_the_attempt_whose_answer_was_lost(int status, bool outcomeUnknown)
    {
        using var server = new ScriptedServer(new Reply { Abort = true }, new Reply(status, "{}"));
        using ScimClient client = Client(server, maxRetries: 2);

        Task sent = SendAsync(client, "PATCH-replace");
        await _time.DriveAsync(sent);

        ScimException error = await Assert.ThrowsAsync<ScimException>(() => sent);
        Assert.Equal(((System.Net.HttpStatusCode)status, outcomeUnknown), (error.StatusCode, error.OutcomeUnknown));
    }

    [Fact]
    public async Task A_created_user_whose_body_was_lost_must_be_looked_up()
    {
        using var server = new ScriptedServer(new Reply(201));
        using ScimClient client = server.Client();

        ScimException error = await Assert.ThrowsAsync<ScimException>(() => client.CreateUserAsync(new JsonObject(), None));
        Assert.Equal(("InvalidResponse", true), (error.ErrorId, error.OutcomeUnknown));
    }

    [Fact]
    public async Task A_page_walk_survives_a_503_in_its_middle()
    {
        using var server = new ScriptedServer(
            new Reply(200, "{\"totalResults\":2,\"Resources\":[{\"id\":\"1\"}]}"),
            new Reply(503) { Headers = [("Retry-After", "5")] },
            new Reply(200, "{\"totalResults\":2,\"Resources\":[{\"id\":\"2\"}]}")
        );
        using ScimClient client = Client(server);

        Task<List<string?>> ids = Task.Run(async () =>
        {
            var read = new List<string?>();
            await foreach (ScimUser user in client.ListUsersAsync(null, None))
                read.Add(user.Id);
            return read;
        });
        await _time.DriveAsync(ids);

        Assert.Equal(["1", "2"], await ids);
        Assert.Equal(["1", "2", "2"], server.Requests.Select(request => request.Path.Split('=', '&')[1]));
    }

    [Fact]
    public async Task A_credential_that_can_refresh_is_asked_once()
    {
        using var server = new ScriptedServer(request => request.Headers["Authorization"] == "Bearer 2" ? s_user : new Reply(401, "{}"));
        using var good = new CountingCredential(step: 1);
        using var bad = new CountingCredential(step: 0);
        using ScimClient client = server.Client(credential: good);
        using ScimClient failing = server.Client(credential: bad);

        Assert.Equal("29", (await client.FindUserAsync("29", None))!.Id);
        Assert.Equal("Unauthorized", (await Assert.ThrowsAsync<ScimException>(() => failing.FindUserAsync("29", None))).ErrorId);
        Assert.Equal(4, server.Requests.Count);
    }

    [Fact]
    public async Task A_request_that_meets_the_end_of_two_secrets_is_sent_with_the_third()
    {
        using var credential = new CountingCredential(step: 1);
        using var server = new ScriptedServer(request =>
        {
            // While the second attempt is under way, another request renews the secret.
            if (request.Number == 2)
                credential.Renew();
            return request.Headers["Authorization"] == "Bearer 3" ? s_user : new Reply(401, "{}");
        });
        using ScimClient client = server.Client(credential: credential);

        Assert.Equal("29", (await client.FindUserAsync("29", None))!.Id);
        Assert.Equal(["Bearer 1", "Bearer 2", "Bearer 3"], server.Requests.Select(request => request.Headers["Authorization"]));
    }

    private static Task SendAsync(ScimClient client, string method)
    {
        PatchOperation Operation(PatchOperationKind kind) => new(kind, AttributePath.Parse("title"), "x");
        return method switch
        {
            "GET" => client.FindUserAsync("29", None),
            "PUT" => client.ReplaceUserAsync("29", new JsonObject(), None),
            "DELETE" => client.DeleteUserAsync("29", None),
            "POST" => client.CreateUserAsync(new JsonObject(), None),
            "PATCH-replace" => client.PatchUserAsync("29", [Operation(PatchOperationKind.Replace)], None),
            "PATCH-add" => client.PatchUserAsync("29", [Operation(PatchOperationKind.Replace), Operation(PatchOperationKind.Add)], None),
            _ => client.PatchUserAsync("29", [Operation(PatchOperationKind.Remove)], None),
        };
    }

    private ScimClient Client(ScriptedServer server, int maxRetries = 5) =>
        server.Client(options =>
            options with
            {
                MaxRetries = maxRetries,
                TimeProvider = _time,
                RequestTimeout = WatchedTime.RequestTimeout,
                Random = new Random(1),
            }
        );

    private sealed class CountingCredential(int step) : ScimCredential
    {
        private int _token = 1;

        protected internal override int Generation => _token;

        public override string ToString() => "Counting";

        public void Renew() => _token += step;

        protected internal override ValueTask ApplyAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Authorization = new("Bearer", _token.ToString(CultureInfo.InvariantCulture));
            return ValueTask.CompletedTask;
        }

        protected internal override ValueTask<bool> RefreshAsync(int generation, CancellationToken cancellationToken)
        {
            Renew();
            return ValueTask.FromResult(true);
        }

        protected internal override string Redact(string text) => text;

        protected override void Dispose(bool disposing) { }
    }
}

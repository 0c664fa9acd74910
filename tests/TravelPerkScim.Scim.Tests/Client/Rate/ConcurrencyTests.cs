using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Scim.Tests.Client.Rate;

/// <summary>Over a socket: how many requests at once an overloaded server gets from all callers of a client.</summary>
public sealed class ConcurrencyTests
{
    private const int Callers = 8;

    private readonly WatchedTime _time = new();

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task A_server_that_bears_four_at_once_gets_four_and_all_of_them_when_it_recovers()
    {
        await using var sandbox = TravelPerkSandbox.Start(
            new SandboxOptions { ConcurrencyLimit = 4, Latency = TimeSpan.FromMilliseconds(20) }
        );
        using SecureString key = sandbox.GetApiKey();
        using var credential = ScimCredential.ApiKey(key);
        using var client = new ScimClient(
            new ScimClientOptions
            {
                BaseUri = sandbox.BaseUri,
                TimeProvider = _time,
                RequestTimeout = WatchedTime.RequestTimeout,
                Random = new Random(1),
            },
            credential
        );

        await CreateAsync(client, 1, 400);

        Assert.Equal(400, sandbox.UserCount);
        Assert.Equal(4, client.Rate.ConcurrencyLimit);
        long refused = Refused(sandbox);
        Assert.InRange(refused, 1, 12);

        sandbox.ConcurrencyLimit = null;
        _time.Advance(TimeSpan.FromSeconds(60));
        await CreateAsync(client, 401, 600);

        Assert.Equal(600, sandbox.UserCount);
        Assert.True(client.Rate.ConcurrencyLimit >= Callers, $"{client.Rate}");
        Assert.Equal(refused, Refused(sandbox));
        Assert.Equal(0, client.Rate.UnderWay);
    }

    [Fact]
    public async Task A_fixed_number_storms_the_same_server()
    {
        await using var sandbox = TravelPerkSandbox.Start(
            new SandboxOptions { ConcurrencyLimit = 4, Latency = TimeSpan.FromMilliseconds(20) }
        );
        using SecureString key = sandbox.GetApiKey();
        using var http = new HttpClient { BaseAddress = sandbox.BaseUri };
        http.DefaultRequestHeaders.Add("Authorization", "ApiKey " + new NetworkCredential("", key).Password);
        http.DefaultRequestHeaders.Add("Api-Version", "1");

        await Parallel.ForEachAsync(
            Enumerable.Range(0, 400),
            new ParallelOptions { MaxDegreeOfParallelism = Callers },
            async (_, cancellationToken) =>
            {
                HttpStatusCode status;
                do
                {
                    using HttpResponseMessage response = await http.GetAsync(new Uri("Users", UriKind.Relative), cancellationToken);
                    status = response.StatusCode;
                } while (status == HttpStatusCode.ServiceUnavailable);
            }
        );

        Assert.True(Refused(sandbox) > 120, $"{Refused(sandbox)} refused");
    }

    [Theory]
    [InlineData("503", 4)]
    [InlineData("502", 4)]
    [InlineData("504", 4)]
    [InlineData("lost", 4)]
    [InlineData("cut short", 4)]
    [InlineData("no answer in time", 4)]
    [InlineData("slow", 4)]
    [InlineData("500 500", 3)]
    [InlineData("500", null)]
    [InlineData("429", 4)]
    [InlineData("400", null)]
    [InlineData("404", null)]
    public async Task A_sign_of_overload_halves_the_requests_at_once(string sign, int? limit)
    {
        using var held = new HeldServer();
        using ScimClient client = Client(held.Server);
        Task[] calls = await held.FillAsync(client);

        if (sign is "slow" or "no answer in time")
            _time.Advance(WatchedTime.RequestTimeout * (sign == "slow" ? 0.6 : 1.1));
        Reply[] first = sign switch
        {
            "slow" or "no answer in time" => [],
            "lost" => [new Reply { Abort = true }],
            "cut short" => [new Reply(200, "{") { CutShort = true }],
            _ => [.. sign.Split(' ').Select(status => new Reply(int.Parse(status, CultureInfo.InvariantCulture), "{}"))],
        };
        for (int i = 0; i < first.Length; i++)
        {
            held.Answer(i, first[i]);
            await Record.ExceptionAsync(() => calls[i]);
        }
        for (int i = first.Length; i < Callers; i++)
            held.Answer(i, HeldServer.User);
        await Task.WhenAll(calls.Select(call => Record.ExceptionAsync(() => call)));

        Assert.Equal((limit, 0), (client.Rate.ConcurrencyLimit, client.Rate.UnderWay));
    }

    [Fact]
    public async Task One_callers_503_slows_all_callers_and_a_waiting_caller_can_be_cancelled_at_once()
    {
        using var held = new HeldServer();
        using ScimClient client = Client(held.Server);
        Task[] calls = await held.FillAsync(client);
        held.Answer(3, new Reply(503) { Headers = [("Retry-After", "5")] });
        await Assert.ThrowsAsync<ScimException>(() => calls[3]);
        Assert.Equal(TimeSpan.FromSeconds(5), client.Rate.PausedFor);
        _time.Advance(TimeSpan.FromSeconds(5));

        using var cancel = new CancellationTokenSource();
        Task<ScimUser?> cancelled = client.FindUserAsync("cancelled", cancel.Token);
        Task[] others = [.. Enumerable.Range(Callers, Callers).Select(i => client.FindUserAsync($"{i}", None))];
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled).WaitAsync(TimeSpan.FromSeconds(1));

        // Seven are under way, and four may be: three have to end before another one leaves.
        foreach (int i in new[] { 4, 5, 6 })
        {
            held.Answer(i, HeldServer.User);
            await calls[i];
        }
        Assert.Equal((4, Callers), (client.Rate.UnderWay, held.Server.Requests.Count));

        foreach (int i in new[] { 0, 1, 2, 7 })
            held.Answer(i, HeldServer.User);
        await held.ArriveAsync(4);
        Assert.Equal((4, 4), (client.Rate.UnderWay, client.Rate.ConcurrencyLimit));
        foreach (int i in Enumerable.Range(Callers, Callers))
            held.Answer(i, HeldServer.User);
        await Task.WhenAll(others).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(2 * Callers, held.Server.Requests.Count);
    }

    [Fact]
    public async Task A_storm_of_cancellations_and_failures_leaves_every_place_free()
    {
        var random = new Random(7);
        using var server = new ScriptedServer(request =>
            (request.Number % 5) switch
            {
                0 => new Reply(503),
                1 => new Reply { Abort = true },
                _ => HeldServer.User,
            }
        );
        using ScimClient client = Client(server);

        var all = Task.WhenAll(
            Enumerable
                .Range(0, 300)
                .Select(async i =>
                {
                    using var cancel = new CancellationTokenSource();
                    Task<ScimUser?> call = client.FindUserAsync("29", cancel.Token);
                    if (i % 3 == 0)
                        await cancel.CancelAsync();
                    await Record.ExceptionAsync(() => call);
                })
        );
        await _time.DriveAsync(all);

        Assert.Equal(0, client.Rate.UnderWay);
        _time.Advance(TimeSpan.FromMinutes(10));
        Task<ScimUser?> last = client.FindUserAsync("29", None);
        await _time.DriveAsync(Record.ExceptionAsync(() => last));
    }

    private ScimClient Client(ScriptedServer server) =>
        server.Client(options =>
            options with
            {
                TimeProvider = _time,
                RequestTimeout = WatchedTime.RequestTimeout,
                Random = new Random(1),
            }
        );

    private static long Refused(TravelPerkSandbox sandbox) =>
        sandbox.RequestCounts.Where(count => count.Status == HttpStatusCode.ServiceUnavailable).Sum(count => count.Count);

    private async Task CreateAsync(ScimClient client, int first, int last)
    {
        int next = first;
        var all = Task.WhenAll(
            Enumerable
                .Range(0, Callers)
                .Select(async _ =>
                {
                    for (int user; (user = Interlocked.Increment(ref next) - 1) <= last; )
                    {
                        await client.CreateUserAsync(
                            new JsonObject
                            {
                                ["schemas"] = new JsonArray(TravelPerkSchema.CoreUser),
                                ["userName"] = $"user{user}@example.com",
                                ["name"] = new JsonObject { ["givenName"] = "Given", ["familyName"] = "Family" },
                                ["active"] = true,
                            },
                            None
                        );
                    }
                })
        );
        await _time.DriveAsync(all);
        await all;
    }

    /// <summary>Answers each request when the test says, and how.</summary>
    private sealed class HeldServer : IDisposable
    {
        /// <summary>The user who was asked for.</summary>
        public static readonly Reply User = new();

        private readonly ConcurrentDictionary<string, TaskCompletionSource<Reply>> _answers = new(StringComparer.Ordinal);
        private readonly SemaphoreSlim _arrived = new(0);

        public HeldServer() =>
            Server = new ScriptedServer(request =>
            {
                _arrived.Release();
                return Held(request.Path).Task;
            });

        public ScriptedServer Server { get; }

        /// <summary>As many requests as there are callers, all at the server.</summary>
        public async Task<Task[]> FillAsync(ScimClient client)
        {
            Task[] calls = [.. Enumerable.Range(0, Callers).Select(i => client.FindUserAsync($"{i}", None))];
            await ArriveAsync(Callers);
            return calls;
        }

        public async Task ArriveAsync(int requests)
        {
            for (int i = 0; i < requests; i++)
                Assert.True(await _arrived.WaitAsync(TimeSpan.FromSeconds(20)));
        }

        public void Answer(int user, Reply reply) =>
            Held($"Users/{user}").TrySetResult(reply == User ? new Reply(200, $"{{\"id\":\"{user}\"}}") : reply);

        public void Dispose()
        {
            Server.Dispose();
            _arrived.Dispose();
        }

        private TaskCompletionSource<Reply> Held(string path) =>
            _answers.GetOrAdd(path, _ => new TaskCompletionSource<Reply>(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}

using System.Net;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox;

namespace TravelPerkScim.Scim.Tests.Client.Rate;

/// <summary>A server that bears only so many requests at once: how many are sent, how many it refuses, and that nobody is left waiting.</summary>
public sealed class ConcurrencyTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task An_overloaded_server_gets_what_it_bears_and_everything_is_done(int bears)
    {
        const int Callers = 12, Users = 200;
        await using var sandbox = TravelPerkSandbox.Start(new SandboxOptions { ConcurrencyLimit = bears, Latency = TimeSpan.FromMilliseconds(5) });
        using var key = sandbox.GetApiKey();
        using var credential = ScimCredential.ApiKey(key);
        using var client = new ScimClient(new ScimClientOptions { BaseUri = sandbox.BaseUri }, credential);
        int left = Users;

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => CreateAsync()));

        Assert.Equal(Users, sandbox.UserCount);
        Assert.InRange(client.Rate.Concurrency!.Value, 1, bears + 1);
        long refused = sandbox.RequestCounts.Where(count => count.Status == HttpStatusCode.ServiceUnavailable).Sum(count => count.Count);
        // The first burst, one halving after the other, and ever rarer tries of one more; callers who storm it are refused many times as often.
        Assert.InRange(refused, 1, 40);

        async Task CreateAsync()
        {
            for (int user; (user = Interlocked.Decrement(ref left)) >= 0;)
                await client.CreateUserAsync(Body(user), CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_server_that_is_never_overloaded_holds_nobody_back()
    {
        await using var sandbox = TravelPerkSandbox.Start(new SandboxOptions { Latency = TimeSpan.FromMilliseconds(5) });
        using var key = sandbox.GetApiKey();
        using var credential = ScimCredential.ApiKey(key);
        using var client = new ScimClient(new ScimClientOptions { BaseUri = sandbox.BaseUri }, credential);

        await Task.WhenAll(Enumerable.Range(0, 40).Select(user => client.CreateUserAsync(Body(user), CancellationToken.None)));

        Assert.Equal(40, sandbox.UserCount);
        Assert.Null(client.Rate.Concurrency);
    }

    [Fact]
    public async Task Whoever_waits_for_a_place_can_be_stopped_and_takes_none_with_them()
    {
        var gate = new ConcurrencyGate();
        Overload(gate, 2);
        Assert.Equal(1, gate.Limit);
        ConcurrencyGate.Place first = await gate.EnterAsync(CancellationToken.None);
        using var stop = new CancellationTokenSource();
        Task stopped = gate.EnterAsync(stop.Token).AsTask();
        Task<ConcurrencyGate.Place> next = gate.EnterAsync(CancellationToken.None).AsTask();

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped.WaitAsync(s_soon));
        Assert.False(next.IsCompleted);
        first.Dispose();

        (await next.WaitAsync(s_soon)).Dispose();
        (await gate.EnterAsync(CancellationToken.None).AsTask().WaitAsync(s_soon)).Dispose();
    }

    [Fact]
    public void Overload_halves_once_however_many_requests_tell_of_it()
    {
        var search = new ConcurrencySearch();
        int epoch = search.Epoch;

        for (int underWay = 8; underWay > 0; underWay--)
            search.Overloaded(underWay, epoch);

        Assert.Equal(4, search.Limit);
        search.Overloaded(4, search.Epoch);
        Assert.Equal(2, search.Limit);
        search.Overloaded(1, search.Epoch);
        search.Overloaded(1, search.Epoch);
        Assert.Equal(1, search.Limit);
    }

    [Fact]
    public void What_a_server_bears_is_found_and_tried_beyond_ever_more_rarely()
    {
        const int Bears = 5;
        var search = new ConcurrencySearch();
        int refused = 0;
        List<int> refusedAt = [];
        for (int request = 0; request < 20_000; request++)
        {
            int underWay = Math.Min(search.Limit, 12);
            if (underWay > Bears)
            {
                search.Overloaded(underWay, search.Epoch);
                refused++;
                refusedAt.Add(request);
            }
            else
            {
                search.Answered(atLimit: true, search.Epoch);
            }
        }

        Assert.Equal(Bears, search.Limit);
        Assert.True(refused < 80, $"{refused} refused, at {string.Join(", ", refusedAt)}");
        Assert.True(refusedAt[^1] - refusedAt[^2] > 10 * (refusedAt[2] - refusedAt[1]), $"refused at {string.Join(", ", refusedAt)}");
    }

    [Fact]
    public void A_server_that_recovers_gets_more_again()
    {
        var search = new ConcurrencySearch();
        search.Overloaded(16, search.Epoch);
        search.Overloaded(8, search.Epoch);
        Assert.Equal(4, search.Limit);

        for (int request = 0; request < 200; request++)
            search.Answered(atLimit: true, search.Epoch);

        Assert.InRange(search.Limit, 16, 64);
    }

    [Fact]
    public void Answers_that_the_limit_did_not_bound_do_not_raise_it()
    {
        var search = new ConcurrencySearch();
        search.Overloaded(8, search.Epoch);

        for (int request = 0; request < 1000; request++)
            search.Answered(atLimit: false, search.Epoch);

        Assert.Equal(4, search.Limit);
    }

    private static void Overload(ConcurrencyGate gate, int underWay)
    {
        ConcurrencyGate.Place[] places = [.. Enumerable.Range(0, underWay).Select(_ => gate.EnterAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult())];
        foreach (ConcurrencyGate.Place place in places)
            place.Sent();
        foreach (ConcurrencyGate.Place place in places)
        {
            place.Ended(overloaded: true);
            place.Dispose();
        }
    }

    private static JsonObject Body(int user) => new()
    {
        ["schemas"] = new JsonArray(TravelPerkSchema.CoreUser),
        ["userName"] = $"user{user}@example.com",
        ["name"] = new JsonObject { ["givenName"] = "Given", ["familyName"] = $"Family{user}" },
        ["active"] = true,
    };
}

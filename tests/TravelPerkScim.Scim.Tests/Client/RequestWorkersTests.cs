using System.Security;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Dialect;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Scim.Tests.Client;

/// <summary>Work with many requests, on as many tasks as the service answers without slowing down.</summary>
public sealed class RequestWorkersTests : IAsyncDisposable
{
    private readonly TravelPerkSandbox _sandbox = TravelPerkSandbox.Start(new SandboxOptions { Latency = TimeSpan.FromMilliseconds(50) });
    private readonly SecureString _key;
    private readonly ScimCredential _credential;
    private readonly ScimClient _client;

    public RequestWorkersTests()
    {
        _key = _sandbox.GetApiKey();
        _credential = ScimCredential.ApiKey(_key);
        _client = new ScimClient(new ScimClientOptions { BaseUri = _sandbox.BaseUri }, _credential);
    }

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task A_service_that_answers_as_fast_gets_more_requests_at_once_and_the_number_is_told_and_remembered()
    {
        var atOnce = new Peak();

        await new RequestWorkers(_client, 64).ForEachAsync(Enumerable.Range(1, 400), (_, token) => FindAsync(atOnce, token), None);

        Assert.InRange(atOnce.Most, 12, 64);
        Assert.InRange(_client.Rate.Concurrency, 12, 64);
        int learned = _client.Dialect.Concurrency!.Value;
        using var next = new ScimClient(new ScimClientOptions { BaseUri = _sandbox.BaseUri }, _credential);
        next.Recall(_client.Dialect);
        Assert.Equal(learned, next.Rate.Concurrency);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task The_callers_number_is_never_exceeded(int most)
    {
        var atOnce = new Peak();

        await new RequestWorkers(_client, most).ForEachAsync(Enumerable.Range(1, 40), (_, token) => FindAsync(atOnce, token), None);

        Assert.Equal(most, atOnce.Most);
    }

    [Fact]
    public async Task Fewer_tasks_work_on_when_the_number_shrinks_and_every_item_is_worked_on_once()
    {
        _client.Recall(new ScimDialect { Concurrency = 40 });
        var seen = new List<int>();
        var atOnce = new Peak();
        int most = 0;

        await new RequestWorkers(_client, 64).ForEachAsync(
            Enumerable.Range(1, 600),
            async (item, token) =>
            {
                if (item == 100)
                    _sandbox.ConcurrencyLimit = 10;
                await FindAsync(atOnce, token);
                lock (seen)
                {
                    seen.Add(item);
                    if (item > 500)
                        most = Math.Max(most, atOnce.Now);
                }
            },
            None
        );

        Assert.Equal(Enumerable.Range(1, 600), seen.Order());
        // The number may grow before the service shows its limit, up to the caller's.
        Assert.InRange(atOnce.Most, 30, 64);
        Assert.InRange(most, 1, 24);
    }

    [Fact]
    public async Task The_exception_of_one_item_ends_the_others_and_is_thrown_when_all_have_ended()
    {
        int underWay = 0;

        InvalidOperationException thrown = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            new RequestWorkers(_client, 8).ForEachAsync(
                Enumerable.Range(1, 100),
                async (item, token) =>
                {
                    Interlocked.Increment(ref underWay);
                    try
                    {
                        if (item == 5)
                            throw new InvalidOperationException("item 5");
                        await Task.Delay(Timeout.Infinite, token);
                    }
                    finally
                    {
                        Interlocked.Decrement(ref underWay);
                    }
                },
                None
            )
        );

        Assert.Equal("item 5", thrown.Message);
        Assert.Equal(0, underWay);
    }

    [Fact]
    public async Task A_cancelled_caller_is_told_and_no_item_is_begun()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        bool begun = false;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new RequestWorkers(_client, 8).ForEachAsync(Enumerable.Range(1, 9), (_, _) => Task.FromResult(begun = true), cancelled.Token)
        );

        Assert.False(begun);
    }

    [Fact]
    public async Task No_items_are_no_work() =>
        await new RequestWorkers(_client, 8).ForEachAsync(Array.Empty<int>(), (_, _) => throw new InvalidOperationException(), None);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _credential.Dispose();
        _key.Dispose();
        await _sandbox.DisposeAsync();
    }

    private async Task FindAsync(Peak atOnce, CancellationToken cancellationToken)
    {
        using (atOnce.Enter())
        {
            ScimUser? found = await _client.FindUserAsync("missing", cancellationToken);
            Assert.Null(found);
        }
    }

    /// <summary>Counts what is under way.</summary>
    private sealed class Peak : IDisposable
    {
        private readonly object _gate = new();

        public int Now { get; private set; }

        public int Most { get; private set; }

        public Peak Enter()
        {
            lock (_gate)
                Most = Math.Max(Most, ++Now);
            return this;
        }

        public void Dispose()
        {
            lock (_gate)
                Now--;
        }
    }
}

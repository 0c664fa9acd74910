using System.Security;
using Microsoft.Extensions.Time.Testing;
using TravelPerkScim.Scim.Client;

namespace TravelPerkScim.Scim.Tests.Client.Rate;

/// <summary>A client with eight callers on a limited server. Every wait is a timer of the same clock and every continuation runs where it
/// fires, so that nothing depends on the machine.</summary>
internal sealed class RateFixture : IDisposable
{
    private readonly ScimCredential _credential = ScimCredential.ApiKey(Key());
    private readonly DateTimeOffset _began;

    public RateFixture(Limiter? limiter, RetryAfterForm form, int wayMilliseconds, int workMilliseconds = 0)
    {
        _began = Time.GetUtcNow();
        Server = new LimitedServer(
            Time,
            limiter,
            form,
            TimeSpan.FromMilliseconds(wayMilliseconds),
            TimeSpan.FromMilliseconds(workMilliseconds)
        );
        Client = new ScimClient(
            new ScimClientOptions
            {
                BaseUri = new Uri("http://127.0.0.1/scim"),
                Handler = Server,
                TimeProvider = Time,
                Random = new Random(1),
            },
            _credential
        );
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public LimitedServer Server { get; }

    public ScimClient Client { get; }

    /// <summary>How long the runs took.</summary>
    public double Seconds => (Time.GetUtcNow() - _began).TotalSeconds;

    public Task RunAsync(int requests, int callers = 8) =>
        Task.Run(() =>
        {
            int left = requests;
            Task[] work = [.. Enumerable.Range(0, callers).Select(_ => CallAsync())];
            var all = Task.WhenAll(work);
            while (!all.IsCompleted)
                Time.Advance(TimeSpan.FromMilliseconds(1));
            return all;

            async Task CallAsync()
            {
                while (left-- > 0)
                    await Client.FindUserAsync("29", CancellationToken.None).ConfigureAwait(false);
            }
        });

    private static SecureString Key()
    {
        var key = new SecureString();
        key.AppendChar('k');
        return key;
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
        _credential.Dispose();
    }
}

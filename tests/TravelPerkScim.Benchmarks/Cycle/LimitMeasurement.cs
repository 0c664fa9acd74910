using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Benchmarks;

/// <summary>Eight callers create users on a server that takes 25 requests/s and refuses the rest with 429 and Retry-After, over a loopback
/// socket, in real time.</summary>
internal sealed class LimitMeasurement : IMeasurement
{
    private const int Limit = 25,
        Callers = 8;

    public string Verb => "limit";

    public string Summary => "Throughput under a limit of 25 requests/s, in real time. [--seconds 40]";

    public IReadOnlyList<Figure> Run(Arguments arguments) => RunAsync(arguments.Number("seconds", 40)).GetAwaiter().GetResult();

    private static async Task<IReadOnlyList<Figure>> RunAsync(int seconds)
    {
        await using var sandbox = TravelPerkSandbox.Start(new SandboxOptions { RateLimit = Limit });
        using System.Security.SecureString key = sandbox.GetApiKey();
        using var credential = ScimCredential.ApiKey(key);
        long began = Stopwatch.GetTimestamp();
        int late = 0,
            lateRefused = 0;
        using var client = new ScimClient(new ScimClientOptions { BaseUri = sandbox.BaseUri, Trace = Count }, credential);
        int left = seconds * Limit;
        int users = left;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => CreateAsync()));
        double took = Stopwatch.GetElapsedTime(began).TotalSeconds;

        return
        [
            new Figure(
                "limit.throughput",
                users / took / Limit,
                "of the limit",
                Goal.NoLessThan(0.97),
                string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"a limit of {Limit} requests/s, {users} users in {took:0.0} s; "
                        + $"{(users - Limit) / took / Limit:0.00} without the burst that the server allows at the start"
                )
            ),
            new Figure(
                "limit.refused",
                100.0 * lateRefused / Math.Max(1, late),
                "% of answers 429",
                Goal.NoMoreThan(1),
                $"{client.Rate.TooManyRequests} of {client.Rate.Requests} in all; this counts from the tenth second on"
            ),
        ];

        async Task CreateAsync()
        {
            for (int user; (user = Interlocked.Decrement(ref left)) >= 0; )
                await client.CreateUserAsync(Body(user), CancellationToken.None);
        }

        void Count(ScimRequestTrace request)
        {
            if (Stopwatch.GetElapsedTime(began).TotalSeconds < 10)
                return;
            Interlocked.Increment(ref late);
            if (request.Status == HttpStatusCode.TooManyRequests)
                Interlocked.Increment(ref lateRefused);
        }
    }

    private static JsonObject Body(int user) =>
        new()
        {
            ["schemas"] = new JsonArray(TravelPerkSchema.CoreUser),
            ["userName"] = $"user{user}@example.com",
            ["name"] = new JsonObject { ["givenName"] = "Given", ["familyName"] = $"Family{user}" },
            ["active"] = true,
        };
}

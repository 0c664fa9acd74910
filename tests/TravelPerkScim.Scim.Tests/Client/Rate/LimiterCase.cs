using TravelPerkScim.Scim.Client.Rate;

namespace TravelPerkScim.Scim.Tests.Client.Rate;

/// <summary>A kind of limiter that servers have, and the fixed policies that a client could be set to who knew it.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Limiter">Makes it.</param>
/// <param name="Form">How it asks to wait.</param>
/// <param name="Requests">How many are sent.</param>
/// <param name="Knowing">Requests per second that it lets through, or requests at once; 0 where neither is what it counts.</param>
internal sealed record LimiterCase(string Name, Func<Limiter> Limiter, RetryAfterForm Form, int Requests, double Knowing = 0)
{
    public const int Callers = 8;

    public const int LatencyMilliseconds = 20;

    public static IReadOnlyList<LimiterCase> All { get; } =
    [
        new("token bucket", () => new TokenBucket(25, 25), RetryAfterForm.Seconds, 7500, 25),
        new("fixed window", () => new FixedWindow(25, 1), RetryAfterForm.Seconds, 7500, 25),
        new("sliding window", () => new SlidingWindow(25, 1), RetryAfterForm.Seconds, 7500, 25),
        new("at once", () => new AtOnce(3), RetryAfterForm.Seconds, 30_000, 3),
        new("per minute", () => new FixedWindow(600, 60), RetryAfterForm.Seconds, 12_000, 10),
        new("by chance", () => new ByChance(0.1), RetryAfterForm.Seconds, 20_000),
        new("each tenth", () => new EachOf(10), RetryAfterForm.Seconds, 15_000),
        new("growing penalty", () => new GrowingPenalty(new TokenBucket(25, 25)), RetryAfterForm.Seconds, 7500, 25),
        new("no header", () => new TokenBucket(25, 25), RetryAfterForm.None, 7500, 25),
        new("date", () => new TokenBucket(25, 25), RetryAfterForm.Date, 7500, 25),
    ];

    /// <summary>How a client would be set by somebody who knows the server: a little below the limit or just at it, or by the answers
    /// alone; and as many callers as are allowed at once.</summary>
    private IEnumerable<FixedPolicy> Policies =>
        from callers in new[] { Callers, Knowing is > 0 and < Callers ? (int)Knowing : Callers }.Distinct()
        from pace in Knowing > 0
            ? new[] { double.PositiveInfinity, Knowing, 0.99 * Knowing, 0.95 * Knowing, 0.9 * Knowing }
            : [double.PositiveInfinity]
        from together in new[] { false, true }
        select new FixedPolicy(callers, pace, together);

    /// <summary>The fixed policy that is done first, and when.</summary>
    public (FixedPolicy Policy, double Seconds) Best() => Policies.Select(policy => (policy, Run(policy))).MinBy(run => run.Item2);

    /// <summary>Seconds that a fixed policy takes.</summary>
    public double Run(FixedPolicy policy) => policy.Run(Limiter(), Form, LatencyMilliseconds / 1000.0, Requests);

    /// <summary>Seconds that a client takes.</summary>
    public async Task<(double Seconds, ScimRate Rate)> RunAsync()
    {
        using var fixture = new RateFixture(Limiter(), Form, 0, LatencyMilliseconds);
        await fixture.RunAsync(Requests, Callers);
        return (fixture.Seconds, fixture.Client.Rate);
    }

    public override string ToString() => Name;
}

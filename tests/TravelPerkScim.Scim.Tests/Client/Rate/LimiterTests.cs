using System.Globalization;
using TravelPerkScim.Scim.Client.Rate;

namespace TravelPerkScim.Scim.Tests.Client.Rate;

/// <summary>In virtual time: a client that knows nothing of the server beside the fixed policy that suits the server best.</summary>
public sealed class LimiterTests
{
    public static TheoryData<string> Names => [.. LimiterCase.All.Select(limiter => limiter.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task No_kind_of_limit_makes_it_much_slower_than_the_best_fixed_policy(string name)
    {
        LimiterCase limiter = LimiterCase.All.Single(known => known.Name == name);
        (FixedPolicy policy, double best) = limiter.Best();

        (double seconds, ScimRate rate) = await limiter.RunAsync();

        Assert.True(
            best / seconds >= 0.9,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{limiter.Requests} requests took {seconds:0} s, and {best:0} s with {policy}: {best / seconds:0.000}; {rate}"
            )
        );
    }

    [Theory]
    [InlineData(10, 300)]
    [InlineData(3, 300)]
    [InlineData(100, 3000)]
    public async Task Refusals_that_no_pace_avoids_cost_no_more_than_what_the_server_asks_for(int each, int requests)
    {
        double naive = new FixedPolicy(8, double.PositiveInfinity, Together: true).Run(
            new EachOf(each),
            RetryAfterForm.Seconds,
            0.02,
            requests
        );
        using var fixture = new RateFixture(new EachOf(each), RetryAfterForm.Seconds, 0, 20);

        await fixture.RunAsync(requests);

        Assert.True(
            naive / fixture.Seconds >= 0.9,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{requests} requests took {fixture.Seconds:0} s, and {naive:0} s by what the server asks for; {fixture.Client.Rate}"
            )
        );
    }

    [Theory]
    [InlineData(0.3, 300)]
    [InlineData(0.1, 300)]
    [InlineData(0.1, 3000)]
    [InlineData(0.03, 3000)]
    [InlineData(0.01, 10_000)]
    public async Task Refusals_by_chance_cost_no_more_than_what_the_server_asks_for(double share, int requests)
    {
        double naive = 0,
            took = 0;
        for (int seed = 1; seed <= 8; seed++)
        {
            double alone = new FixedPolicy(8, double.PositiveInfinity, Together: true).Run(
                new ByChance(share, seed),
                RetryAfterForm.Seconds,
                0.02,
                requests
            );
            using var fixture = new RateFixture(new ByChance(share, seed), RetryAfterForm.Seconds, 0, 20);
            await fixture.RunAsync(requests);
            naive += alone;
            took += fixture.Seconds;
        }

        Assert.True(
            naive / took >= 0.9,
            string.Create(CultureInfo.InvariantCulture, $"{requests} requests took {took:0} s, and {naive:0} s by what the server asks for")
        );
    }
}

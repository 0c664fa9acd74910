using System.Globalization;
using TravelPerkScim.Scim.Client.Rate;

namespace TravelPerkScim.Scim.Tests.Client.Rate;

/// <summary>In virtual time, all on one thread: how long many requests take on a server with a limit, and how many it refuses.</summary>
public sealed class RateTests
{
    [Theory]
    // limit, burst or window; Retry-After; requests; milliseconds of latency; share of the limit that is reached, the search for it
    // included
    [InlineData("bucket 25 25", "Seconds", 750, 0, 0.97)]
    [InlineData("bucket 25 25", "Seconds", 1500, 20, 0.97)]
    [InlineData("bucket 25 25", "Seconds", 1500, 150, 0.97)]
    [InlineData("bucket 25 25", "Date", 6000, 20, 0.97)]
    [InlineData("bucket 25 25", "None", 1500, 20, 0.97)]
    [InlineData("bucket 25 5", "Seconds", 12000, 20, 0.96)]
    [InlineData("bucket 25 250", "Seconds", 1500, 20, 0.97)]
    [InlineData("bucket 10 100", "None", 1500, 20, 0.97)]
    [InlineData("bucket 300 300", "Seconds", 18000, 5, 0.97)]
    [InlineData("bucket 1.5 60", "Seconds", 600, 50, 0.97)]
    [InlineData("fixed 25 1", "Seconds", 12000, 20, 0.97)]
    [InlineData("fixed 25 1", "None", 12000, 20, 0.91)]
    [InlineData("fixed 100 60", "Seconds", 3000, 20, 0.97)]
    [InlineData("sliding 25 1", "Seconds", 12000, 20, 0.95)]
    [InlineData("sliding 25 1", "Date", 12000, 20, 0.93)]
    [InlineData("sliding 100 60", "Seconds", 3000, 20, 0.93)]
    [InlineData("sliding 600 60", "Date", 6000, 20, 0.97)]
    public async Task A_limit_is_used_to_the_brim_and_not_stormed(string shape, string retryAfter, int requests, int latency, double share)
    {
        (LimitedServer server, double seconds, double limit) = await RunAsync(shape, retryAfter, requests, latency);

        Assert.True(
            seconds <= requests / limit / share,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{requests} requests took {seconds:0.0} s: {requests / seconds / limit:0.000} of the limit; {Timeline(server)}"
            )
        );
        Assert.True(
            server.RefusedShareAfter(10) < 0.01,
            string.Create(CultureInfo.InvariantCulture, $"{server.RefusedShareAfter(10):0.000} refused; {Timeline(server)}")
        );
    }

    [Theory]
    [InlineData(100, 240)]
    [InlineData(12, 130)]
    public async Task A_limit_that_changes_is_found_again(double perSecond, double within)
    {
        var bucket = new TokenBucket(25, 25);
        using var fixture = new RateFixture(bucket, RetryAfterForm.Seconds, 20);
        await fixture.RunAsync(2000);

        bucket.PerSecond = perSecond;
        double began = fixture.Seconds;
        await fixture.RunAsync((int)(perSecond * 100));

        Assert.InRange(fixture.Seconds - began, 100 * 0.97, within);
        Assert.InRange(fixture.Client.Rate.Limit!.Value, 0.9 * perSecond, 1.1 * perSecond);
    }

    [Fact]
    public async Task A_server_without_a_limit_is_not_slowed_down()
    {
        using var fixture = new RateFixture(null, RetryAfterForm.Seconds, 20);

        await fixture.RunAsync(8000);

        Assert.Equal(20, fixture.Seconds, 0.01);
        ScimRate rate = fixture.Client.Rate;
        Assert.Equal((8000L, 0L, (double?)null), (rate.Requests, rate.TooManyRequests, rate.Limit));
        Assert.InRange(rate.PerSecond, 350, 401);
    }

    [Fact]
    public async Task The_rate_tells_what_was_sent_and_refused_and_what_the_pace_is()
    {
        using var fixture = new RateFixture(new TokenBucket(25, 25), RetryAfterForm.Seconds, 20);

        await fixture.RunAsync(1000);

        ScimRate rate = fixture.Client.Rate;
        Assert.Equal(fixture.Server.Answers.Count, rate.Requests);
        Assert.Equal(fixture.Server.Answers.Count(a => a.Refused), rate.TooManyRequests);
        Assert.InRange(rate.PerSecond, 23, 27);
        Assert.InRange(rate.Limit!.Value, 24, 26);
        Assert.Equal(fixture.Client.RequestCount, rate.Requests);
    }

    private static string Timeline(LimitedServer server) =>
        "refused at "
        + string.Join(
            " ",
            server
                .Answers.Where(a => a.Refused)
                .GroupBy(a => Math.Round(a.At, 1))
                .Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Key}x{g.Count()}"))
        );

    private static async Task<(LimitedServer Server, double Seconds, double Limit)> RunAsync(
        string shape,
        string retryAfter,
        int requests,
        int latency
    )
    {
        string[] words = shape.Split(' ');
        double first = double.Parse(words[1], CultureInfo.InvariantCulture),
            second = double.Parse(words[2], CultureInfo.InvariantCulture);
        Limiter limiter = words[0] switch
        {
            "bucket" => new TokenBucket(first, second),
            "fixed" => new FixedWindow((int)first, second),
            _ => new SlidingWindow((int)first, second),
        };
        using var fixture = new RateFixture(limiter, Enum.Parse<RetryAfterForm>(retryAfter), latency);
        await fixture.RunAsync(requests);
        return (fixture.Server, fixture.Seconds, words[0] == "bucket" ? first : first / second);
    }
}

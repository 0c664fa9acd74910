using System.Net;
using Microsoft.Extensions.Time.Testing;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Tests;

public sealed class RateLimitTests
{
    [Theory]
    [InlineData(0.25, "4")]
    [InlineData(2.0, "1")]
    public async Task Past_the_burst_the_server_says_when_to_come_back_and_keeps_its_word(double perSecond, string retryAfter)
    {
        FakeTimeProvider clock = new();
        await using var server = Server.Start(
            new SandboxOptions
            {
                RateLimit = perSecond,
                RateLimitBurst = 3,
                TimeProvider = clock,
            }
        );
        for (int i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("Users")).Status);

        Answer refused = await server.PostAsync(Server.User("a@x.com"));

        refused.AssertError(HttpStatusCode.TooManyRequests, null, "Request was throttled.");
        Assert.Equal([retryAfter], refused.Headers.GetValues("Retry-After"));
        Assert.Equal(0, server.Sandbox.UserCount);
        clock.Advance(TimeSpan.FromSeconds(1 / perSecond));
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("Users")).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await server.GetAsync("Users")).Status);
    }

    [Fact]
    public async Task Strangers_do_not_spend_the_budget()
    {
        await using var server = Server.Start(
            new SandboxOptions
            {
                RateLimit = 1,
                RateLimitBurst = 1,
                TimeProvider = new FakeTimeProvider(),
            }
        );
        using HttpClient stranger = new() { BaseAddress = server.Sandbox.BaseUri };

        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync("Users")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync("Users")).StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("Users")).Status);
    }

    [Fact]
    public async Task Without_a_burst_one_seconds_worth_comes_at_once()
    {
        await using var server = Server.Start(new SandboxOptions { RateLimit = 4.5, TimeProvider = new FakeTimeProvider() });

        Answer[] answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => server.GetAsync("Users")));

        Assert.Equal(5, answers.Count(answer => answer.Status == HttpStatusCode.OK));
    }

    [Theory]
    [InlineData(0, null, 100, 25)]
    [InlineData(double.NaN, null, 100, 25)]
    [InlineData(1, 0, 100, 25)]
    [InlineData(1, 1, 0, 25)]
    [InlineData(1, 1, 100, 0)]
    public void Numbers_that_no_server_could_keep_to_are_refused(double limit, int? burst, int cap, int size) =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            TravelPerkSandbox.Start(
                new SandboxOptions
                {
                    RateLimit = limit,
                    RateLimitBurst = burst,
                    PageCap = cap,
                    DefaultPageSize = size,
                }
            )
        );
}

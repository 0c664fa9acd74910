using System.Net;
using Microsoft.Extensions.Time.Testing;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Tests;

public sealed class ConcurrencyLimitTests
{
    [Fact]
    public async Task A_request_that_finds_all_workers_busy_is_refused_and_does_nothing()
    {
        FakeTimeProvider clock = new();
        await using var server = Server.Start(
            new SandboxOptions
            {
                ConcurrencyLimit = 2,
                Latency = TimeSpan.FromSeconds(5),
                TimeProvider = clock,
            }
        );
        Task<Answer>[] working = [server.GetAsync("Users"), server.GetAsync("Users")];
        await ReachedAsync(server, 2);

        Task<Answer> refused = server.PostAsync(Server.User("a@x.com"));
        await ReachedAsync(server, 3);
        await AdvanceAsync(clock, [.. working, refused]);

        (await refused).AssertError(HttpStatusCode.ServiceUnavailable, null, "The service is busy.");
        Assert.False((await refused).Headers.Contains("Retry-After"));
        Assert.Equal(0, server.Sandbox.UserCount);
        Assert.All(await Task.WhenAll(working), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
    }

    [Fact]
    public async Task One_after_the_other_passes_and_the_limit_can_be_changed_while_it_runs()
    {
        await using var server = Server.Start(new SandboxOptions { ConcurrencyLimit = 1 });
        for (int i = 0; i < 20; i++)
            Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("Users")).Status);

        server.Sandbox.ConcurrencyLimit = null;

        Assert.All(
            await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => server.GetAsync("Users"))),
            answer => Assert.Equal(HttpStatusCode.OK, answer.Status)
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => server.Sandbox.ConcurrencyLimit = 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => TravelPerkSandbox.Start(new SandboxOptions { ConcurrencyLimit = 0 }));
    }

    private static async Task ReachedAsync(Server server, int requests)
    {
        while (server.Sandbox.RequestCount < requests)
            await Task.Yield();
    }

    // A request is counted a moment before it begins to wait.
    private static async Task AdvanceAsync(FakeTimeProvider clock, Task[] tasks)
    {
        var all = Task.WhenAll(tasks);
        while (!all.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }
}

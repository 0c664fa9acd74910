using System.Diagnostics;
using System.Net;
using System.Security;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Tests;

public sealed class TransportTests
{
    [Fact]
    public async Task The_address_is_loopback_and_each_sandbox_has_its_own()
    {
        await using Server one = Server.Start(),
            other = Server.Start();
        _ = await one.CreateAsync("a@x.com");

        Assert.Matches(@"^http://127\.0\.0\.1:\d+/api/v2/scim/$", one.Sandbox.BaseUri.AbsoluteUri);
        Assert.NotEqual(one.Sandbox.BaseUri, other.Sandbox.BaseUri);
        Assert.Equal(0, other.Sandbox.UserCount);
    }

    [Fact]
    public async Task Stopping_takes_less_than_a_second_and_cuts_what_is_under_way()
    {
        var server = Server.Start(SandboxBehavior.SlowHeaders, 600);
        Task<Answer> pending = server.GetAsync("Users");
        while (server.Sandbox.RequestCount == 0)
            await Task.Yield();
        var watch = Stopwatch.StartNew();

        await server.Sandbox.DisposeAsync();

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<HttpRequestException>(() => pending);
        await Assert.ThrowsAsync<HttpRequestException>(() => server.GetAsync("Users"));
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Hundreds_of_clients_at_once_are_answered()
    {
        await using var server = Server.Start();
        server.Sandbox.Seed(300);

        Answer[] answers = await Task.WhenAll(Enumerable.Range(1, 300).Select(id => server.GetAsync($"Users/{id}")));

        Assert.Equal(Enumerable.Range(1, 300).Select(id => $"{id}"), answers.Select(answer => answer.Value("id")));
    }

    [Fact]
    public async Task A_slow_answer_holds_up_no_other_request()
    {
        FakeTimeProvider clock = new();
        await using var server = Server.Start(new SandboxOptions { TimeProvider = clock });
        server.Sandbox.SetBehavior(SandboxBehavior.SlowHeaders, true, 20);
        Task<Answer>[] slow = [.. Enumerable.Range(0, 20).Select(_ => server.GetAsync("Users"))];
        while (server.Sandbox.RequestCount < 20)
            await Task.Yield();
        server.Sandbox.SetBehavior(SandboxBehavior.SlowHeaders, false);

        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("Users")).Status);

        Assert.DoesNotContain(slow, answer => answer.IsCompleted);
        while (!slow.All(answer => answer.IsCompleted))
        {
            clock.Advance(TimeSpan.FromSeconds(20));
            await Task.Yield();
        }
        Assert.All(await Task.WhenAll(slow), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
    }

    [Fact]
    public async Task The_handler_answers_as_the_socket_does()
    {
        await using var server = Server.Start();
        _ = await server.CreateAsync("a@x.com");
        using HttpClient direct = Direct(server);

        foreach (
            string path in (string[])["Users", "Users/1", "Users/2", "Schemas", "Users?filter=userName%20eq%20%22A%40x.com%22&count=5"]
        )
        {
            using HttpResponseMessage response = await direct.GetAsync(path);
            Answer expected = await server.GetAsync(path),
                actual = await Answer.ReadAsync(response);
            Assert.Equal(expected.Status, actual.Status);
            Assert.Equal(expected.Text, actual.Text);
            Assert.Equal(expected.ContentType, actual.ContentType);
            Assert.Equal(expected.ContentHeaders.ContentLocation, actual.ContentHeaders.ContentLocation);
        }
    }

    [Fact]
    public async Task The_handler_writes_refuses_and_breaks_off_too()
    {
        await using var server = Server.Start();
        using HttpClient direct = Direct(server);
        using StringContent body = new(Server.User("a@x.com"), Encoding.UTF8, "application/json");

        using HttpResponseMessage created = await direct.PostAsync("Users", body);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(new Uri(server.Sandbox.BaseUri, "Users/1"), created.Headers.Location);
        using HttpResponseMessage refused = await direct.DeleteAsync("Schemas");
        Assert.Equal(["GET", "HEAD"], refused.Content.Headers.Allow);
        server.Sandbox.SetBehavior(SandboxBehavior.AnswerLostAfterWrite, true);
        await Assert.ThrowsAsync<HttpRequestException>(() => direct.DeleteAsync("Users/1"));

        Assert.Equal(0, server.Sandbox.UserCount);
    }

    private static HttpClient Direct(Server server)
    {
        HttpClient direct = new(server.Sandbox.CreateHandler()) { BaseAddress = server.Sandbox.BaseUri };
        using SecureString key = server.Sandbox.GetApiKey();
        direct.DefaultRequestHeaders.Add("Authorization", "ApiKey " + Server.Reveal(key));
        direct.DefaultRequestHeaders.Add("Api-Version", "1");
        return direct;
    }
}

using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Tests;

public sealed class WriteTests
{
    private const string ManagedBy1 = $"\"{Server.Enterprise}\":{{\"manager\":{{\"value\":\"1\"}}}}";

    [Fact]
    public async Task PUT_replaces_everything_a_client_may_write()
    {
        FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var server = Server.Start(new SandboxOptions { TimeProvider = clock });
        string id = await server.CreateAsync("a@x.com", "\"title\":\"Old\",\"externalId\":\"e1\",\"active\":false");
        clock.Advance(TimeSpan.FromSeconds(5));

        Answer answer = await server.SendAsync(
            "PUT",
            "Users/" + id,
            $$"""{"schemas":["{{Server.Core}}"],"id":"77","userName":"b@x.com","name":{"givenName":"A","familyName":"B"},"locale":"fr"}"""
        );

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Answer.AssertJson(
            $$"""
            {"schemas":["{{Server.Core}}"],"id":"{{id}}","userName":"b@x.com","name":{"givenName":"A","familyName":"B"},"locale":"fr","active":true,"groups":[],
             "meta":{"resourceType":"User","created":"2026-01-01T00:00:00.000Z","lastModified":"2026-01-01T00:00:05.000Z","location":"{{server.Sandbox.BaseUri}}Users/{{id}}"} }
            """,
            answer.Json
        );
        Assert.Empty((await server.FilterAsync("userName eq \"a@x.com\"")).UserNames);
        Assert.Empty((await server.FilterAsync("externalId eq \"e1\"")).UserNames);
        Assert.Equal(["b@x.com"], (await server.FilterAsync("userName eq \"b@x.com\"")).UserNames);
    }

    [Fact]
    public async Task PUT_keeps_the_rules_of_POST()
    {
        await using var server = Server.Start();
        _ = await server.CreateAsync("a@x.com");
        string id = await server.CreateAsync("b@x.com");

        (await server.SendAsync("PUT", "Users/" + id, Server.User("A@X.com"))).AssertError(HttpStatusCode.Conflict, "uniqueness");
        (await server.SendAsync("PUT", "Users/" + id, $$"""{"schemas":["{{Server.Core}}"],"userName":"b@x.com"}""")).AssertError(
            HttpStatusCode.BadRequest,
            "invalidValue"
        );
        (await server.SendAsync("PUT", "Users/9", Server.User("c@x.com"))).AssertError(HttpStatusCode.NotFound, null);

        Assert.Equal("Marlen", (await server.GetAsync("Users/" + id)).Value("name", "givenName"));
    }

    [Fact]
    public async Task DELETE_frees_the_name_and_never_the_id()
    {
        await using var server = Server.Start();
        _ = await server.CreateAsync("a@x.com");

        Answer answer = await server.SendAsync("DELETE", "Users/1");

        Assert.Equal(HttpStatusCode.NoContent, answer.Status);
        Assert.Equal("", answer.Text);
        (await server.GetAsync("Users/1")).AssertError(HttpStatusCode.NotFound, null);
        (await server.SendAsync("DELETE", "Users/1")).AssertError(HttpStatusCode.NotFound, null, "User 1 not found.");
        Assert.Empty((await server.FilterAsync("userName eq \"a@x.com\"")).UserNames);
        Assert.Equal("2", await server.CreateAsync("a@x.com"));
    }

    [Fact]
    public async Task Deleting_a_manager_clears_the_reports()
    {
        FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var server = Server.Start(new SandboxOptions { TimeProvider = clock });
        _ = await server.CreateAsync("boss@x.com");
        _ = await server.CreateAsync("a@x.com", $"\"{Server.Enterprise}\":{{\"costCenter\":\"Sales\",\"manager\":{{\"value\":\"1\"}}}}");
        _ = await server.CreateAsync("b@x.com", ManagedBy1);
        clock.Advance(TimeSpan.FromSeconds(1));

        _ = await server.SendAsync("DELETE", "Users/1");

        JsonObject a = (await server.GetAsync("Users/2")).Json;
        Answer.AssertJson("""{"costCenter":"Sales"}""", a[Server.Enterprise]);
        Assert.Equal("2026-01-01T00:00:01.000Z", a["meta"]!["lastModified"]!.GetValue<string>());
        Assert.False((await server.GetAsync("Users/3")).Json.ContainsKey(Server.Enterprise));
        Assert.Equal(HttpStatusCode.OK, (await server.PatchAsync("3", """[{"op":"replace","path":"title","value":"x"}]""")).Status);
    }

    [Fact]
    public async Task A_managers_new_name_shows_at_the_reports_without_touching_them()
    {
        FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var server = Server.Start(new SandboxOptions { TimeProvider = clock });
        _ = await server.CreateAsync("boss@x.com");
        _ = await server.CreateAsync("a@x.com", ManagedBy1);
        clock.Advance(TimeSpan.FromSeconds(1));

        _ = await server.PatchAsync("1", """[{"op":"replace","path":"name.familyName","value":"Jackson"}]""");

        Answer report = await server.GetAsync("Users/2");
        Assert.Equal("Marlen Jackson", report.Value(Server.Enterprise, "manager", "displayName"));
        Assert.Equal("2026-01-01T00:00:00.000Z", report.Value("meta", "lastModified"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Approval_processes_follow_the_managers_when_the_setting_is_on(bool on)
    {
        await using var server = Server.Start(new SandboxOptions { CreateApprovalProcesses = on });
        _ = await server.CreateAsync("boss@x.com");
        _ = await server.CreateAsync("other@x.com");
        _ = await server.CreateAsync("a@x.com", ManagedBy1);
        _ = await server.CreateAsync("b@x.com", ManagedBy1);
        _ = await server.CreateAsync("c@x.com", ManagedBy1);
        _ = await server.PatchAsync("4", $$"""[{"op":"replace","path":"{{Server.Enterprise}}:manager","value":{"value":"2"} }]""");
        _ = await server.PatchAsync("5", $$"""[{"op":"remove","path":"{{Server.Enterprise}}:manager"}]""");

        SandboxApprovalProcess[] expected = [new("3", "a@x.com", "1", "boss@x.com"), new("4", "b@x.com", "2", "other@x.com")];
        Assert.Equal(on ? expected : [], server.Sandbox.ApprovalProcesses);

        _ = await server.SendAsync("DELETE", "Users/1");
        _ = await server.SendAsync("DELETE", "Users/4");
        Assert.Empty(server.Sandbox.ApprovalProcesses);
    }
}

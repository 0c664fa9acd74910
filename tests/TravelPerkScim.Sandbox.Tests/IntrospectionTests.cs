using System.Net;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Tests;

public sealed class IntrospectionTests
{
    [Fact]
    public async Task Requests_are_counted_by_method_and_status()
    {
        await using var server = Server.Start();
        _ = await server.CreateAsync("a@x.com");
        _ = await server.PostAsync(Server.User("a@x.com"));
        _ = await server.GetAsync("Users/1");
        _ = await server.GetAsync("Users/2");
        _ = await server.GetAsync("Users");

        SandboxRequestCount[] expected =
        [
            new("GET", HttpStatusCode.OK, 2),
            new("GET", HttpStatusCode.NotFound, 1),
            new("POST", HttpStatusCode.Created, 1),
            new("POST", HttpStatusCode.Conflict, 1),
        ];
        Assert.Equal(expected, server.Sandbox.RequestCounts);
        Assert.Equal(5, server.Sandbox.RequestCount);
        Assert.Equal(1, server.Sandbox.WriteCount);
    }

    [Fact]
    public async Task The_log_has_paths_and_neither_values_nor_secrets()
    {
        await using var server = Server.Start();
        _ = await server.FilterAsync("userName eq \"secret@x.com\"");
        _ = await server.PostAsync(Server.User("secret@x.com"));
        _ = await server.GetAsync("Users?startIndex=7&count=9&attributes=secret");

        Assert.Equal(
            [
                "GET /api/v2/scim/Users?filter= OK",
                "POST /api/v2/scim/Users Created",
                "GET /api/v2/scim/Users?startIndex=&count=&attributes= OK",
            ],
            server.Sandbox.RequestLog.Select(entry => $"{entry.Method} {entry.Path} {entry.Status}")
        );
        Assert.All(server.Sandbox.RequestLog, entry => Assert.DoesNotContain("secret", entry.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_log_keeps_the_last_thousand()
    {
        await using var server = Server.Start();
        for (int i = 0; i < 1003; i++)
            _ = await server.GetAsync($"Users/{i}");

        Assert.Equal(1000, server.Sandbox.RequestLog.Count);
        Assert.Equal("/api/v2/scim/Users/3", server.Sandbox.RequestLog[0].Path);
        Assert.Equal(1003, server.Sandbox.RequestCount);
    }

    [Fact]
    public async Task Seeded_users_are_the_same_for_the_same_seed_and_obey_the_rules()
    {
        await using var one = TravelPerkSandbox.Start(new SandboxOptions { Seed = 7, CostCenters = ["Sales", "Legal"] });
        await using var same = TravelPerkSandbox.Start(new SandboxOptions { Seed = 7, CostCenters = ["Sales", "Legal"] });
        await using var other = TravelPerkSandbox.Start(new SandboxOptions { Seed = 8, CostCenters = [] });
        one.Seed(25);
        same.Seed(10);
        same.Seed(15);
        other.Seed(25);

        Assert.Equal(25, one.UserCount);
        Assert.Equal(25, one.WriteCount);
        string[] names = [.. one.Users.Select(user => user["userName"]!.GetValue<string>())];
        Assert.Equal(25, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Equal(names, same.Users.Select(user => user["userName"]!.GetValue<string>()));
        Assert.NotEqual(names, other.Users.Select(user => user["userName"]!.GetValue<string>()));
        Assert.Equal("1", one.Users.ElementAt(9)[Server.Enterprise]!["manager"]!["value"]!.GetValue<string>());
        Assert.All(
            one.Users,
            user => Assert.Contains(user[Server.Enterprise]!["costCenter"]!.GetValue<string>(), (string[])["Sales", "Legal"])
        );
    }

    [Fact]
    public async Task AddUser_is_POST_without_the_request()
    {
        await using var server = Server.Start();
        JsonObject user = new()
        {
            ["userName"] = "a@x.com",
            ["name"] = new JsonObject { ["givenName"] = "A", ["familyName"] = "B" },
            ["active"] = false,
        };

        string id = server.Sandbox.AddUser(user);

        Assert.Equal("a@x.com", (await server.GetAsync("Users/" + id)).Value("userName"));
        Assert.Equal("false", (await server.GetAsync("Users/" + id)).Value("active"));
        Assert.Equal(
            "A user with userName \"a@x.com\" already exists. The userName must be unique. (Parameter 'user')",
            Assert.Throws<ArgumentException>(() => server.Sandbox.AddUser(user)).Message
        );
        Assert.Equal(2, server.Sandbox.RequestCount);
    }

    [Fact]
    public async Task The_users_are_a_snapshot()
    {
        await using var server = Server.Start();
        _ = await server.CreateAsync("a@x.com");
        IEnumerable<JsonObject> snapshot = server.Sandbox.Users;

        _ = await server.SendAsync("DELETE", "Users/1");

        Assert.Single(snapshot);
        Assert.Empty(server.Sandbox.Users);
    }
}

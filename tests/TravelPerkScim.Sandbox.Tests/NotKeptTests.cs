using System.Net;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Tests;

/// <summary>Writes that are answered with success and do not keep what they were given.</summary>
public sealed class NotKeptTests
{
    private const string Manager = Server.Enterprise + ":manager";

    [Fact]
    public async Task Values_are_not_kept_whatever_the_form()
    {
        await using var server = Server.Start(new SandboxOptions { NotKept = ["title", "name.givenName", Manager] });
        string boss = await server.CreateAsync("boss@x.com");
        string id = await server.CreateAsync(
            "a@x.com",
            $$"""
            "title":"Old","active":true,"{{Server.Enterprise}}":{"costCenter":"C","manager":{"value":"{{boss}}"} }
            """
        );

        // What users must have is kept of a new user, the rest is dropped.
        Assert.Equal((null, "Marlen", "C", null), await ShownAsync(server, id));
        Answer answer = await server.PatchAsync(
            id,
            $$"""
            [{"op":"replace","path":"title","value":"New"},{"op":"replace","path":"name.givenName","value":"New"},
             {"op":"replace","path":"name.familyName","value":"New"},{"op":"add","value":{"{{Server.Enterprise}}":{"manager":{"value":"{{boss}}"},"costCenter":"D"} } }]
            """
        );
        Assert.Equal(
            (HttpStatusCode.OK, "Marlen", "New"),
            (answer.Status, answer.Value("name", "givenName"), answer.Value("name", "familyName"))
        );
        Assert.Equal((null, "Marlen", "D", null), await ShownAsync(server, id));
        answer = await server.SendAsync(
            "PUT",
            "Users/" + id,
            $$"""
            {"schemas":["{{Server.Core}}"],"userName":"a@x.com","title":"New","name":{"givenName":"New","familyName":"Col"} }
            """
        );
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal((null, "Marlen", null, null), await ShownAsync(server, id));
    }

    [Fact]
    public async Task A_removed_value_stays_and_the_list_of_attributes_can_be_changed()
    {
        await using var server = Server.Start();
        string id = await server.CreateAsync(
            "a@x.com",
            $$"""
            "title":"Old","{{Server.TravelPerk}}":{"gender":"F"}
            """
        );
        server.Sandbox.SetNotKept("TITLE", Server.TravelPerk);
        Assert.Equal([SandboxBehavior.ValuesNotKept], server.Sandbox.Behaviors);

        Answer answer = await server.PatchAsync(
            id,
            $$"""[{"op":"remove","path":"title"},{"op":"replace","path":"{{Server.TravelPerk}}:gender","value":"M"}]"""
        );
        Assert.Equal(("Old", "F"), (answer.Value("title"), answer.Value(Server.TravelPerk, "gender")));
        Assert.Equal(2, server.Sandbox.GetBehaviorHits(SandboxBehavior.ValuesNotKept));

        server.Sandbox.SetNotKept();
        Assert.Null((await server.PatchAsync(id, """[{"op":"remove","path":"title"}]""")).Value("title"));
        _ = Assert.Throws<ArgumentException>(() => server.Sandbox.SetNotKept("shoeSize"));
        _ = Assert.Throws<ArgumentException>(() =>
            TravelPerkSandbox.Start(new SandboxOptions { NotKept = ["phoneNumbers[type eq \"work\"].value"] })
        );
    }

    [Theory]
    [InlineData(SandboxBehavior.ValuesNotKept, "Marlen", "-", "Marlen", "-", "-", "-")]
    [InlineData(SandboxBehavior.ManagerObjectsNotKept, "New", "-", "New", "1", "1", "1")]
    [InlineData(SandboxBehavior.PathValuesNotKept, "Marlen", "1", "New", "1", "-", "1")]
    [InlineData(SandboxBehavior.PathlessValuesNotKept, "New", "1", "Marlen", "-", "1", "1")]
    public async Task Forms_of_patch_differ(
        SandboxBehavior behavior,
        string namePath,
        string managerObject,
        string namePathless,
        string managerPathless,
        string managerValue,
        string managerBare
    )
    {
        await using var server = Server.Start(behavior);
        _ = await server.CreateAsync("boss@x.com");

        Assert.Equal(namePath, await GivenNameAsync("""{"op":"replace","path":"name.givenName","value":"New"}"""));
        Assert.Equal(namePathless, await GivenNameAsync("""{"op":"replace","value":{"name":{"givenName":"New"}}}"""));
        Assert.Equal(namePathless, await GivenNameAsync("""{"op":"replace","value":{"name.givenName":"New"}}"""));
        Assert.Equal(managerObject, await ManagerAsync($$"""{"op":"replace","path":"{{Manager}}","value":{"value":"1"} }"""));
        Assert.Equal(
            managerPathless,
            await ManagerAsync($$"""{"op":"replace","value":{"{{Server.Enterprise}}":{"manager":{"value":"1"} } } }""")
        );
        Assert.Equal(managerValue, await ManagerAsync($$"""{"op":"replace","path":"{{Manager}}.value","value":"1"}"""));
        Assert.Equal(managerBare, await ManagerAsync($$"""{"op":"replace","path":"{{Manager}}","value":"1"}"""));

        async Task<string?> GivenNameAsync(string operation) => (await PatchedAsync(operation)).Value("name", "givenName");

        async Task<string> ManagerAsync(string operation) =>
            (await PatchedAsync(operation)).Value(Server.Enterprise, "manager", "value") ?? "-";

        async Task<Answer> PatchedAsync(string operation)
        {
            string id = await server.CreateAsync($"u{server.Sandbox.UserCount}@x.com");
            Answer answer = await server.PatchAsync(id, $"[{operation}]");
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            Answer.AssertJson(answer.Text, (await server.GetAsync("Users/" + id)).Json);
            return answer;
        }
    }

    [Fact]
    public async Task ManagerObjectsNotKept_takes_the_former_manager_too()
    {
        await using var server = Server.Start(SandboxBehavior.ManagerObjectsNotKept);
        _ = await server.CreateAsync("boss@x.com");
        string id = await server.CreateAsync(
            "a@x.com",
            $$"""
            "{{Server.Enterprise}}":{"manager":{"value":"1"} }
            """
        );

        Assert.Null(
            (await server.PatchAsync(id, $$"""[{"op":"replace","path":"{{Manager}}","value":{"value":"1"} }]""")).Value(
                Server.Enterprise,
                "manager",
                "value"
            )
        );
    }

    private static async Task<(string? Title, string? GivenName, string? CostCenter, string? Manager)> ShownAsync(Server server, string id)
    {
        Answer user = await server.GetAsync("Users/" + id);
        return (
            user.Value("title"),
            user.Value("name", "givenName"),
            user.Value(Server.Enterprise, "costCenter"),
            user.Value(Server.Enterprise, "manager", "value")
        );
    }
}

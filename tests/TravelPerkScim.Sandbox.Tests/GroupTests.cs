using System.Net;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Tests;

/// <summary>/Groups of a sandbox that publishes it (RFC 7643 section 4.2, RFC 7644 section 3.5.2).</summary>
public sealed class GroupTests
{
    private const string Core = "urn:ietf:params:scim:schemas:core:2.0:Group";

    [Fact]
    public async Task Only_a_sandbox_with_groups_publishes_them()
    {
        await using var plain = Server.Start();
        await using var server = Server.Start(new SandboxOptions { Groups = true });

        Assert.Equal(HttpStatusCode.NotFound, (await plain.GetAsync("Groups")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await plain.GetAsync("ResourceTypes/Group")).Status);
        Assert.Equal("1", (await plain.GetAsync("ResourceTypes")).Value("totalResults"));
        Assert.Equal("/Groups", (await server.GetAsync("ResourceTypes/Group")).Value("endpoint"));
        Assert.Equal(
            ["User", "Group"],
            (await server.GetAsync("ResourceTypes")).Json["Resources"]!.AsArray().Select(t => (string)t!["name"]!)
        );
        Assert.Equal("Group", (await server.GetAsync("Schemas/" + Core)).Value("name"));
    }

    [Fact]
    public async Task A_group_is_created_found_patched_replaced_and_deleted()
    {
        await using var server = Server.Start(new SandboxOptions { Groups = true });
        string one = await server.CreateAsync("one@example.com"),
            two = await server.CreateAsync("two@example.com"),
            three = await server.CreateAsync("three@example.com");

        Answer created = await PostAsync(server, "Sales", "x1", one, two);
        string id = created.Value("id")!;
        Assert.Equal(HttpStatusCode.Created, created.Status);
        Assert.Equal($"{server.Sandbox.BaseUri}Groups/{id}", created.Headers.Location?.AbsoluteUri);
        Assert.Equal("User", created.Value("members", "0", "type"));
        Assert.Equal(id, (await server.GetAsync("Users/" + one)).Value("groups", "0", "value"));

        Assert.Equal(
            [two, three],
            Members(
                await PatchAsync(
                    server,
                    id,
                    $$"""{"op":"add","path":"members","value":[{"value":"{{three}}"},{"value":"{{two}}"}]},{"op":"remove","path":"members[value eq \"{{one}}\"]"}"""
                )
            )
        );
        Assert.Empty((await server.GetAsync("Users/" + one)).Json["groups"]!.AsArray());
        Assert.Equal(
            [three],
            Members(await PatchAsync(server, id, $$"""{"op":"Remove","path":"members","value":[{"value":"{{two}}"}]}"""))
        );
        Assert.Equal(
            [one],
            Members(
                await PatchAsync(
                    server,
                    id,
                    $$$"""{"op":"replace","path":"members","value":[{"value":"{{{one}}}"}]},{"op":"replace","value":{"displayName":"Sold"}}"""
                )
            )
        );
        Assert.Equal("Sold", (await server.GetAsync("Groups/" + id)).Value("displayName"));
        Assert.Empty(Members(await server.SendAsync("PUT", "Groups/" + id, Body("Put", "x1"))));
        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync("DELETE", "Groups/" + id)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync("Groups/" + id)).Status);
    }

    [Fact]
    public async Task Lists_are_paged_and_filtered_and_may_leave_members_out()
    {
        await using var server = Server.Start(new SandboxOptions { Groups = true, PageCap = 2 });
        string user = await server.CreateAsync("one@example.com");
        foreach (string name in (string[])["A", "B", "C"])
            await PostAsync(server, name, "x-" + name, user);

        Answer last = await server.GetAsync("Groups?startIndex=3&count=10");
        Assert.Equal(("3", "C"), (last.Value("totalResults"), last.Value("Resources", "0", "displayName")));
        Assert.Equal(2, (await server.GetAsync("Groups?count=10")).Json["Resources"]!.AsArray().Count);
        Assert.Equal("B", (await server.GetAsync("Groups?filter=externalId%20eq%20%22x-B%22")).Value("Resources", "0", "displayName"));
        Assert.Equal(
            "x-C",
            (await server.GetAsync("Groups?filter=displayName%20eq%20%22c%22&excludedAttributes=members")).Value(
                "Resources",
                "0",
                "externalId"
            )
        );
        Assert.Null((await server.GetAsync("Groups?excludedAttributes=members")).Json["Resources"]![0]!["members"]);
    }

    [Fact]
    public async Task An_invalid_group_is_refused()
    {
        await using var server = Server.Start(new SandboxOptions { Groups = true });
        string user = await server.CreateAsync("one@example.com");
        string id = (await PostAsync(server, "Sales", "x1", user)).Value("id")!;

        (await PostAsync(server, "SALES", "x2")).AssertError(HttpStatusCode.Conflict, "uniqueness");
        (await PostAsync(server, "", "x2")).AssertError(HttpStatusCode.BadRequest, "invalidValue");
        (await PostAsync(server, "New", "x2", "999")).AssertError(HttpStatusCode.BadRequest, "invalidValue");
        (await PatchAsync(server, id, """{"op":"remove","path":"members[value eq \"999\"]"}""")).AssertError(
            HttpStatusCode.BadRequest,
            "noTarget"
        );
        (await PatchAsync(server, id, """{"op":"replace","path":"nickName","value":"x"}""")).AssertError(
            HttpStatusCode.BadRequest,
            "invalidPath"
        );
        Assert.Single(server.Sandbox.Groups);
    }

    [Fact]
    public async Task A_deleted_user_is_in_no_group()
    {
        await using var server = Server.Start(new SandboxOptions { Groups = true });
        string user = await server.CreateAsync("one@example.com");
        string id = (await PostAsync(server, "Sales", "x1", user)).Value("id")!;

        await server.SendAsync("DELETE", "Users/" + user);

        Assert.Empty(Members(await server.GetAsync("Groups/" + id)));
    }

    [Fact]
    public async Task Members_can_be_hidden_and_limited()
    {
        await using var server = Server.Start(new SandboxOptions { Groups = true });
        string one = await server.CreateAsync("one@example.com"),
            two = await server.CreateAsync("two@example.com");
        server.Sandbox.SetBehavior(SandboxBehavior.GroupMembersLimited, on: true, 1);
        server.Sandbox.SetBehavior(SandboxBehavior.GroupMembersHidden, on: true);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(server, "Sales", "x1", one, two)).Status);
        string id = (await PostAsync(server, "Sales", "x1", one)).Value("id")!;
        Assert.Null((await server.GetAsync("Groups/" + id)).Json["members"]);
        Assert.Null((await server.GetAsync("Groups")).Json["Resources"]![0]!["members"]);
        Assert.Single(server.Sandbox.Groups.Single()["members"]!.AsArray());
    }

    private static Task<Answer> PostAsync(Server server, string name, string externalId, params string[] members) =>
        server.SendAsync("POST", "Groups", Body(name, externalId, members));

    private static Task<Answer> PatchAsync(Server server, string id, string operations) =>
        server.SendAsync("PATCH", "Groups/" + id, $$"""{"schemas":["{{Server.PatchOp}}"],"Operations":[{{operations}}]}""");

    private static string Body(string name, string externalId, params string[] members) =>
        new JsonObject
        {
            ["schemas"] = new JsonArray(Core),
            ["displayName"] = name,
            ["externalId"] = externalId,
            ["members"] = new JsonArray([.. members.Select(m => new JsonObject { ["value"] = m })]),
        }.ToJsonString();

    private static string[] Members(Answer answer)
    {
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return [.. answer.Json["members"]!.AsArray().Select(m => (string)m!["value"]!)];
    }
}

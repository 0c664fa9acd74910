using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Tests;

/// <summary>Queries by POST to <c>.search</c> (RFC 7644 section 3.4.3), by groups, and HEAD (RFC 9110 section 9.3.2).</summary>
public sealed class SearchTests
{
    private const string Request = "\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:SearchRequest\"]";

    [Theory]
    [InlineData("""{"filter":"userName sw \"b\""}""", "count=25&filter=userName%20sw%20%22b%22")]
    [InlineData(
        """{"startIndex":2,"count":1,"attributes":["userName","name.givenName"]}""",
        "startIndex=2&count=1&attributes=userName,name.givenName"
    )]
    [InlineData("""{"excludedAttributes":["meta"],"count":9999999999}""", "excludedAttributes=meta&count=1000")]
    [InlineData("""{"sortBy":"userName","sortOrder":"descending"}""", "")]
    public async Task A_search_of_users_answers_as_the_list_does(string body, string query)
    {
        await using Server server = await StartAsync();

        Answer answer = await SearchAsync(server, "Users/.search", body);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Answer.AssertJson((await server.GetAsync("Users?" + query)).Text, answer.Json);
    }

    [Theory]
    [InlineData("{}", "User 1,User 2,User 3,Group G1")]
    [InlineData("""{"filter":"displayName eq \"sales\" or userName eq \"A@x.com\""}""", "User 1,Group G1")]
    [InlineData("""{"filter":"meta.resourceType eq \"Group\""}""", "Group G1")]
    [InlineData("""{"startIndex":3,"count":5}""", "User 3,Group G1")]
    public async Task A_search_at_the_root_finds_users_and_groups(string body, string found)
    {
        await using Server server = await StartAsync();

        Answer answer = await SearchAsync(server, ".search", body);

        JsonArray resources = answer.Json["Resources"]!.AsArray();
        Assert.Equal(found, string.Join(',', resources.Select(resource => $"{resource!["meta"]!["resourceType"]} {resource["id"]}")));
        Assert.Equal($"{resources.Count}", answer.Value("itemsPerPage"));
        Assert.Equal(body.Contains("startIndex", StringComparison.Ordinal) ? "4" : $"{resources.Count}", answer.Value("totalResults"));
    }

    [Fact]
    public async Task A_search_is_no_write_and_groups_have_one_too()
    {
        await using Server server = await StartAsync();
        long writes = server.Sandbox.WriteCount;
        server.Sandbox.SetBehavior(SandboxBehavior.AnswerLostAfterWrite, true);

        Assert.Equal(
            "Sales",
            (await SearchAsync(server, "Groups/.search", """{"filter":"members eq \"2\""}""")).Value("Resources", "0", "displayName")
        );
        Assert.Equal(writes, server.Sandbox.WriteCount);
    }

    [Theory]
    [InlineData("Users/.search", """{"filter":"userName"}""", HttpStatusCode.BadRequest, "invalidFilter")]
    [InlineData("Users/.search", """{"filter":5}""", HttpStatusCode.BadRequest, "invalidValue")]
    [InlineData("Users/.search", """{"attributes":"userName"}""", HttpStatusCode.BadRequest, "invalidValue")]
    [InlineData("Users/.search", """{"count":"5"}""", HttpStatusCode.BadRequest, "invalidValue")]
    [InlineData("Users/.search", """{"count":1.5}""", HttpStatusCode.BadRequest, "invalidValue")]
    [InlineData(".search", """{"schemas":["urn:x"]}""", HttpStatusCode.BadRequest, "invalidSyntax")]
    [InlineData("Users/1/.search", "{}", HttpStatusCode.NotFound, null)]
    [InlineData("Nothing/.search", "{}", HttpStatusCode.NotFound, null)]
    public async Task An_invalid_search_is_refused(string path, string body, HttpStatusCode status, string? scimType)
    {
        await using Server server = await StartAsync();

        (await SearchAsync(server, path, body)).AssertError(status, scimType);
    }

    [Theory]
    [InlineData("groups eq \"G1\"", "2")]
    [InlineData("groups.value eq \"G1\"", "2")]
    [InlineData("groups[display eq \"SALES\"]", "2")]
    [InlineData("groups.display co \"ale\" and userName sw \"b\"", "2")]
    [InlineData("not (groups pr)", "1,3")]
    [InlineData("groups eq \"G2\"", "")]
    public async Task Users_are_found_by_the_groups_that_they_show(string filter, string ids)
    {
        await using Server server = await StartAsync();

        Answer answer = await server.FilterAsync(filter);

        Assert.Equal(ids, string.Join(',', answer.Json["Resources"]!.AsArray().Select(user => (string?)user!["id"])));
    }

    [Theory]
    [InlineData("Users", "HTTP/1.1 200")]
    [InlineData("Users/1", "HTTP/1.1 200")]
    [InlineData("Users/99", "HTTP/1.1 404")]
    [InlineData("Schemas", "HTTP/1.1 200")]
    [InlineData("Nothing", "HTTP/1.1 404")]
    public async Task HEAD_answers_as_GET_without_the_body_and_the_next_answer_on_the_connection_is_whole(string path, string status)
    {
        await using Server server = await StartAsync();
        Answer get = await server.GetAsync(path);
        using TcpClient connection = new();
        await connection.ConnectAsync(server.Sandbox.BaseUri.Host, server.Sandbox.BaseUri.Port);
        NetworkStream stream = connection.GetStream();

        using StreamReader reader = new(stream);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Head("HEAD", path, "keep-alive")));
        List<string> head = [];
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
            head.Add(line);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Head("GET", "Users/2", "close")));
        string next = await reader.ReadToEndAsync();

        Assert.StartsWith(status, head[0], StringComparison.Ordinal);
        Assert.Contains($"Content-Length: {Encoding.UTF8.GetByteCount(get.Text)}", head, StringComparer.OrdinalIgnoreCase);
        Assert.StartsWith("HTTP/1.1 200", next, StringComparison.Ordinal);
        Assert.Contains("\"b@x.com\"", next, StringComparison.Ordinal);
        Assert.Equal("HEAD", server.Sandbox.RequestLog[^2].Method);

        string Head(string method, string target, string after) =>
            $"{method} {server.Sandbox.BaseUri.AbsolutePath}{target} HTTP/1.1\r\nHost: "
            + $"{server.Sandbox.BaseUri.Authority}\r\nApi-Version: 1\r\n"
            + $"Authorization: {server.Http.DefaultRequestHeaders.Authorization}\r\nConnection: {after}\r\n\r\n";
    }

    private static async Task<Server> StartAsync()
    {
        var server = Server.Start(new SandboxOptions { Groups = true });
        foreach (string name in (string[])["a@x.com", "b@x.com", "c@x.com"])
            _ = await server.CreateAsync(name);
        Answer group = await server.SendAsync(
            "POST",
            "Groups",
            """{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Sales","members":[{"value":"2"}]}"""
        );
        Assert.Equal("G1", group.Value("id"));
        return server;
    }

    private static Task<Answer> SearchAsync(Server server, string path, string body) =>
        server.SendAsync(
            "POST",
            path,
            body.Contains("schemas", StringComparison.Ordinal) ? body : "{" + Request + (body.Length > 2 ? "," : "") + body[1..]
        );
}

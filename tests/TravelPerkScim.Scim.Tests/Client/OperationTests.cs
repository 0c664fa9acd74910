using System.Text.Json.Nodes;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Dialect;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Scim.Tests.Client;

public sealed class OperationTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Every_request_carries_the_headers_that_TravelPerk_asks_for()
    {
        using var server = new ScriptedServer(new Reply(201, "{\"id\":\"29\"}"));
        using ScimClient client = server.Client();

        ScimUser user = await client.CreateUserAsync(new JsonObject { ["userName"] = "é@x.com" }, None);

        Assert.Equal("29", user.Id);
        Received request = Assert.Single(server.Requests);
        Assert.Equal(("POST", "Users"), (request.Method, request.Path));
        Assert.Equal("ApiKey s3cret-key", request.Headers["Authorization"]);
        Assert.Equal("1", request.Headers["Api-Version"]);
        Assert.Equal("application/scim+json, application/json", request.Headers["Accept"]);
        Assert.Equal("application/scim+json", request.Headers["Content-Type"]);
        Assert.StartsWith("TravelPerkScim/", request.Headers["User-Agent"], StringComparison.Ordinal);
        Assert.Equal("é@x.com", JsonNode.Parse(request.Body)!["userName"]!.GetValue<string>());
        Assert.Equal(1, client.RequestCount);
    }

    [Fact]
    public async Task A_bearer_token_is_sent_as_one_and_trimmed()
    {
        using var server = new ScriptedServer(new Reply(200, "{\"id\":\"29\"}"));
        using var credential = ScimCredential.Bearer(ScriptedServer.Secret("tok.en=\r\n"));
        using ScimClient client = server.Client(credential: credential);

        await client.FindUserAsync("29", None);

        Assert.Equal("Bearer tok.en=", server.Requests[0].Headers["Authorization"]);
        Assert.Equal("Bearer", credential.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("two words")]
    [InlineData("line\r\nX-Injected: 1")]
    [InlineData("clé")]
    public void A_credential_that_cannot_be_sent_is_refused_without_being_shown(string secret)
    {
        ScimException error = Assert.Throws<ScimException>(() => ScimCredential.ApiKey(ScriptedServer.Secret(secret)));

        Assert.Equal("InvalidCredential", error.ErrorId);
        Assert.True(secret.Length < 3 || !error.ToString().Contains(secret, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(410)]
    public async Task Find_gives_null_for_an_id_that_is_not_there_and_escapes_it(int status)
    {
        using var server = new ScriptedServer(new Reply(status, "{\"detail\":\"User not found\"}"));
        using ScimClient client = server.Client();

        Assert.Null(await client.FindUserAsync("a/b?c#d%20é", None));
        Assert.Equal("Users/a%2Fb%3Fc%23d%2520%C3%A9", server.Requests[0].Path);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    public async Task An_id_that_addresses_something_else_is_refused(string id)
    {
        using var server = new ScriptedServer(new Reply(204));
        using ScimClient client = server.Client();

        Assert.Equal("InvalidUserId", (await Assert.ThrowsAsync<ScimException>(() => client.DeleteUserAsync(id, None))).ErrorId);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData(204, null, null)]
    [InlineData(200, "", null)]
    [InlineData(202, "{\"message\":\"accepted\"}", null)]
    [InlineData(200, "{\"id\":\"29\",\"active\":false}", "29")]
    public async Task Patch_sends_the_operations_and_reads_the_user_when_there_is_one(int status, string? answer, string? id)
    {
        using var server = new ScriptedServer(new Reply(status, answer));
        using ScimClient client = server.Client();

        ScimUser? user = await client.PatchUserAsync(
            "29",
            [new PatchOperation(PatchOperationKind.Replace, AttributePath.Parse("active"), false)],
            None
        );

        Assert.Equal(id, user?.Id);
        Assert.Equal(("PATCH", "Users/29"), (server.Requests[0].Method, server.Requests[0].Path));
        Assert.Equal(
            """{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"active","value":false}]}""",
            server.Requests[0].Body
        );
    }

    [Theory]
    [InlineData("GET", false)]
    [InlineData("PATCH", true)]
    [InlineData("PUT", true)]
    [InlineData("GET group", false)]
    public async Task An_answer_with_another_id_is_no_answer(string request, bool unknown)
    {
        using var server = new ScriptedServer(new Reply(200, "{\"id\":\"1\"}"));
        using ScimClient client = server.Client();

        ScimException error = await Assert.ThrowsAsync<ScimException>(() =>
            request switch
            {
                "GET" => client.FindUserAsync("4", None),
                "PATCH" => client.PatchUserAsync(
                    "4",
                    [new PatchOperation(PatchOperationKind.Replace, AttributePath.Parse("active"), false)],
                    None
                ),
                "PUT" => client.ReplaceUserAsync("4", [], None),
                _ => client.Groups.FindAsync("4", withMembers: true, None),
            }
        );

        Assert.Equal(("InvalidResponse", unknown), (error.ErrorId, error.OutcomeUnknown));
        Assert.Contains("1 instead of", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("anna@x.com", UserNameFilter.Finds)]
    [InlineData("Anna@X.com", UserNameFilter.IgnoresCase)]
    [InlineData("joanna@x.com", null)]
    public async Task A_filter_that_finds_another_user_teaches_nothing_of_case(string found, UserNameFilter? lesson)
    {
        using var server = new ScriptedServer(new Reply(200, $$"""{"totalResults":1,"Resources":[{"id":"1","userName":"{{found}}"}]}"""));
        using ScimClient client = server.Client();

        await foreach (ScimUser _ in client.ListUsersAsync(ScimFilter.Equal("userName", "anna@x.com"), None))
            Assert.Equal(lesson, client.Dialect.UserNameFilter);
    }

    [Fact]
    public async Task Put_and_delete()
    {
        using var server = new ScriptedServer(new Reply(200, "{\"id\":\"29\"}"), new Reply(204), new Reply(404, "{}"));
        using ScimClient client = server.Client();

        Assert.Equal("29", (await client.ReplaceUserAsync("29", new JsonObject(), None))?.Id);
        Assert.True(await client.DeleteUserAsync("29", None));
        Assert.False(await client.DeleteUserAsync("29", None));
        Assert.Equal(["PUT", "DELETE", "DELETE"], server.Requests.Select(request => request.Method));
    }

    [Theory]
    [InlineData("{\"totalResults\":1,\"Resources\":[{\"id\":\"urn:x:y\"}]}")]
    [InlineData("[{\"id\":\"urn:x:y\"}]")]
    public async Task Discovery_reads_a_list_or_a_bare_array(string list)
    {
        using var server = new ScriptedServer(request => new Reply(
            200,
            request.Path == "ServiceProviderConfig" ? "{\"patch\":{\"supported\":true}}" : list,
            "application/json"
        ));
        using ScimClient client = server.Client();

        Assert.Equal("urn:x:y", (await client.GetSchemasAsync(None))[0]["id"]!.GetValue<string>());
        Assert.Single(await client.GetResourceTypesAsync(None));
        Assert.True((await client.GetServiceProviderConfigAsync(None))["patch"]!["supported"]!.GetValue<bool>());
        Assert.Equal(["Schemas", "ResourceTypes", "ServiceProviderConfig"], server.Requests.Select(request => request.Path));
    }

    [Fact]
    public async Task Plain_json_is_used_from_the_first_415_on()
    {
        using var server = new ScriptedServer(request =>
            request.Headers["Content-Type"] == "application/json" ? new Reply(201, "{\"id\":\"1\"}") : new Reply(415, "{}")
        );
        using ScimClient client = server.Client();

        await client.CreateUserAsync(new JsonObject(), None);
        await client.CreateUserAsync(new JsonObject(), None);

        Assert.Equal(
            ["application/scim+json", "application/json", "application/json"],
            server.Requests.Select(request => request.Headers["Content-Type"])
        );
        Assert.Equal(3, client.RequestCount);
    }

    [Theory]
    [InlineData("http://example.com/scim", "InsecureUri")]
    [InlineData("http://127.0.0.1.example.com/scim", "InsecureUri")]
    [InlineData("http://localhost.example.com/scim", "InsecureUri")]
    [InlineData("http://10.0.0.1/scim", "InsecureUri")]
    [InlineData("ftp://localhost/scim", "InvalidUri")]
    [InlineData("https://user:pw@example.com/scim", "InvalidUri")]
    [InlineData("https://example.com/scim?x=1", "InvalidUri")]
    [InlineData("https://example.com/scim", null)]
    [InlineData("http://localhost:8080/scim", null)]
    [InlineData("http://127.3.2.1/scim", null)]
    [InlineData("http://[::1]:5/scim/", null)]
    public void The_base_uri_is_checked(string uri, string? errorId)
    {
        using var credential = ScimCredential.ApiKey(ScriptedServer.Secret("k"));
        ScimClient? client = null;
        Exception error = Record.Exception(() => client = new ScimClient(new ScimClientOptions { BaseUri = new Uri(uri) }, credential));

        Assert.Equal(errorId, (error as ScimException)?.ErrorId);
        Assert.DoesNotContain("pw", error?.Message ?? "", StringComparison.Ordinal);
        Assert.Equal(errorId is null ? new Uri(uri.TrimEnd('/') + "/") : null, client?.BaseUri);
        client?.Dispose();
    }

    [Fact]
    public async Task The_trace_shows_requests_without_values()
    {
        var traces = new List<ScimRequestTrace>();
        using var server = new ScriptedServer(new Reply(200, "{\"totalResults\":0}"), new Reply(400, "{\"detail\":\"s3cret-key\"}"));
        using ScimClient client = server.Client(options => options with { Trace = traces.Add });

        await foreach (
            ScimPage page in client.ReadPagesAsync(
                ScimFilter.Parse("userName eq \"ana@x.com\" and phoneNumbers[type eq \"work\"].value pr"),
                None
            )
        )
        {
            Assert.Empty(page.Users);
        }
        await Assert.ThrowsAsync<ScimException>(() => client.GetSchemasAsync(None));

        Assert.Equal(
            [
                ("GET", "/Users?filter=userName,phoneNumbers.value&startIndex=1&count=100", 200, 1, null),
                ("GET", "/Schemas", 400, 1, "InvalidRequest"),
            ],
            traces.Select(trace => (trace.Method, trace.Path, (int)trace.Status!, trace.Attempt, trace.Failure))
        );
    }
}

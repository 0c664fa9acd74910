using System.Net;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Tests;

public sealed class ListTests
{
    [Fact]
    public async Task An_empty_server_answers_an_empty_list()
    {
        await using var server = Server.Start();

        Answer answer = await server.GetAsync("Users");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("application/scim+json", answer.ContentType?.MediaType);
        Answer.AssertJson(
            """{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}""",
            answer.Json
        );
    }

    [Theory]
    [InlineData("", 1, "u1 u2 u3 u4")]
    [InlineData("count=2", 1, "u1 u2")]
    [InlineData("startIndex=3&count=2", 3, "u3 u4")]
    [InlineData("startIndex=7&count=5", 7, "u7")]
    [InlineData("startIndex=8&count=5", 8, "")]
    [InlineData("startIndex=2147483647", 2147483647, "")]
    [InlineData("startIndex=0&count=2", 1, "u1 u2")]
    [InlineData("startIndex=-3&count=2", 1, "u1 u2")]
    [InlineData("count=0", 1, "")]
    [InlineData("count=-1", 1, "")]
    [InlineData("count=1000", 1, "u1 u2 u3 u4 u5")]
    [InlineData("count=2147483648", 1, "u1 u2 u3 u4 u5")]
    [InlineData("count=99999999999999999999999", 1, "u1 u2 u3 u4 u5")]
    [InlineData("count=-99999999999999999999999", 1, "")]
    [InlineData("startIndex=-2147483649&count=2", 1, "u1 u2")]
    [InlineData("startIndex=9223372036854775808", 2147483647, "")]
    [InlineData("STARTINDEX=2&COUNT=1", 2, "u2")]
    public async Task Pages_start_at_one_and_are_clamped(string query, int startIndex, string names)
    {
        await using var server = Server.Start(new SandboxOptions { PageCap = 5, DefaultPageSize = 4 });
        for (int i = 1; i <= 7; i++)
            _ = await server.CreateAsync($"u{i}@x.com");

        Answer answer = await server.GetAsync("Users?" + query);

        string[] expected = names.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(expected.Select(name => name + "@x.com"), answer.UserNames);
        Assert.Equal(7, answer.Json["totalResults"]!.GetValue<int>());
        Assert.Equal(startIndex, answer.Json["startIndex"]!.GetValue<int>());
        Assert.Equal(expected.Length, answer.Json["itemsPerPage"]!.GetValue<int>());
    }

    [Fact]
    public async Task Walking_the_pages_meets_everybody_once_also_after_a_delete()
    {
        await using var server = Server.Start();
        server.Sandbox.Seed(250);
        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync("DELETE", "Users/42")).Status);

        List<string> ids = [];
        for (int start = 1; start <= 249; start += 50)
        {
            Answer page = await server.GetAsync($"Users?startIndex={start}&count=50");
            ids.AddRange(page.Json["Resources"]!.AsArray().Select(user => user!["id"]!.GetValue<string>()));
        }

        Assert.Equal(Enumerable.Range(1, 250).Where(id => id != 42).Select(id => $"{id}"), ids);
    }

    [Theory]
    [InlineData("count=ten")]
    [InlineData("startIndex=1.5")]
    [InlineData("count=")]
    [InlineData("attributes=name[")]
    public async Task Invalid_numbers_and_names_are_refused(string query)
    {
        await using var server = Server.Start();

        (await server.GetAsync("Users?" + query)).AssertError(HttpStatusCode.BadRequest, "invalidValue");
    }

    [Theory]
    [InlineData("userName eq \"ana+1@x.com\"", "Ana+1@x.com")]
    [InlineData("USERNAME EQ \"ANA+1@X.COM\"", "Ana+1@x.com")]
    [InlineData("urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"bo@x.com\"", "bo@x.com")]
    [InlineData("id eq \"2\"", "bo@x.com")]
    [InlineData("id eq \"02\"", "")]
    [InlineData("externalId eq \"same\"", "Ana+1@x.com cy@x.com")]
    [InlineData("externalId eq \"SAME\"", "")]
    [InlineData("userName eq \"nobody@x.com\"", "")]
    [InlineData("userName eq \"\\u0062o@x.com\"", "bo@x.com")]
    [InlineData("userName eq \"a \\\" and \\\\ b\"", "")]
    [InlineData("userName sw \"ANA\"", "Ana+1@x.com")]
    [InlineData("title eq \"bOSS\"", "bo@x.com")]
    [InlineData("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter eq \"Sales\"", "bo@x.com")]
    [InlineData("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter eq \"SALES\"", "")]
    [InlineData("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter sw \"sal\"", "")]
    [InlineData("urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:invoiceProfiles eq \"one ltd\"", "")]
    [InlineData("urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:invoiceProfiles[value co \"ONE\"]", "")]
    [InlineData("urn:ietf:params:scim:schemas:extension:travelperk:2.0:User:invoiceProfiles[value co \"One\"]", "bo@x.com")]
    [InlineData("not (externalId eq \"SAME\") and externalId co \"SAM\"", "")]
    [InlineData("meta.resourceType eq \"user\" or meta.resourceType eq \"Group\"", "")]
    [InlineData("title pr", "bo@x.com")]
    [InlineData("not (title pr) and active eq true", "Ana+1@x.com")]
    [InlineData("title eq \"boss\" or active eq false", "bo@x.com cy@x.com")]
    [InlineData("name.familyName co \"o\" and externalId eq \"same\"", "Ana+1@x.com cy@x.com")]
    [InlineData("phoneNumbers[type eq \"work\" and value sw \"+34\"]", "bo@x.com")]
    [InlineData("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq \"1\"", "bo@x.com")]
    [InlineData("id eq \"2\" and urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq \"1\"", "bo@x.com")]
    public async Task A_filter_finds_the_users_that_match_it(string filter, string names)
    {
        await using var server = Server.Start();
        _ = await server.CreateAsync("Ana+1@x.com", "\"externalId\":\"same\"");
        _ = await server.CreateAsync(
            "bo@x.com",
            $"\"title\":\"Boss\",\"phoneNumbers\":[{{\"value\":\"+34 "
                + $"1234567\",\"type\":\"work\"}}],\"{Server.Enterprise}\":{{\"costCenter\":\"Sales\",\"manager\":{{\"value\":\"1\"}}}},\"{Server.TravelPerk}\":{{\"invoiceProfiles\":[{{\"value\":\"One Ltd\"}}]}}"
        );
        _ = await server.CreateAsync("cy@x.com", "\"externalId\":\"same\",\"active\":false");

        Answer answer = await server.FilterAsync(filter);

        string[] expected = names.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(expected, answer.UserNames);
        Assert.Equal(expected.Length, answer.Json["totalResults"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_plus_in_a_query_is_a_space()
    {
        await using var server = Server.Start();
        _ = await server.CreateAsync("ana+1@x.com");

        Assert.Empty((await server.GetAsync("Users?filter=userName+eq+%22ana+1@x.com%22")).UserNames);
        Assert.Single((await server.GetAsync("Users?filter=userName+eq+%22ana%2B1@x.com%22")).UserNames);
    }

    [Fact]
    public async Task A_filter_pages_too()
    {
        await using var server = Server.Start();
        for (int i = 1; i <= 4; i++)
            _ = await server.CreateAsync($"u{i}@x.com", "\"externalId\":\"same\"");

        Answer answer = await server.GetAsync("Users?filter=externalId%20eq%20%22same%22&startIndex=2&count=2");

        Assert.Equal(["u2@x.com", "u3@x.com"], answer.UserNames);
        Assert.Equal(4, answer.Json["totalResults"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("userName")]
    [InlineData("userName eq")]
    [InlineData("userName is \"x\"")]
    [InlineData("userName eq \"x")]
    [InlineData("(userName eq \"x\"")]
    [InlineData("")]
    public async Task An_invalid_filter_is_refused(string filter)
    {
        await using var server = Server.Start();

        (await server.FilterAsync(filter)).AssertError(HttpStatusCode.BadRequest, "invalidFilter");
    }

    [Theory]
    [InlineData("attributes=userName", """{"schemas":["S"],"id":"1","userName":"a@x.com"}""")]
    [InlineData(
        "attributes=USERNAME,name.givenName,nothing",
        """{"schemas":["S"],"id":"1","userName":"a@x.com","name":{"givenName":"Marlen"}}"""
    )]
    [InlineData("attributes=id", """{"schemas":["S"],"id":"1"}""")]
    [InlineData("attributes=phoneNumbers.value", """{"schemas":["S"],"id":"1","phoneNumbers":[{"value":"+34 1234567"}]}""")]
    [InlineData(
        "excludedAttributes=name,meta,groups,phoneNumbers.type,id,schemas",
        """{"schemas":["S"],"id":"1","userName":"a@x.com","active":true,"phoneNumbers":[{"value":"+34 1234567"}]}"""
    )]
    public async Task A_client_may_ask_for_part_of_a_user(string query, string expected)
    {
        await using var server = Server.Start();
        _ = await server.CreateAsync("a@x.com", "\"phoneNumbers\":[{\"value\":\"+34 1234567\",\"type\":\"work\"}]");
        expected = expected.Replace("\"S\"", $"\"{Server.Core}\"", StringComparison.Ordinal);

        Answer.AssertJson(expected, (await server.GetAsync("Users/1?" + query)).Json);
        Answer.AssertJson(expected, (await server.GetAsync("Users?" + query)).Json["Resources"]![0]);
    }

    [Theory]
    [InlineData(Server.TravelPerk)]
    [InlineData(Server.TravelPerk + ":gender")]
    public async Task A_client_may_ask_for_an_extension(string attributes)
    {
        await using var server = Server.Start();
        _ = await server.CreateAsync("a@x.com", $"\"{Server.TravelPerk}\":{{\"gender\":\"F\"}}");

        JsonObject user = (await server.GetAsync("Users/1?attributes=" + attributes)).Json;

        Assert.Equal(["schemas", "id", Server.TravelPerk], user.Select(member => member.Key));
        Answer.AssertJson("""{"gender":"F"}""", user[Server.TravelPerk]);
    }

    [Theory]
    [InlineData("Users/1", HttpStatusCode.OK)]
    [InlineData("Users/1/", HttpStatusCode.OK)]
    [InlineData("Users/2", HttpStatusCode.NotFound)]
    [InlineData("Users/01", HttpStatusCode.NotFound)]
    [InlineData("Users/+1", HttpStatusCode.NotFound)]
    [InlineData("Users/abc", HttpStatusCode.NotFound)]
    [InlineData("Users/99999999999999999999", HttpStatusCode.NotFound)]
    public async Task One_user_is_found_by_exactly_its_id(string path, HttpStatusCode status)
    {
        await using var server = Server.Start();
        _ = await server.CreateAsync("a@x.com");

        Answer answer = await server.GetAsync(path);

        if (status == HttpStatusCode.OK)
        {
            Assert.Equal("a@x.com", answer.Value("userName"));
            Assert.Equal($"{server.Sandbox.BaseUri}Users/1", answer.ContentHeaders.ContentLocation?.AbsoluteUri);
        }
        else
        {
            answer.AssertError(status, null, $"User {path["Users/".Length..]} not found.");
        }
    }
}

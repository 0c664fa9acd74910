using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Settings;

namespace TravelPerkScim.Sandbox.Tests;

public sealed class BehaviorTests
{
    private const string ReplaceTitle = """[{"op":"replace","path":"title","value":"New"}]""";

    [Fact]
    public async Task FilterMisses()
    {
        await using var server = Server.Start(SandboxBehavior.FilterMisses);
        _ = await server.CreateAsync("a@x.com");

        Assert.Empty((await server.FilterAsync("userName eq \"a@x.com\"")).UserNames);
        Assert.Equal(["a@x.com"], (await server.GetAsync("Users")).UserNames);
        (await server.PostAsync(Server.User("a@x.com"))).AssertError(HttpStatusCode.Conflict, "uniqueness");
        Assert.Equal(1, server.Sandbox.GetBehaviorHits(SandboxBehavior.FilterMisses));
    }

    [Theory]
    [InlineData("a@x.com", 0)]
    [InlineData("A@x.com", 1)]
    public async Task FilterCaseSensitive(string asked, int found)
    {
        await using var server = Server.Start(SandboxBehavior.FilterCaseSensitive);
        _ = await server.CreateAsync("A@x.com", "\"externalId\":\"e\"");

        Assert.Equal(found, (await server.FilterAsync($"userName eq \"{asked}\"")).UserNames.Length);
        Assert.Single((await server.FilterAsync("externalId eq \"e\"")).UserNames);
    }

    [Theory]
    [InlineData(SandboxBehavior.FilterIgnored, "bob@x.com", "anna@x.com,joanna@x.com")]
    [InlineData(SandboxBehavior.FilterContains, "anna@x.com", "anna@x.com,joanna@x.com")]
    [InlineData(SandboxBehavior.FilterContains, "joanna@x.com", "joanna@x.com")]
    [InlineData(SandboxBehavior.FilterContains, "anna@x.com\" and title ne \"x", "anna@x.com,joanna@x.com")]
    public async Task Filters_that_find_others(SandboxBehavior behavior, string asked, string found)
    {
        await using var server = Server.Start(behavior);
        _ = await server.CreateAsync("anna@x.com");
        _ = await server.CreateAsync("joanna@x.com");

        Assert.Equal(found.Split(','), (await server.FilterAsync($"userName eq \"{asked}\"")).UserNames);
        Assert.Equal(1, server.Sandbox.GetBehaviorHits(behavior));
    }

    [Fact]
    public async Task GetAnswersAnotherUser()
    {
        await using var server = Server.Start(SandboxBehavior.GetAnswersAnotherUser);
        _ = await server.CreateAsync("a@x.com");
        string id = await server.CreateAsync("b@x.com");

        Assert.Equal("a@x.com", (string?)(await server.GetAsync("Users/" + id)).Json["userName"]);
        (await server.GetAsync("Users/99")).AssertError(HttpStatusCode.NotFound, null);
    }

    [Fact]
    public async Task WritesAnswerNotFound()
    {
        await using var server = Server.Start(SandboxBehavior.WritesAnswerNotFound);
        string id = await server.CreateAsync("a@x.com");

        (await server.PatchAsync(id, ReplaceTitle)).AssertError(HttpStatusCode.NotFound, null);
        (await server.SendAsync("DELETE", "Users/" + id)).AssertError(HttpStatusCode.NotFound, null);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("Users/" + id)).Status);
    }

    [Theory]
    [InlineData(SandboxBehavior.UnknownIdFails, HttpStatusCode.InternalServerError)]
    [InlineData(SandboxBehavior.UnknownIdGone, HttpStatusCode.Gone)]
    public async Task Writes_of_unknown_ids(SandboxBehavior behavior, HttpStatusCode status)
    {
        await using var server = Server.Start(new SandboxOptions { Groups = true, Behaviors = [behavior] });
        string id = await server.CreateAsync("a@x.com");

        (await server.PatchAsync("99", ReplaceTitle)).AssertError(status, null);
        (await server.SendAsync("PUT", "Users/99", Server.User("b@x.com"))).AssertError(status, null);
        (await server.SendAsync("DELETE", "Users/99")).AssertError(status, null);
        (await server.SendAsync("DELETE", "Groups/G99")).AssertError(status, null);
        (await server.GetAsync("Users/99")).AssertError(HttpStatusCode.NotFound, null);
        Assert.Equal(HttpStatusCode.OK, (await server.PatchAsync(id, ReplaceTitle)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync("DELETE", "Users/" + id)).Status);
        Assert.Equal(4, server.Sandbox.GetBehaviorHits(behavior));
    }

    [Fact]
    public async Task An_id_that_exists_is_not_unknown_because_writes_do_not_find_it()
    {
        await using var server = Server.Start(
            new SandboxOptions
            {
                Behaviors = [SandboxBehavior.WritesAnswerNotFound, SandboxBehavior.DeleteRepeatsNoContent, SandboxBehavior.UnknownIdGone],
            }
        );
        string id = await server.CreateAsync("a@x.com");

        (await server.SendAsync("DELETE", "Users/" + id)).AssertError(HttpStatusCode.NotFound, null);
    }

    [Fact]
    public async Task Another_company_has_users_of_its_own_under_the_same_address_and_ids()
    {
        await using var server = Server.Start();
        SandboxCompany other = server.Sandbox.AddCompany();
        string id = await server.CreateAsync("a@x.com");
        Assert.Equal(
            id,
            other.AddUser(
                new JsonObject
                {
                    ["userName"] = "b@y.com",
                    ["name"] = new JsonObject { ["givenName"] = "B", ["familyName"] = "Y" },
                }
            )
        );
        using System.Security.SecureString key = other.GetApiKey();
        using HttpClient http = new() { BaseAddress = server.Sandbox.BaseUri };
        http.DefaultRequestHeaders.Add("Authorization", "ApiKey " + Server.Reveal(key));
        http.DefaultRequestHeaders.Add("Api-Version", "1");

        Assert.Contains("b@y.com", await http.GetStringAsync("Users/" + id), StringComparison.Ordinal);
        Assert.Equal("a@x.com", (string?)(await server.GetAsync("Users/" + id)).Json["userName"]);
        Assert.Equal((1, 1L), (other.UserCount, other.RequestCount));
    }

    [Fact]
    public async Task InactiveHidden()
    {
        await using var server = Server.Start(SandboxBehavior.InactiveHidden);
        _ = await server.CreateAsync("a@x.com", "\"active\":false");
        _ = await server.CreateAsync("b@x.com");

        Assert.Equal(["b@x.com"], (await server.GetAsync("Users")).UserNames);
        Assert.Empty((await server.FilterAsync("userName eq \"a@x.com\"")).UserNames);
        (await server.PostAsync(Server.User("a@x.com"))).AssertError(HttpStatusCode.Conflict, "uniqueness");
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("Users/1")).Status);
    }

    [Fact]
    public async Task CreatedInvisible()
    {
        FakeTimeProvider clock = new();
        await using var server = Server.Start(new SandboxOptions { TimeProvider = clock, Behaviors = [SandboxBehavior.CreatedInvisible] });
        string id = await server.CreateAsync("a@x.com");

        (await server.GetAsync("Users/" + id)).AssertError(HttpStatusCode.NotFound, null);
        Assert.Empty((await server.GetAsync("Users")).UserNames);
        (await server.PostAsync(Server.User("a@x.com"))).AssertError(HttpStatusCode.Conflict, "uniqueness");
        clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("Users/" + id)).Status);
        Assert.Single((await server.FilterAsync("userName eq \"a@x.com\"")).UserNames);
    }

    [Fact]
    public async Task ConflictWithoutScimType()
    {
        await using var server = Server.Start(SandboxBehavior.ConflictWithoutScimType);
        _ = await server.CreateAsync("a@x.com");

        (await server.PostAsync(Server.User("a@x.com"))).AssertError(
            HttpStatusCode.Conflict,
            null,
            "A user with userName \"a@x.com\" already exists. The userName must be unique."
        );
    }

    [Fact]
    public async Task ConflictAsProblemJson()
    {
        await using var server = Server.Start(SandboxBehavior.ConflictAsProblemJson);
        _ = await server.CreateAsync("a@x.com");

        Answer answer = await server.PostAsync(Server.User("a@x.com"));

        Assert.Equal("application/problem+json", answer.ContentType?.MediaType);
        Answer.AssertJson(
            """{"type":"about:blank","title":"Conflict","status":409,"detail":"A user with userName \"a@x.com\" already exists. The userName must be unique."}""",
            answer.Json
        );
    }

    [Fact]
    public async Task ConflictAsProblemJson_and_ConflictWithoutScimType_together()
    {
        await using var server = Server.Start(
            new SandboxOptions { Behaviors = [SandboxBehavior.ConflictAsProblemJson, SandboxBehavior.ConflictWithoutScimType] }
        );
        _ = await server.CreateAsync("a@x.com");

        Assert.Equal(HttpStatusCode.Conflict, (await server.PostAsync(Server.User("a@x.com"))).Status);
    }

    [Fact]
    public async Task ExternalIdUnique()
    {
        await using var server = Server.Start(SandboxBehavior.ExternalIdUnique);
        _ = await server.CreateAsync("a@x.com", "\"externalId\":\"e\"");

        (await server.PostAsync(Server.User("b@x.com", "\"externalId\":\"e\""))).AssertError(
            HttpStatusCode.Conflict,
            "uniqueness",
            "A user with externalId \"e\" already exists. The externalId must be unique."
        );
        Assert.Equal("2", await server.CreateAsync("b@x.com", "\"externalId\":\"f\""));
    }

    [Theory]
    [InlineData(SandboxBehavior.PageCapBelowRequested, "count=20", 25, 1, 10)]
    [InlineData(SandboxBehavior.PageCapBelowRequested, "startIndex=21&count=20", 25, 21, 5)]
    [InlineData(SandboxBehavior.TotalResultsEqualsPageSize, "count=20", 20, 1, 20)]
    [InlineData(SandboxBehavior.TotalResultsEqualsPageSize, "startIndex=21&count=20", 5, 21, 5)]
    [InlineData(SandboxBehavior.StartIndexIgnored, "startIndex=21&count=20", 25, 1, 20)]
    [InlineData(SandboxBehavior.PastEndRepeatsFirstPage, "startIndex=26&count=20", 25, 1, 20)]
    [InlineData(SandboxBehavior.FirstPageOnly, "count=20", 20, 1, 20)]
    [InlineData(SandboxBehavior.FirstPageOnly, "startIndex=21&count=20", 20, 1, 20)]
    public async Task Pages_that_lie(SandboxBehavior behavior, string query, int totalResults, int startIndex, int users)
    {
        await using var server = Server.Start(behavior);
        server.Sandbox.Seed(25);

        Answer answer = await server.GetAsync("Users?" + query);

        Assert.Equal(totalResults, answer.Json["totalResults"]!.GetValue<int>());
        Assert.Equal(users, answer.Json["itemsPerPage"]!.GetValue<int>());
        Assert.Equal(startIndex, answer.Json["startIndex"]!.GetValue<int>());
        Assert.Equal(
            Enumerable.Range(startIndex, users).Select(id => $"{id}"),
            answer.Json["Resources"]!.AsArray().Select(user => user!["id"]!.GetValue<string>())
        );
        Assert.Equal(1, server.Sandbox.GetBehaviorHits(behavior));
    }

    [Fact]
    public async Task PastEndRepeatsFirstPage_leaves_the_last_page_alone()
    {
        await using var server = Server.Start(SandboxBehavior.PastEndRepeatsFirstPage);
        server.Sandbox.Seed(25);

        Assert.Single((await server.GetAsync("Users?startIndex=25")).UserNames);
        Assert.Equal(0, server.Sandbox.GetBehaviorHits(SandboxBehavior.PastEndRepeatsFirstPage));
    }

    [Fact]
    public async Task PageWalkUnavailable()
    {
        await using var server = Server.Start(SandboxBehavior.PageWalkUnavailable);
        server.Sandbox.Seed(5);

        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("Users?count=2")).Status);
        (await server.GetAsync("Users?startIndex=3&count=2")).AssertError(HttpStatusCode.ServiceUnavailable, null);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("Users?startIndex=3&count=2")).Status);
    }

    [Fact]
    public async Task PatchNoContent()
    {
        await using var server = Server.Start(SandboxBehavior.PatchNoContent);
        string id = await server.CreateAsync("a@x.com");

        Answer answer = await server.PatchAsync(id, ReplaceTitle);

        Assert.Equal(HttpStatusCode.NoContent, answer.Status);
        Assert.Equal("", answer.Text);
        Assert.Equal("New", (await server.GetAsync("Users/" + id)).Value("title"));
        Assert.Equal(HttpStatusCode.BadRequest, (await server.PatchAsync(id, "[]")).Status);
    }

    [Theory]
    [InlineData("""{"op":"replace","path":"phoneNumbers[type eq \"work\"].value","value":"+34 1234567"}""", "+34 1234567")]
    [InlineData("""{"op":"replace","value":{"title":"x","phoneNumbers[type eq \"work\"].value":"+34 1234567"}}""", "+34 1234567")]
    [InlineData("""{"op":"remove","path":"phoneNumbers[type eq \"work\"].value"}""", null)]
    public async Task FilteredReplaceCreates(string operation, string? number)
    {
        await using var server = Server.Start();
        string id = await server.CreateAsync("a@x.com");

        (await server.PatchAsync(id, $"[{operation}]")).AssertError(HttpStatusCode.BadRequest, "noTarget");
        server.Sandbox.SetBehavior(SandboxBehavior.FilteredReplaceCreates, true);
        Answer answer = await server.PatchAsync(id, $"[{operation}]");
        if (number is null)
            answer.AssertError(HttpStatusCode.BadRequest, "noTarget");
        else
            Assert.Equal((number, "work"), (answer.Value("phoneNumbers", "0", "value"), answer.Value("phoneNumbers", "0", "type")));
        Assert.Equal(number is null ? 0 : 1, server.Sandbox.GetBehaviorHits(SandboxBehavior.FilteredReplaceCreates));
    }

    [Theory]
    [InlineData(SandboxBehavior.PathlessPatchRejected, """[{"op":"replace","value":{"title":"New","locale":"en"}}]""", "invalidPath")]
    [InlineData(SandboxBehavior.PathlessPatchRejected, """[{"op":"replace","value":{"title":"New"}}]""", null)]
    [InlineData(SandboxBehavior.PathlessPatchRejected, ReplaceTitle, null)]
    [InlineData(
        SandboxBehavior.FilteredPathNoTarget,
        """[{"op":"add","path":"phoneNumbers[type eq \"work\"].value","value":"+34 1234567"}]""",
        "noTarget"
    )]
    [InlineData(
        SandboxBehavior.FilteredPathNoTarget,
        """[{"op":"add","path":"phoneNumbers","value":[{"type":"work","value":"+34 1234567"}]}]""",
        null
    )]
    [InlineData(SandboxBehavior.StringBooleansRejected, """[{"op":"replace","path":"active","value":"False"}]""", "invalidValue")]
    [InlineData(SandboxBehavior.StringBooleansRejected, """[{"op":"replace","value":{"active":"False"}}]""", "invalidValue")]
    [InlineData(SandboxBehavior.StringBooleansRejected, """[{"op":"replace","path":"active","value":false}]""", null)]
    public async Task Patches_that_are_refused(SandboxBehavior behavior, string operations, string? scimType)
    {
        await using var server = Server.Start(behavior);
        string id = await server.CreateAsync("a@x.com");

        Answer answer = await server.PatchAsync(id, operations);

        if (scimType is null)
            Assert.Equal(HttpStatusCode.OK, answer.Status);
        else
            answer.AssertError(HttpStatusCode.BadRequest, scimType);
        Assert.Equal(scimType is null ? 1 : 0, server.Sandbox.WriteCount - 1);
        Assert.Equal(scimType is null ? 0 : 1, server.Sandbox.GetBehaviorHits(behavior));
    }

    [Fact]
    public async Task StringBooleansRejected_in_a_POST()
    {
        await using var server = Server.Start(SandboxBehavior.StringBooleansRejected);

        (await server.PostAsync(Server.User("a@x.com", "\"active\":\"True\""))).AssertError(HttpStatusCode.BadRequest, "invalidValue");
        Assert.Equal("1", await server.CreateAsync("a@x.com", "\"active\":true"));
    }

    [Fact]
    public async Task UserNameLowercased()
    {
        await using var server = Server.Start(SandboxBehavior.UserNameLowercased);

        Assert.Equal("ana@x.com", (await server.PostAsync(Server.User("Ana@X.com"))).Value("userName"));
        Assert.Equal("ana@x.com", (await server.GetAsync("Users/1")).Value("userName"));
        Assert.Equal(["ana@x.com"], (await server.GetAsync("Users")).UserNames);
        Assert.Equal("Ana@X.com", server.Sandbox.Users.Single()["userName"]!.GetValue<string>());
    }

    [Fact]
    public async Task PhoneNumbersNormalized()
    {
        await using var server = Server.Start(SandboxBehavior.PhoneNumbersNormalized);

        _ = await server.CreateAsync("a@x.com", "\"phoneNumbers\":[{\"value\":\"+34 (91) 123-4567\",\"type\":\"work\"}]");

        Assert.Equal("+34911234567", (await server.GetAsync("Users/1")).Value("phoneNumbers", "0", "value"));
        Assert.Equal("+34911234567", (await server.GetAsync("Users")).Value("Resources", "0", "phoneNumbers", "0", "value"));
    }

    [Fact]
    public async Task DatesNormalized()
    {
        await using var server = Server.Start(SandboxBehavior.DatesNormalized);

        _ = await server.CreateAsync(
            "a@x.com",
            "\"urn:ietf:params:scim:schemas:extension:travelperk:2.0:User\":{\"dateOfBirth\":\"1980/02/01\"}"
        );

        Assert.Equal(
            "1980-02-01T00:00:00Z",
            (await server.GetAsync("Users/1")).Value("urn:ietf:params:scim:schemas:extension:travelperk:2.0:User", "dateOfBirth")
        );
    }

    [Fact]
    public async Task TextNormalized()
    {
        await using var server = Server.Start(SandboxBehavior.TextNormalized);

        _ = await server.CreateAsync("a@x.com", "\"title\":\" Head  of\\nZoe\u0308 \"");

        Assert.Equal("Head of Zo\u00eb", (await server.GetAsync("Users/1")).Value("title"));
    }

    [Fact]
    public async Task EmptyPageWithoutResources()
    {
        await using var server = Server.Start(SandboxBehavior.EmptyPageWithoutResources);
        _ = await server.CreateAsync("a@x.com");

        Assert.Equal(["a@x.com"], (await server.GetAsync("Users")).UserNames);
        Assert.Null((await server.GetAsync("Users?startIndex=2")).Json["Resources"]);
    }

    [Fact]
    public async Task DeleteRepeatsNoContent()
    {
        await using var server = Server.Start(SandboxBehavior.DeleteRepeatsNoContent);

        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync("DELETE", "Users/5")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync("Users/5")).Status);
    }

    [Fact]
    public async Task JsonMediaTypeRejected()
    {
        await using var server = Server.Start(SandboxBehavior.JsonMediaTypeRejected);

        (await server.SendAsync("POST", "Users", Server.User("a@x.com"), "application/json")).AssertError(
            HttpStatusCode.UnsupportedMediaType,
            null
        );
        Assert.Equal(HttpStatusCode.Created, (await server.PostAsync(Server.User("a@x.com"))).Status);
    }

    [Theory]
    [InlineData(null, "1")]
    [InlineData(SandboxBehavior.RetryAfterDate, "Thu, 01 Jan 2026 00:00:02 GMT")]
    [InlineData(SandboxBehavior.RetryAfterMissing, null)]
    public async Task TooManyRequests_says_when_in_three_ways(SandboxBehavior? way, string? retryAfter)
    {
        await using var server = Server.Start(
            new SandboxOptions { TimeProvider = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, 500, TimeSpan.Zero)) }
        );
        server.Sandbox.SetBehavior(SandboxBehavior.TooManyRequests, true, 2);
        if (way is { } given)
            server.Sandbox.SetBehavior(given, true);

        for (int i = 0; i < 2; i++)
        {
            Answer refused = await server.GetAsync("Users");
            refused.AssertError(HttpStatusCode.TooManyRequests, null);
            Assert.Equal(
                retryAfter,
                refused.Headers.NonValidated.TryGetValues("Retry-After", out HeaderStringValues values) ? values.ToString() : null
            );
        }

        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("Users")).Status);
    }

    [Fact]
    public async Task TooManyRequestsByCount()
    {
        await using var server = Server.Start(SandboxBehavior.TooManyRequestsByCount, 3);

        Assert.Equal("+,+,429 1,+,+,429 1,+", await AnswersAsync(server, 7));
        Assert.Equal(2, server.Sandbox.GetBehaviorHits(SandboxBehavior.TooManyRequestsByCount));
    }

    [Fact]
    public async Task TooManyRequestsByChance_is_the_same_for_the_same_seed()
    {
        string[] runs = await Task.WhenAll(
            new[] { 1, 1, 2 }.Select(async seed =>
            {
                await using var server = Server.Start(new SandboxOptions { Seed = seed });
                server.Sandbox.SetBehavior(SandboxBehavior.TooManyRequestsByChance, true, 30);
                return await AnswersAsync(server, 100);
            })
        );

        Assert.Equal(runs[0], runs[1]);
        Assert.NotEqual(runs[0], runs[2]);
        Assert.All(runs, run => Assert.InRange(run.Split(',').Count(answer => answer == "429 1"), 15, 45));
    }

    [Fact]
    public async Task TooManyRequestsDoubling()
    {
        FakeTimeProvider clock = new();
        await using var server = Server.Start(new SandboxOptions { TimeProvider = clock });
        server.Sandbox.SetBehavior(SandboxBehavior.TooManyRequestsDoubling, true, 2);

        Assert.Equal("+,+,429 1,429 2,429 4", await AnswersAsync(server, 5));
        clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("429 8", await AnswersAsync(server, 1));
        clock.Advance(TimeSpan.FromSeconds(8));
        Assert.Equal("+,+,429 1,429 2,429 4,429 8,429 16,429 32,429 64,429 64", await AnswersAsync(server, 10));
    }

    private static async Task<string> AnswersAsync(Server server, int requests)
    {
        List<string> answers = [];
        for (int i = 0; i < requests; i++)
        {
            Answer answer = await server.GetAsync("Users");
            answers.Add(answer.Status == HttpStatusCode.OK ? "+" : $"{(int)answer.Status} {answer.Headers.RetryAfter}");
        }
        return string.Join(',', answers);
    }

    [Fact]
    public async Task AnswerLostAfterWrite()
    {
        await using var server = Server.Start(SandboxBehavior.AnswerLostAfterWrite, 2);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.PostAsync("{}")).Status);

        await Assert.ThrowsAsync<HttpRequestException>(() => server.PostAsync(Server.User("a@x.com")));
        Assert.Equal(["a@x.com"], (await server.FilterAsync("userName eq \"a@x.com\"")).UserNames);
        await Assert.ThrowsAsync<HttpRequestException>(() => server.PatchAsync("1", ReplaceTitle));

        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync("DELETE", "Users/1")).Status);
        Assert.Equal(
            [true, true],
            server
                .Sandbox.RequestLog.Where(entry => entry.Aborted)
                .Select(entry => entry.Status is HttpStatusCode.Created or HttpStatusCode.OK)
        );
    }

    [Fact]
    public async Task TokenExpires()
    {
        await using var server = Server.Start(SandboxBehavior.TokenExpires, 2);

        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("Users")).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("Users")).Status);
        (await server.GetAsync("Users")).AssertError(HttpStatusCode.Unauthorized, null, "The access token expired.");
        (await server.GetAsync("Users")).AssertError(HttpStatusCode.Unauthorized, null);
        server.Sandbox.SetBehavior(SandboxBehavior.TokenExpires, false);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("Users")).Status);
    }

    [Fact]
    public async Task HtmlInsteadOfJson()
    {
        await using var server = Server.Start(SandboxBehavior.HtmlInsteadOfJson);

        Answer answer = await server.GetAsync("Users");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("text/html", answer.ContentType?.MediaType);
        Assert.StartsWith("<!DOCTYPE html>", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TruncatedJson()
    {
        await using var server = Server.Start(SandboxBehavior.TruncatedJson);

        Answer answer = await server.GetAsync("Schemas");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.StartsWith("{\"schemas\":", answer.Text, StringComparison.Ordinal);
        _ = Assert.ThrowsAny<JsonException>(() => JsonNode.Parse(answer.Text));
    }

    [Theory]
    [InlineData("A \U0001F600 b", "\"title\":\"A \\uD83D\"")]
    [InlineData("Müller", "\"title\":\"Müller\"")]
    public async Task TextCutInSurrogatePair(string title, string shown)
    {
        await using var server = Server.Start(SandboxBehavior.TextCutInSurrogatePair);
        string id = await server.CreateAsync("a@x.com", $"\"title\":\"{title}\"");

        Assert.Contains(shown, (await server.GetAsync("Users/" + id)).Text, StringComparison.Ordinal);
        Assert.Contains(shown, (await server.GetAsync("Users")).Text, StringComparison.Ordinal);
        Assert.Equal(title, (string?)server.Sandbox.Users.Single()["title"]);
    }

    [Theory]
    [InlineData("Müller", "4d c3 22")]
    [InlineData("M\u20ACx", "4d e2 82 22")]
    [InlineData("Mu", "4d 75 22")]
    public async Task TextCutInUtf8Sequence(string title, string shown)
    {
        await using var server = Server.Start(SandboxBehavior.TextCutInUtf8Sequence);
        string id = await server.CreateAsync("a@x.com", $"\"title\":\"{title}\"");

        byte[] body = await server.Http.GetByteArrayAsync("Users/" + id);

        int at = body.AsSpan().IndexOf("\"title\":\""u8) + "\"title\":\"".Length;
        byte[] expected = [.. shown.Split(' ').Select(digits => Convert.ToByte(digits, 16))];
        Assert.Equal(expected, body.AsSpan(at, expected.Length).ToArray());
    }

    [Theory]
    [InlineData(null, 50)]
    [InlineData(1, 1)]
    public async Task EnormousBody(int? number, int megabytes)
    {
        await using var server = Server.Start(SandboxBehavior.EnormousBody, number);

        Answer answer = await server.GetAsync("ServiceProviderConfig");

        Assert.InRange(answer.Text.Length, megabytes * 1024 * 1024, (megabytes * 1024 * 1024) + 2000);
        Assert.Equal(answer.Text.Length, answer.ContentHeaders.ContentLength);
        Assert.Equal("true", answer.Value("patch", "supported"));
    }

    [Fact]
    public async Task SlowHeaders()
    {
        FakeTimeProvider clock = new();
        await using var server = Server.Start(new SandboxOptions { TimeProvider = clock });
        server.Sandbox.SetBehavior(SandboxBehavior.SlowHeaders, true, 10);
        using HttpRequestMessage request = new(HttpMethod.Get, "Users");

        Task<HttpResponseMessage> headers = server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        while (server.Sandbox.RequestCount == 0)
            await Task.Yield();
        clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(headers.IsCompleted);
        while (!headers.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        using HttpResponseMessage response = await headers;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Every_behaviour_can_be_switched_on_and_off_while_running()
    {
        await using var server = Server.Start();
        foreach (SandboxBehavior behavior in Enum.GetValues<SandboxBehavior>())
        {
            server.Sandbox.SetBehavior(behavior, true);
            Assert.Equal([behavior], server.Sandbox.Behaviors);
            Assert.Equal(0, server.Sandbox.GetBehaviorHits(behavior));
            server.Sandbox.SetBehavior(behavior, false);
        }

        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("Users")).Status);
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => server.Sandbox.SetBehavior((SandboxBehavior)999, true));
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => server.Sandbox.SetBehavior(SandboxBehavior.SlowHeaders, true, 0));
    }

    [Fact]
    public async Task Switching_on_again_starts_at_zero_and_hits_stay_readable_when_off()
    {
        await using var server = Server.Start(SandboxBehavior.TooManyRequests, 1);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await server.GetAsync("Users")).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("Users")).Status);

        server.Sandbox.SetBehavior(SandboxBehavior.TooManyRequests, false);
        Assert.Equal(1, server.Sandbox.GetBehaviorHits(SandboxBehavior.TooManyRequests));
        server.Sandbox.SetBehavior(SandboxBehavior.TooManyRequests, true, 1);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await server.GetAsync("Users")).Status);
    }
}

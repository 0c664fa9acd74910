using System.Globalization;
using System.Text.RegularExpressions;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Scim.Tests.Client;

public sealed class PagingTests
{
    private static readonly ScimFilter s_active = ScimFilter.Parse("active eq true");

    [Theory]
    [InlineData(0, 100, 100, 1)]
    [InlineData(1, 100, 100, 2)]
    [InlineData(250, 100, 100, 3)]
    [InlineData(200, 100, 100, 2)]
    [InlineData(100, 100, 100, 2)]
    [InlineData(250, 100, 25, 10)]
    [InlineData(7, 1, 100, 7)]
    public async Task Every_user_comes_once_with_no_request_too_many(int users, int asked, int cap, int requests)
    {
        using var server = new ScriptedServer(request => Honest(request, Ids(users), cap));

        Assert.Equal(Ids(users), await ReadAsync(server, asked));
        Assert.Equal(requests, server.Requests.Count);
        Assert.Equal($"Users?startIndex=1&count={asked}", server.Requests[0].Path);
    }

    [Fact]
    public async Task The_next_page_starts_after_the_returned_users_not_after_the_requested_count()
    {
        using var server = new ScriptedServer(request => Honest(request, Ids(60), 25));

        await ReadAsync(server, 100);

        Assert.Equal([1, 26, 51], server.Requests.Select(request => Number(request, "startIndex")));
    }

    [Fact]
    public async Task The_total_may_be_only_the_size_of_the_page()
    {
        using var server = new ScriptedServer(request => Page(Slice(request, Ids(250), 100), total: Slice(request, Ids(250), 100).Count));

        Assert.Equal(Ids(250), await ReadAsync(server, 100));
    }

    [Fact]
    public async Task The_total_may_be_too_low()
    {
        using var server = new ScriptedServer(request => Page(Slice(request, Ids(250), 100), total: 150));

        Assert.Equal(Ids(250), await ReadAsync(server, 100));
    }

    [Fact]
    public async Task A_page_past_the_end_may_give_the_first_page_again()
    {
        using var server = new ScriptedServer(request =>
            Slice(request, Ids(60), 100) is { Count: > 0 } slice ? Page(slice, 60) : Page(Ids(60), 60)
        );

        Assert.Equal(Ids(60), await ReadAsync(server, 100));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    public async Task A_page_past_the_end_may_be_refused(int status)
    {
        using var server = new ScriptedServer(request =>
            request.Number == 1 ? Page(Ids(60), 60) : new Reply(status, "{\"detail\":\"startIndex\"}")
        );

        Assert.Equal(Ids(60), await ReadAsync(server, 100));
    }

    [Theory]
    [InlineData("{\"totalResults\":60}")]
    [InlineData("{\"totalResults\":60,\"Resources\":null}")]
    public async Task A_page_past_the_end_may_have_no_resources(string empty)
    {
        using var server = new ScriptedServer(request => request.Number == 1 ? Page(Ids(60), 60) : new Reply(200, empty));

        Assert.Equal(Ids(60), await ReadAsync(server, 100));
    }

    [Theory]
    [InlineData(1, "{\"totalResults\":100}", "InvalidResponse")]
    [InlineData(1, "{\"totalResults\":100,\"Resources\":null}", "InvalidResponse")]
    [InlineData(2, "{\"totalResults\":100}", "PagingIncomplete")]
    [InlineData(2, "{\"totalResults\":100,\"Resources\":null}", "PagingIncomplete")]
    [InlineData(2, "{\"totalResults\":60,\"Resources\":{}}", "InvalidResponse")]
    public async Task A_page_without_resources_before_the_end_is_an_error(int page, string body, string errorId)
    {
        using var server = new ScriptedServer(request => request.Number < page ? Page(Ids(60), 100) : new Reply(200, body));

        Assert.Equal(errorId, (await Assert.ThrowsAsync<ScimException>(() => ReadAsync(server, 100))).ErrorId);
    }

    [Fact]
    public async Task A_refusal_before_the_end_is_an_error()
    {
        using var server = new ScriptedServer(request => request.Number == 1 ? Page(Ids(60), 100) : new Reply(400, "{}"));

        Assert.Equal("InvalidRequest", (await Assert.ThrowsAsync<ScimException>(() => ReadAsync(server, 100))).ErrorId);
    }

    [Fact]
    public async Task An_ignored_start_index_is_an_error_not_a_short_list()
    {
        using var server = new ScriptedServer(_ => Page(Ids(100), 250));

        ScimException error = await Assert.ThrowsAsync<ScimException>(() => ReadAsync(server, 100));

        Assert.Equal("PagingNotSupported", error.ErrorId);
        // The second page, a larger page, and a range of ids.
        Assert.Equal(4, server.Requests.Count);
    }

    [Fact]
    public async Task Empty_pages_before_the_end_are_an_error()
    {
        using var server = new ScriptedServer(request => request.Number == 1 ? Page(Ids(100), 250) : Page([], 250));

        Assert.Equal("PagingIncomplete", (await Assert.ThrowsAsync<ScimException>(() => ReadAsync(server, 100))).ErrorId);
    }

    [Fact]
    public async Task A_start_index_counted_from_zero_is_noticed()
    {
        using var server = new ScriptedServer(request => Page([.. Ids(250).Skip(Number(request, "startIndex")).Take(100)], 250));

        Assert.Equal("PagingIncomplete", (await Assert.ThrowsAsync<ScimException>(() => ReadAsync(server, 100))).ErrorId);
    }

    [Fact]
    public async Task A_total_that_grows_for_ever_ends()
    {
        using var server = new ScriptedServer(request => Page(Ids(10), 100 + request.Number));

        Assert.Equal("PagingIncomplete", (await Assert.ThrowsAsync<ScimException>(() => ReadAsync(server, 10))).ErrorId);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    [InlineData(100)]
    public async Task Users_removed_during_the_walk_hide_no_other_user(int removed)
    {
        List<string> before = Ids(250);
        var after = before.Skip(removed).ToList();
        using var server = new ScriptedServer(request => Honest(request, request.Number <= 2 ? before : after, 100));

        Assert.Equal(before, (await ReadAsync(server, 100)).OrderBy(id => id.PadLeft(6), StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(150)]
    public async Task Users_added_during_the_walk_repeat_no_user(int added)
    {
        List<string> before = Ids(250);
        List<string> after = [.. Enumerable.Range(1000, added).Select(id => $"{id}"), .. before];
        using var server = new ScriptedServer(request => Honest(request, request.Number == 1 ? before : after, 100));

        List<string> read = await ReadAsync(server, 100);

        Assert.Equal(read.Count, read.Distinct().Count());
        Assert.Empty(before.Except(read));
    }

    [Fact]
    public async Task A_removal_behind_the_walk_is_no_error()
    {
        List<string> before = Ids(250);
        using var server = new ScriptedServer(request => Honest(request, request.Number <= 1 ? before : before[..240], 100));

        Assert.Equal(before[..240], await ReadAsync(server, 100));
    }

    [Fact]
    public async Task One_match_costs_one_request()
    {
        using var server = new ScriptedServer(_ => Page(["29"], 1));

        Assert.Equal(["29"], await ReadAsync(server, 100, ScimFilter.Equal("userName", "a+b@x.com")));
        Assert.Equal("Users?filter=userName%20eq%20%22a%2Bb%40x.com%22&startIndex=1&count=100", Assert.Single(server.Requests).Path);
    }

    [Fact]
    public async Task The_first_user_is_out_before_the_second_page_is_asked_for()
    {
        using var server = new ScriptedServer(request => Honest(request, Ids(250), 100));
        using ScimClient client = server.Client();
        var seen = new List<int>();

        await foreach (ScimUser user in client.ListUsersAsync(s_active, CancellationToken.None))
            seen.Add(server.Requests.Count);

        Assert.Equal([100, 100, 50], seen.CountBy(requests => requests).Select(pair => pair.Value));
        Assert.Equal(1, seen[0]);
    }

    [Theory]
    [InlineData("{\"totalResults\":0}", null)]
    [InlineData("{\"TotalResults\":\"0\",\"resources\":[]}", null)]
    [InlineData("{\"totalResults\":2}", "InvalidResponse")]
    [InlineData("{\"Resources\":[]}", "InvalidResponse")]
    [InlineData("{\"message\":\"hello\"}", "InvalidResponse")]
    [InlineData("{\"totalResults\":1,\"Resources\":[{\"userName\":\"a@x.com\"}]}", "InvalidResponse")]
    [InlineData("{\"totalResults\":1,\"Resources\":[\"29\"]}", "InvalidResponse")]
    [InlineData("[]", "InvalidResponse")]
    [InlineData("", "InvalidResponse")]
    public async Task A_list_must_be_a_list(string body, string? errorId)
    {
        using var server = new ScriptedServer(new Reply(200, body));

        Exception error = await Record.ExceptionAsync(() => ReadAsync(server, 100));

        Assert.Equal(errorId, (error as ScimException)?.ErrorId);
    }

    private static List<string> Ids(int count) => [.. Enumerable.Range(1, count).Select(id => $"{id}")];

    private static async Task<List<string>> ReadAsync(ScriptedServer server, int pageSize, ScimFilter? filter = null)
    {
        using ScimClient client = server.Client(options => options with { PageSize = pageSize });
        var ids = new List<string>();
        await foreach (ScimUser user in client.ListUsersAsync(filter, CancellationToken.None))
            ids.Add(user.Id!);
        return ids;
    }

    private static Reply Honest(Received request, List<string> ids, int cap) => Page(Slice(request, ids, cap), ids.Count);

    private static List<string> Slice(Received request, List<string> ids, int cap) =>
        [.. ids.Skip(Number(request, "startIndex") - 1).Take(Math.Min(cap, Number(request, "count")))];

    private static Reply Page(List<string> ids, int total) =>
        new(
            200,
            $$"""
            {"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":{{total}},"itemsPerPage":{{ids.Count}},"startIndex":1,
             "Resources":[{{string.Join(",", ids.Select(id => $"{{\"id\":\"{id}\"}}"))}}]}
            """
        );

    private static int Number(Received request, string name) =>
        int.Parse(Regex.Match(request.Path, name + "=([0-9]+)").Groups[1].Value, CultureInfo.InvariantCulture);
}

using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Scim.Tests.Client;

/// <summary>Servers that ignore startIndex, and what else they can do.</summary>
public sealed class RangeWalkTests
{
    [Theory]
    [InlineData("ordinal")]
    [InlineData("ignore case")]
    [InlineData("numbers")]
    [InlineData("backwards")]
    public async Task The_servers_order_of_values_does_not_matter(string order)
    {
        using var server = new ScriptedServer(request => Answer(request, Users(250), cap: 20, compare: Order(order)));

        Assert.Equal(Ids(250), await ReadAsync(server));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(500)]
    [InlineData(501)]
    public async Task A_list_that_ids_cannot_divide_is_divided_by_userName(int refusal)
    {
        using var server = new ScriptedServer(request =>
            Filter(request)?.Contains("id ", StringComparison.Ordinal) == true
                ? new Reply(refusal, "{}")
                : Answer(request, Users(250), cap: 100, compare: string.CompareOrdinal)
        );

        Assert.Equal(Ids(250), await ReadAsync(server));
    }

    [Fact]
    public async Task A_larger_page_that_holds_every_counted_user_is_the_list()
    {
        using var server = new ScriptedServer(request => Page(Users(250).Take(Count(request)), 250));

        Assert.Equal(Ids(250), await ReadAsync(server));
        Assert.Equal(
            ["startIndex=1&count=100", "startIndex=101&count=100", "startIndex=1&count=1000"],
            server.Requests.Select(request => request.Path["Users?".Length..])
        );
    }

    [Theory]
    [InlineData(60)]
    [InlineData(300)]
    public async Task Every_user_that_can_be_read_comes_before_the_error_that_the_list_may_be_incomplete(int users)
    {
        // No startIndex, no ranges, and a total that is the size of the page.
        using var server = new ScriptedServer(request =>
            Filter(request) is not null ? new Reply(501, "{}") : Page(Users(users).Take(Count(request)), null)
        );
        using ScimClient client = server.Client();
        var read = new List<string>();

        ScimException error = await Assert.ThrowsAsync<ScimException>(async () =>
        {
            await foreach (ScimUser user in client.ListUsersAsync(null, CancellationToken.None))
                read.Add(user.Id!);
        });

        Assert.Equal("PagingNotSupported", error.ErrorId);
        Assert.Contains("startIndex", error.Message, StringComparison.Ordinal);
        Assert.Equal(Ids(users), read.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_list_that_ends_early_is_read_by_ranges()
    {
        using var server = new ScriptedServer(request =>
            Filter(request) is not null
                ? Answer(request, Users(250), cap: 100, compare: string.CompareOrdinal)
                : Page(Number(request, "startIndex") > 1 ? [] : Users(100), 250)
        );

        Assert.Equal(Ids(250), await ReadAsync(server));
    }

    [Theory]
    [InlineData("gt finds nobody")]
    [InlineData("gt finds everybody")]
    [InlineData("one user is in no range")]
    [InlineData("only gt is looked at")]
    public async Task Ranges_with_a_gap_are_an_error(string fault)
    {
        using var server = new ScriptedServer(request => Faulty(request, fault));

        Assert.Equal("PagingNotSupported", (await Assert.ThrowsAsync<ScimException>(() => ReadAsync(server))).ErrorId);
        Assert.InRange(server.Requests.Count, 4, 60);
    }

    private static Reply Faulty(Received request, string fault)
    {
        List<JsonObject> users = Users(250);
        if (Filter(request) is not { } filter)
            return Answer(request, users, 100, string.CompareOrdinal);
        return fault switch
        {
            "gt finds nobody" when filter.Contains(" gt ", StringComparison.Ordinal) => Page([], null),
            "gt finds everybody" when filter.Contains(" gt ", StringComparison.Ordinal) => Page(users.Take(100), null),
            "only gt is looked at" when filter.Contains(" lt ", StringComparison.Ordinal) => Page(users.Take(100), null),
            "one user is in no range" => Answer(request, [.. users.Where(user => (string)user["id"]! != "7")], 100, string.CompareOrdinal),
            _ => Answer(request, users, 100, string.CompareOrdinal),
        };
    }

    private static Comparison<string> Order(string order) =>
        order switch
        {
            "ordinal" => string.CompareOrdinal,
            "ignore case" => (a, b) => string.Compare(a, b, StringComparison.OrdinalIgnoreCase),
            "numbers" => (a, b) => int.Parse(a, CultureInfo.InvariantCulture) - int.Parse(b, CultureInfo.InvariantCulture),
            _ => (a, b) => string.CompareOrdinal(b, a),
        };

    /// <summary>The first page of what the filter selects, with a total that is its size.</summary>
    private static Reply Answer(Received request, List<JsonObject> users, int cap, Comparison<string> compare)
    {
        List<Match> terms = Filter(request)?.Split(" and ").Select(term => Regex.Match(term, "^(\\w+) (gt|lt) \"(.*)\"$")).ToList() ?? [];
        return Page(users.Where(user => terms.TrueForAll(Holds(user))).Take(Math.Min(cap, Count(request))), null);

        Predicate<Match> Holds(JsonObject user) =>
            term =>
                compare((string)user[term.Groups[1].Value]!, term.Groups[3].Value) is var side
                && (term.Groups[2].Value == "gt" ? side > 0 : side < 0);
    }

    private static Reply Page(IEnumerable<JsonObject> users, int? total)
    {
        var page = users.ToList();
        return new Reply(
            200,
            new JsonObject { ["totalResults"] = total ?? page.Count, ["Resources"] = new JsonArray([.. page]) }.ToJsonString()
        );
    }

    private static List<JsonObject> Users(int count) =>
        [.. Enumerable.Range(1, count).Select(id => new JsonObject { ["id"] = $"{id}", ["userName"] = $"user{id}@example.com" })];

    private static List<string> Ids(int count) => [.. Enumerable.Range(1, count).Select(id => $"{id}").Order(StringComparer.Ordinal)];

    private static async Task<List<string>> ReadAsync(ScriptedServer server)
    {
        using ScimClient client = server.Client();
        var ids = new List<string>();
        await foreach (ScimUser user in client.ListUsersAsync(null, CancellationToken.None))
            ids.Add(user.Id!);
        ids.Sort(StringComparer.Ordinal);
        return ids;
    }

    private static string? Filter(Received request) =>
        Regex.Match(request.Path, "filter=([^&]*)") is { Success: true } match ? Uri.UnescapeDataString(match.Groups[1].Value) : null;

    private static int Count(Received request) => Number(request, "count");

    private static int Number(Received request, string name) =>
        int.Parse(Regex.Match(request.Path, name + "=([0-9]+)").Groups[1].Value, CultureInfo.InvariantCulture);
}

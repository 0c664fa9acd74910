using System.Security;
using TravelPerkScim.Sandbox;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Scim.Client;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Scim.Tests.Client;

/// <summary>Lists of a whole company, under every combination of the ways in which paging fails: each user once, or an error.</summary>
public sealed class ListWalkTests
{
    private static readonly SandboxBehavior[] s_paging =
    [
        SandboxBehavior.PageCapBelowRequested,
        SandboxBehavior.TotalResultsEqualsPageSize,
        SandboxBehavior.StartIndexIgnored,
        SandboxBehavior.PastEndRepeatsFirstPage,
        SandboxBehavior.FirstPageOnly,
        SandboxBehavior.EmptyPageWithoutResources,
        SandboxBehavior.PageWalkUnavailable,
    ];

    private static readonly SandboxBehavior[] s_withoutStartIndex = [SandboxBehavior.StartIndexIgnored, SandboxBehavior.FirstPageOnly];

    private static readonly SandboxBehavior?[] s_filters = [null, SandboxBehavior.FilterMisses, SandboxBehavior.FilterIgnored];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(199)]
    [InlineData(200)]
    [InlineData(250)]
    public async Task Each_user_comes_once_or_the_list_is_an_error(int users)
    {
        await using TravelPerkSandbox sandbox = Start(users);
        string[] ids = [.. sandbox.Users.Select(user => (string)user["id"]!).Order(StringComparer.Ordinal)];
        foreach (HashSet<SandboxBehavior> on in Combinations())
        {
            foreach (SandboxBehavior? filter in NeedsFilters(on) ? s_filters : [null])
            {
                HashSet<SandboxBehavior> all = [.. on, .. filter is { } broken ? [broken] : Array.Empty<SandboxBehavior>()];
                foreach (SandboxBehavior behavior in Enum.GetValues<SandboxBehavior>())
                    sandbox.SetBehavior(behavior, all.Contains(behavior), behavior == SandboxBehavior.PageCapBelowRequested ? 40 : null);

                (string[] read, string? errorId) = await ReadAsync(sandbox);

                Assert.True(read.Distinct().Count() == read.Length, $"{string.Join(", ", all)}: users came twice");
                Assert.True(
                    errorId is not null || read.SequenceEqual(ids),
                    $"{string.Join(", ", all)}: {read.Length} of {users} users came, and no error"
                );
                Assert.True(
                    errorId is null or "PagingNotSupported" || all.Contains(SandboxBehavior.PageWalkUnavailable),
                    $"{string.Join(", ", all)}: {errorId}"
                );
                // Only a list without startIndex and without a filter cannot be read.
                if (filter is null && !all.Contains(SandboxBehavior.PageWalkUnavailable))
                    Assert.True(errorId is null, $"{string.Join(", ", all)}: {errorId}");
            }
        }
    }

    [Theory]
    [InlineData(250, 2, null, 3)]
    [InlineData(60, 1, SandboxBehavior.PastEndRepeatsFirstPage, 3)]
    [InlineData(100, 1, SandboxBehavior.PastEndRepeatsFirstPage, 3)]
    [InlineData(250, 1, SandboxBehavior.PastEndRepeatsFirstPage, 3)]
    [InlineData(60, 1, SandboxBehavior.StartIndexIgnored, 3)]
    public async Task One_more_request_tells_an_ignored_startIndex_from_a_repeated_first_page(
        int users,
        int lists,
        SandboxBehavior? behavior,
        int requests
    )
    {
        await using TravelPerkSandbox sandbox = Start(users);
        if (behavior is { } known)
            sandbox.SetBehavior(known, on: true);
        for (int list = 0; list < lists; list++)
            Assert.Equal(users, (await ReadAsync(sandbox)).Ids.Length);

        Assert.Equal(lists * requests, sandbox.RequestCount);
    }

    [Fact]
    public async Task The_dialect_learns_from_the_walk()
    {
        await using TravelPerkSandbox sandbox = Start(60);
        using ScimClient client = Client(sandbox);
        sandbox.SetBehavior(SandboxBehavior.TotalResultsEqualsPageSize, on: true);
        sandbox.SetBehavior(SandboxBehavior.PastEndRepeatsFirstPage, on: true);
        await CountAsync(client);
        Assert.Equal((true, null), (client.Dialect.StartIndex, client.Dialect.RangeFilter));

        sandbox.SetBehavior(SandboxBehavior.StartIndexIgnored, on: true);
        await CountAsync(client);
        Assert.Equal((false, true, true), (client.Dialect.StartIndex, client.Dialect.RangeFilter, client.Dialect.ListsWhole));

        sandbox.SetBehavior(SandboxBehavior.FilterMisses, on: true);
        await Assert.ThrowsAsync<ScimException>(() => CountAsync(client));
        Assert.Equal((false, false, false), (client.Dialect.StartIndex, client.Dialect.RangeFilter, client.Dialect.ListsWhole));
    }

    [Fact]
    public async Task Dividing_costs_few_requests()
    {
        await using TravelPerkSandbox sandbox = Start(2000);
        sandbox.SetBehavior(SandboxBehavior.StartIndexIgnored, on: true);
        sandbox.SetBehavior(SandboxBehavior.TotalResultsEqualsPageSize, on: true);

        Assert.Equal(2000, (await ReadAsync(sandbox)).Ids.Length);
        // 20 pages, had startIndex been honoured.
        Assert.InRange(sandbox.RequestCount, 20, 100);
    }

    private static IEnumerable<HashSet<SandboxBehavior>> Combinations() =>
        Enumerable
            .Range(0, 1 << s_paging.Length)
            .Select(bits => s_paging.Where((_, place) => (bits & (1 << place)) != 0).ToHashSet())
            // The one is a part of the other.
            .Where(on => !s_withoutStartIndex.All(on.Contains));

    private static bool NeedsFilters(HashSet<SandboxBehavior> on) =>
        on.Overlaps(s_withoutStartIndex)
        && !on.Contains(SandboxBehavior.EmptyPageWithoutResources)
        && !on.Contains(SandboxBehavior.PageWalkUnavailable);

    private static TravelPerkSandbox Start(int users)
    {
        var sandbox = TravelPerkSandbox.Start(new SandboxOptions { PageCap = 100 });
        sandbox.Seed(users);
        return sandbox;
    }

    private static ScimClient Client(TravelPerkSandbox sandbox)
    {
        using SecureString key = sandbox.GetApiKey();
        return new ScimClient(new ScimClientOptions { BaseUri = sandbox.BaseUri, MaxRetries = 0 }, ScimCredential.ApiKey(key));
    }

    private static async Task<int> CountAsync(ScimClient client)
    {
        int count = 0;
        await foreach (ScimUser _ in client.ListUsersAsync(null, CancellationToken.None))
            count++;
        return count;
    }

    private static async Task<(string[] Ids, string? ErrorId)> ReadAsync(TravelPerkSandbox sandbox)
    {
        using ScimClient client = Client(sandbox);
        var read = new List<string>();
        string? errorId = null;
        try
        {
            await foreach (ScimUser user in client.ListUsersAsync(null, CancellationToken.None))
                read.Add(user.Id!);
        }
        catch (ScimException e)
        {
            errorId = e.ErrorId;
        }
        return ([.. read.Order(StringComparer.Ordinal)], errorId);
    }
}

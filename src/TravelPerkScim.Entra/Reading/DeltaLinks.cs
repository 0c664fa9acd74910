using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Kiota.Abstractions;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Reading;

/// <summary>Where the next round of a delta query begins.</summary>
/// <param name="Link">Graph's link.</param>
/// <param name="Ids">The objects that the link follows; null when it follows every object.</param>
internal sealed record TrackedLink(string Link, HashSet<Guid>? Ids)
{
    /// <summary>The link follows the objects that a filter names.</summary>
    public bool HasFilter => Ids is not null;

    /// <summary>The link follows the object. A round proves nothing about other objects.</summary>
    public bool IsAbout(Guid id) => Ids?.Contains(id) is not false;
}

/// <summary>An item of a round, and the link whose round it is. The item is valid until the next one is asked for.</summary>
internal readonly record struct RoundItem(TrackedLink Link, JsonElement Item);

/// <summary>Rounds of the delta query of users or groups, each with the link of the next round.</summary>
/// <param name="requests">Sends requests.</param>
/// <param name="kind">users or groups.</param>
/// <param name="need">What the requests are for.</param>
/// <param name="select">The properties to ask for.</param>
internal sealed class DeltaLinks(GraphRequests requests, string kind, GraphNeed need, string[] select)
{
    private readonly GraphBatch _batch = new(requests);

    /// <summary>A first round. It lists the objects.</summary>
    /// <param name="ids">The objects to follow; null for every object.</param>
    /// <param name="ends">Takes the link of the next round.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="FilterRefusedException">Graph refuses to follow these objects only, or names far more objects.</exception>
    public async IAsyncEnumerable<RoundItem> BeginAsync(
        Guid[]? ids,
        List<TrackedLink> ends,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        string filter = ids is null ? "" : string.Join(" or ", ids.Select(id => $"id eq '{id:D}'"));
        var own = new TrackedLink("", ids?.ToHashSet());
        var end = new DeltaLink();
        RequestInformation first = First(ids is null ? "" : $"&$filter={Uri.EscapeDataString(filter)}");
        int strangers = 0;
        IAsyncEnumerator<JsonElement> items = requests.ListAsync(first, need, end, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (items.ConfigureAwait(false))
        {
            while (await NextAsync(items, isFiltered: ids is not null).ConfigureAwait(false))
            {
                // A filter that is not obeyed would list the tenant once for each filter.
                if (GraphValues.TryId(items.Current) is { } id && !own.IsAbout(id) && ++strangers > ids!.Length)
                    throw new FilterRefusedException();
                yield return new RoundItem(own, items.Current);
            }
        }
        Add(ends, own, end);
    }

    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<JsonElement> items, bool isFiltered)
    {
        try
        {
            return await items.MoveNextAsync().ConfigureAwait(false);
        }
        catch (SourceException e) when (isFiltered && e.Failure == SourceFailure.Refused)
        {
            throw new FilterRefusedException();
        }
    }

    /// <summary>A link that follows every object from now on. Nothing is listed.</summary>
    public async Task BeginNowAsync(List<TrackedLink> ends, CancellationToken cancellationToken)
    {
        var end = new DeltaLink();
        RequestInformation latest = First("&$deltatoken=latest");
        await foreach (JsonElement item in requests.ListAsync(latest, need, end, cancellationToken).ConfigureAwait(false))
            _ = item;
        Add(ends, new TrackedLink("", null), end);
    }

    /// <summary>The changes since the links. Several links are read in one batch.</summary>
    /// <param name="links">The links of the read before.</param>
    /// <param name="ends">Takes the links of the next rounds.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="DeltaExpiredException">A link is too old.</exception>
    public async IAsyncEnumerable<RoundItem> ChangesAsync(
        IReadOnlyList<TrackedLink> links,
        List<TrackedLink> ends,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        foreach (TrackedLink[] some in links.Chunk(GraphBatch.Size))
        {
            string?[] paths = [.. some.Select(link => requests.PathOf(link.Link))];
            BatchReply[]? replies =
                some.Length == 1 || paths.Contains(null)
                    ? null
                    : await _batch
                        .SendAsync(
                            [.. paths.Select(path => new BatchRequest(Method.GET, path!, need) { LargePages = true })],
                            cancellationToken
                        )
                        .ConfigureAwait(false);
            for (int at = 0; at < some.Length; at++)
            {
                var end = new DeltaLink();
                IAsyncEnumerable<JsonElement> items = replies is null
                    ? requests.ListAsync(requests.ToLink(some[at].Link), need, end, cancellationToken)
                    : requests.ContinueAsync(PageOf(replies[at]), need, end, cancellationToken);
                await foreach (JsonElement item in items.ConfigureAwait(false))
                    yield return new RoundItem(some[at], item);
                Add(ends, some[at], end);
            }
        }
    }

    private RequestInformation First(string options) =>
        GraphRequests.AskForLargePages(requests.ToPath($"{kind}/delta()?$select={string.Join(',', select)}{options}"));

    private JsonElement PageOf(BatchReply reply)
    {
        if (reply.IsGood)
            return reply.Body;
        if (reply.Status is { } status && GraphError.Of((int)status, reply.Body).IsExpiredToken)
            throw new DeltaExpiredException();
        throw reply.Failure(need);
    }

    // Two rounds that end with the same link are one answer given twice, and the changes of the other round would be lost.
    private static void Add(List<TrackedLink> ends, TrackedLink link, DeltaLink end)
    {
        if (ends.Exists(one => one.Link == end.Value))
            throw GraphFailure.Invalid("gives two rounds of changes the same link");
        ends.Add(link with { Link = end.Value! });
    }
}

using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using TravelPerkScim.Scim.Dialect;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Scim.Client;

/// <summary>
/// Walks a list by what the server returned, never by what was asked for (RFC 7644 3.4.2.4). Somebody decides deletes on the result,
/// so a walk either gives every resource exactly once or throws.
/// </summary>
/// <param name="transport">Sends the requests.</param>
/// <param name="pageSize">Resources to ask for at a time.</param>
/// <param name="endpoint">Path of the list, such as <c>Users</c>.</param>
/// <param name="read">Makes a resource of an element, or throws when it is none.</param>
/// <param name="idOf">The resource's id.</param>
/// <param name="ranges">Attributes to divide the list by where startIndex does not walk through it.</param>
internal sealed class ListPager<T>(
    ScimTransport transport,
    int pageSize,
    string endpoint,
    Func<ScimResponse, JsonObject, T> read,
    Func<T, string> idOf,
    IReadOnlyList<RangeKey<T>> ranges
)
{
    /// <summary>How often the list may change under a walk before it is given up.</summary>
    private const int MaxDisturbances = 100;

    /// <summary>A refusal to look past the end is as good as an empty page.</summary>
    private static readonly HashSet<ScimFailure> s_pastTheEnd = [ScimFailure.Refused, ScimFailure.NotFound];

    /// <summary>How services refuse what not all of them have.</summary>
    private static readonly HashSet<ScimFailure> s_notOffered =
    [
        ScimFailure.Refused,
        ScimFailure.NotFound,
        ScimFailure.NotSupported,
        ScimFailure.ServerError,
        ScimFailure.Unreadable,
    ];

    public async IAsyncEnumerable<ListPage<T>> ReadAsync(
        ScimFilter? filter,
        string? query,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        // 16 bytes an id instead of the ids: all that a walk remembers.
        var seen = new HashSet<UInt128>();
        var start = 1;
        var furthest = 0;
        var smallestTotal = int.MaxValue;
        int? previousTotal = null;
        var totalIsSuspect = false;
        var disturbances = 0;
        IReadOnlyList<T>? first = null;
        var isPaged = false;
        while (true)
        {
            var answer = await AskAsync(filter, query, start, pageSize, start > previousTotal ? s_pastTheEnd : null, cancellationToken)
                .ConfigureAwait(false);
            var total = answer?.TotalResults ?? smallestTotal;
            var count = answer?.Resources.Count ?? 0;
            var fresh = answer?.Resources.Where(resource => seen.Add(Fingerprint(idOf(resource)))).ToList() ?? [];
            first ??= answer?.Resources ?? [];
            isPaged |= start > 1 && fresh.Count > 0;
            // Before the page is given away: a caller may want no other.
            if (answer is ListPage<ScimUser> users)
                Learn(filter, start, users, fresh.Count);
            if (answer is not null && (fresh.Count > 0 || previousTotal is null))
                yield return answer with
                {
                    Resources = fresh,
                };

            smallestTotal = Math.Min(smallestTotal, total);
            var changed = previousTotal is { } before ? total - before : 0;
            var reached = start - 1 + count;
            previousTotal = total;

            // Only these two can go on for ever.
            if ((changed < 0 || (changed > 0 && fresh.Count == 0)) && ++disturbances > MaxDisturbances)
                throw Incomplete("PagingIncomplete", seen.Count, total, "the list kept changing while it was read; try again");

            // Users removed meanwhile pull the rest forward, over the border between two pages: step back as many and read them again.
            if (changed < 0 && !totalIsSuspect)
            {
                furthest = Math.Max(furthest, reached);
                start = Math.Max(1, start + changed);
                continue;
            }

            var nothingNew = fresh.Count == 0 && changed == 0 && start > furthest;
            if (count == 0 || nothingNew)
            {
                if (
                    seen.Count >= smallestTotal
                    && (count == 0 || isPaged || await ProvesWholeAsync(filter, query, first, cancellationToken).ConfigureAwait(false))
                )
                    yield break;
                if (count > 0)
                    transport.Dialect.Learn(known => known with { StartIndex = false });
                var otherWay = new RangeWalk<T>(
                    filter is null ? ranges : [],
                    idOf,
                    seen,
                    (range, most) => AskAsync(range ?? filter, query, 1, most, s_notOffered, cancellationToken)
                );
                await foreach (
                    var page in otherWay
                        .ReadAsync(first, pageSize, seen.Count < smallestTotal ? smallestTotal : null, cancellationToken)
                        .ConfigureAwait(false)
                )
                {
                    if (page.Resources.Where(resource => seen.Add(Fingerprint(idOf(resource)))).ToList() is { Count: > 0 } more)
                        yield return page with
                        {
                            TotalResults = Math.Max(total, seen.Count),
                            Resources = more,
                        };
                }
                transport.Dialect.Learn(known => known with { RangeFilter = otherWay.RangesWork ?? known.RangeFilter });
                if (!otherWay.IsWhole)
                    throw Unwalkable(seen.Count, total, ignored: count > 0);
                yield break;
            }

            // A total that equals the page proves nothing: some servers report the page's size, or count wrong.
            // A query for one user that found one is believed, or every match would cost a second request.
            totalIsSuspect |= total < reached || (total == count && !(filter is not null && reached == 1));
            furthest = Math.Max(furthest, reached);
            start = reached + 1;
            if (start > total && !totalIsSuspect)
            {
                if (seen.Count < smallestTotal)
                    throw Unwalkable(seen.Count, total, ignored: false);
                yield break;
            }
        }
    }

    /// <summary>
    /// Past the end of a single page, a service that ignores startIndex looks like one that gives the first page again. At the second
    /// resource they differ; and a total above
    /// the size of the answer is not that size, so that it can be believed.
    /// </summary>
    private async Task<bool> ProvesWholeAsync(
        ScimFilter? filter,
        string? query,
        IReadOnlyList<T> first,
        CancellationToken cancellationToken
    )
    {
        if (
            first.Count < 2
            || await AskAsync(filter, query, start: 2, count: 1, s_pastTheEnd, cancellationToken).ConfigureAwait(false)
                is not { Resources.Count: > 0 } second
        )
            return false;
        var isPaged = idOf(second.Resources[0]) == idOf(first[1]);
        transport.Dialect.Learn(known => known with { StartIndex = isPaged });
        return isPaged || (second.TotalResults > second.Resources.Count && second.TotalResults <= first.Count);
    }

    private ScimException Unwalkable(int seen, int total, bool ignored) =>
        (ignored, seen >= total) switch
        {
            (true, true) => Incomplete(
                "PagingNotSupported",
                seen,
                total,
                "but it ignores startIndex and counts no more than it shows, so whether these are all is not known"
            ),
            (true, false) => Incomplete("PagingNotSupported", seen, total, "then the same came again, so startIndex is ignored"),
            _ => Incomplete("PagingIncomplete", seen, total, "then the list was at its end"),
        };

    private void Learn(ScimFilter? filter, int start, ListPage<ScimUser> page, int fresh)
    {
        int count = page.Resources.Count;
        if (start > 1 && fresh > 0)
            transport.Dialect.Learn(known => known with { StartIndex = true });
        if (count > 0 && (count < pageSize ? start == 1 && count < page.TotalResults : transport.Dialect.Current.PageCap < count))
            transport.Dialect.Learn(known => known with { PageCap = count < pageSize ? count : null });
        if (count == 0 || filter is not ComparisonFilter { Comparison: ScimComparison.Equal, Value: string asked } equal)
            return;
        if (!equal.Matches(page.Resources[0].Resource))
            return;
        if (equal.Path.Equals(UserPaths.ExternalId))
            transport.Dialect.Learn(known => known with { ExternalIdFilter = true });
        else if (equal.Path.Equals(UserPaths.UserName) && page.Resources[0].UserName is { } name)
            transport.Dialect.Learn(known =>
                known with
                {
                    UserNameFilter =
                        name != asked ? UserNameFilter.IgnoresCase
                        : known.UserNameFilter is null or UserNameFilter.Misses ? UserNameFilter.Finds
                        : known.UserNameFilter,
                }
            );
    }

    /// <summary>Null when the server refuses the request in one of the ways given.</summary>
    private async Task<ListPage<T>?> AskAsync(
        ScimFilter? filter,
        string? query,
        int start,
        int count,
        HashSet<ScimFailure>? refusals,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return Read(await transport.SendAsync(Request(filter, query, start, count), cancellationToken).ConfigureAwait(false), start);
        }
        catch (ScimException e) when (refusals?.Contains(e.Kind) == true)
        {
            return null;
        }
    }

    private ScimRequest Request(ScimFilter? filter, string? query, int start, int count)
    {
        var range = string.Create(CultureInfo.InvariantCulture, $"startIndex={start}&count={count}") + (query is null ? "" : "&" + query);
        return filter is null
            ? new ScimRequest(HttpMethod.Get, $"{endpoint}?{range}")
            : new ScimRequest(
                HttpMethod.Get,
                $"{endpoint}?filter={Uri.EscapeDataString(filter.ToString()!)}&{range}",
                TracePath: $"{endpoint}?filter={string.Join(",", filter.Paths().Select(path => new AttributePath(path.SchemaUrn, path.Attribute, null, path.SubAttribute)).Distinct())}&{range}"
            );
    }

    private ListPage<T> Read(ScimResponse response, int start)
    {
        var body = response.Object();
        if (Number(body, "totalResults") is not { } total)
            throw response.Invalid("a list without totalResults");
        var found = JsonLookup.Find(body, "Resources");
        var resources = found as JsonArray;
        // A page without users may leave Resources out, or have null there. Whether the list ends too early is judged by what was seen of
        // it.
        if (resources is null && (found is not null || (start == 1 && total > 0)))
            throw response.Invalid("a list without Resources");

        var elements = resources?.ToList() ?? [];
        // Each resource stands alone: whoever keeps one does not keep the page's tree.
        resources?.Clear();
        var items = elements
            .Select(element => read(response, element as JsonObject ?? throw response.Invalid("a list of something other than resources")))
            .ToList();
        return new ListPage<T>(total, Number(body, "startIndex") ?? start, Number(body, "itemsPerPage") ?? items.Count, items);
    }

    private static int? Number(JsonObject body, string name) =>
        JsonLookup.Scalar(JsonLookup.Find(body, name)) switch
        {
            long number and >= 0 and <= int.MaxValue => (int)number,
            string text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
            _ => null,
        };

    private static UInt128 Fingerprint(string id)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(id));
        return new UInt128(BitConverter.ToUInt64(hash, 0), BitConverter.ToUInt64(hash, 8));
    }

    private ScimException Incomplete(string errorId, int seen, int total, string what) =>
        new(
            ScimFailure.IncompleteList,
            errorId,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The list of {endpoint} is not known to be complete: "
                    + $"the service counts {total}, {seen} came, {what}. Nothing can be concluded from who is missing."
            )
        );
}

/// <summary>One page of a list; <paramref name="Resources"/> leaves out what an earlier page already gave.</summary>
internal sealed record ListPage<T>(int TotalResults, int StartIndex, int ItemsPerPage, IReadOnlyList<T> Resources);

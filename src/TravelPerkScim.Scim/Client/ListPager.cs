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
/// Walks a list by what the service returned, never by what was asked for (RFC 7644 3.4.2.4). Deletes are decided by the result, so a walk
/// either gives every resource exactly once or throws.
/// </summary>
/// <param name="transport">Sends the requests.</param>
/// <param name="pageSize">Resources to ask for at a time.</param>
/// <param name="endpoint">Path of the list, such as <c>Users</c>.</param>
/// <param name="read">Makes a resource of an element, or throws when the element is no resource.</param>
/// <param name="idOf">The resource's id.</param>
/// <param name="keys">Attributes to divide the list by where startIndex does not walk through it.</param>
internal sealed class ListPager<T>(
    ScimTransport transport,
    int pageSize,
    string endpoint,
    Func<ScimResponse, JsonObject, T> read,
    Func<T, string> idOf,
    IReadOnlyList<RangeKey<T>> keys
)
{
    /// <summary>How often the list may change under a walk before it is given up.</summary>
    private const int MaxDisturbances = 100;

    /// <summary>A refusal to look past the end is as good as an empty page.</summary>
    private static readonly HashSet<ScimFailure> s_pastTheEnd = [ScimFailure.Refused, ScimFailure.NotFound];

    /// <summary>How a service refuses a request that not every service supports.</summary>
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
        var walk = new PageWalk(isFiltered: filter is not null);
        while (true)
        {
            HashSet<ScimFailure>? refusals = walk.IsPastTheEnd ? s_pastTheEnd : null;
            ListPage<T> answer =
                await AskAsync(filter, query, walk.Start, pageSize, refusals, cancellationToken).ConfigureAwait(false)
                ?? new ListPage<T>(walk.SmallestTotal, walk.Start, ItemsPerPage: 0, []);
            List<T> fresh = walk.Add(answer.Resources, idOf);
            // Before the page is given away: a caller may want no other.
            if (answer is ListPage<ScimUser> users)
                Learn(filter, walk.Start, users, fresh.Count);
            if (fresh.Count > 0 || walk.IsAtFirstPage)
            {
                yield return answer with
                {
                    Resources = fresh,
                };
            }

            switch (walk.Advance(answer, fresh.Count))
            {
                case WalkStep.NextPage:
                    continue;
                case WalkStep.End:
                    yield break;
                case WalkStep.EndTooEarly:
                    throw Unwalkable(walk, isStartIndexIgnored: false);
                case WalkStep.GiveUp:
                    throw Incomplete("PagingIncomplete", walk, "the list kept changing while it was read; try again");
            }

            bool isEmptyPage = answer.Resources.Count == 0;
            if (await IsWholeAsync(filter, query, walk, isEmptyPage, cancellationToken).ConfigureAwait(false))
                yield break;
            if (!isEmptyPage)
                transport.Dialect.Learn(new ScimDialect { StartIndex = false });
            await foreach (
                ListPage<T>? page in ReadInRangesAsync(filter, query, walk, !isEmptyPage, cancellationToken).ConfigureAwait(false)
            )
            {
                yield return page;
            }
            yield break;
        }
    }

    /// <summary>The rest of a list that startIndex does not walk through.</summary>
    private async IAsyncEnumerable<ListPage<T>> ReadInRangesAsync(
        ScimFilter? filter,
        string? query,
        PageWalk walk,
        bool isStartIndexIgnored,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var ranges = new RangeWalk<T>(
            filter is null ? keys : [],
            idOf,
            walk.Seen,
            (range, most) => AskAsync(range ?? filter, query, 1, most, s_notOffered, cancellationToken)
        );
        int? counted = walk.IsComplete ? null : walk.SmallestTotal;
        await foreach (ListPage<T> page in ranges.ReadAsync(walk.First, pageSize, counted, cancellationToken).ConfigureAwait(false))
        {
            List<T> fresh = walk.Add(page.Resources, idOf);
            if (fresh.Count > 0)
            {
                yield return page with
                {
                    TotalResults = Math.Max(walk.Total, walk.Seen.Count),
                    Resources = fresh,
                };
            }
        }
        transport.Dialect.Learn(new ScimDialect { RangeFilter = ranges.RangesWork });
        if (!ranges.IsWhole)
            throw Unwalkable(walk, isStartIndexIgnored);
    }

    /// <summary>
    /// Past the end of a single page, a service that ignores startIndex looks like one that gives the first page again. At the second
    /// resource the two differ. A total above the size of the answer is not that size, so it can be believed.
    /// </summary>
    private async ValueTask<bool> IsWholeAsync(
        ScimFilter? filter,
        string? query,
        PageWalk walk,
        bool isEmptyPage,
        CancellationToken cancellationToken
    )
    {
        if (!walk.IsComplete)
            return false;
        if (isEmptyPage || walk.IsPaged)
            return true;
        IReadOnlyList<T> first = walk.First;
        if (first.Count < 2)
            return false;
        ListPage<T>? second = await AskAsync(filter, query, start: 2, count: 1, s_pastTheEnd, cancellationToken).ConfigureAwait(false);
        if (second is not { Resources.Count: > 0 })
            return false;
        bool isPaged = idOf(second.Resources[0]) == idOf(first[1]);
        transport.Dialect.Learn(new ScimDialect { StartIndex = isPaged });
        return isPaged || (second.TotalResults > second.Resources.Count && second.TotalResults <= first.Count);
    }

    private ScimException Unwalkable(PageWalk walk, bool isStartIndexIgnored)
    {
        if (!isStartIndexIgnored)
            return Incomplete("PagingIncomplete", walk, "then the list was at its end");
        return walk.Seen.Count >= walk.Total
            ? Incomplete(
                "PagingNotSupported",
                walk,
                "but it ignores startIndex and counts no more than it shows, so whether these are all is not known"
            )
            : Incomplete("PagingNotSupported", walk, "then the same came again, so startIndex is ignored");
    }

    private void Learn(ScimFilter? filter, int start, ListPage<ScimUser> page, int fresh)
    {
        if (start > 1 && fresh > 0)
            transport.Dialect.Learn(new ScimDialect { StartIndex = true });
        if (page.Resources.Count == 0)
            return;
        LearnPageCap(start, page);
        if (filter is ComparisonFilter { Comparison: ScimComparison.Equal, Value: string asked } equal)
            LearnFilter(equal, asked, page.Resources[0]);
    }

    private void LearnPageCap(int start, ListPage<ScimUser> page)
    {
        int count = page.Resources.Count;
        bool isFull = count >= pageSize;
        if (isFull && transport.Dialect.Current.PageCap < count)
            transport.Dialect.Learn(known => known with { PageCap = null });
        else if (!isFull && start == 1 && count < page.TotalResults)
            transport.Dialect.Learn(new ScimDialect { PageCap = count });
    }

    private void LearnFilter(ComparisonFilter filter, string asked, ScimUser found)
    {
        if (!filter.Matches(found.Resource))
            return;
        if (filter.Path.Equals(UserPaths.ExternalId))
            transport.Dialect.Learn(new ScimDialect { ExternalIdFilter = true });
        else if (filter.Path.Equals(UserPaths.UserName) && found.UserName is { } name)
            transport.Dialect.Learn(known => known with { UserNameFilter = Learned(known.UserNameFilter, isOtherCase: name != asked) });
    }

    private static UserNameFilter? Learned(UserNameFilter? known, bool isOtherCase)
    {
        if (isOtherCase)
            return UserNameFilter.IgnoresCase;
        return known is null or UserNameFilter.Misses ? UserNameFilter.Finds : known;
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
        string range =
            string.Create(CultureInfo.InvariantCulture, $"startIndex={start}&count={count}") + (query is null ? "" : "&" + query);
        if (filter is null)
            return new ScimRequest(HttpMethod.Get, $"{endpoint}?{range}");
        string asked = Uri.EscapeDataString(filter.ToString()!);
        return new ScimRequest(
            HttpMethod.Get,
            $"{endpoint}?filter={asked}&{range}",
            TracePath: $"{endpoint}?filter={AttributesOf(filter)}&{range}"
        );
    }

    // A trace shows which attributes a filter asks for, and never the values.
    private static string AttributesOf(ScimFilter filter) =>
        string.Join(
            ",",
            filter.Paths().Select(path => new AttributePath(path.SchemaUrn, path.Attribute, null, path.SubAttribute)).Distinct()
        );

    private ListPage<T> Read(ScimResponse response, int start)
    {
        JsonObject body = response.Object();
        if (Number(body, "totalResults") is not { } total)
            throw response.Invalid("a list without totalResults");
        JsonNode? found = JsonLookup.Find(body, "Resources");
        var resources = found as JsonArray;
        // A page without users may leave Resources out, or have null there. The walk tells from the resources seen whether the list ends
        // too early.
        bool mayBeEmpty = start > 1 || total <= 0;
        if (resources is null && (found is not null || !mayBeEmpty))
            throw response.Invalid("a list without Resources");

        List<JsonNode?> elements = resources?.ToList() ?? [];
        // Each resource stands alone, so that a caller who keeps one resource does not keep the page's tree.
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
            string text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) => number,
            _ => null,
        };

    private ScimException Incomplete(string errorId, PageWalk walk, string what) =>
        new(
            ScimFailure.IncompleteList,
            errorId,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The list of {endpoint} is not known to be complete: "
                    + $"the service counts {walk.Total}, {walk.Seen.Count} came, {what}. Nothing can be concluded from who is missing."
            )
        );

    /// <summary>What to do after a page.</summary>
    private enum WalkStep
    {
        /// <summary>Ask for the next page.</summary>
        NextPage,

        /// <summary>Every resource was given.</summary>
        End,

        /// <summary>The page brought nothing new: the list is at its end, or startIndex is ignored.</summary>
        NothingNew,

        /// <summary>The list ended before the service's count was reached.</summary>
        EndTooEarly,

        /// <summary>The list changed too often.</summary>
        GiveUp,
    }

    /// <summary>What a walk has seen, and where it reads next. A struct, so that a query for one user costs no allocation for it.</summary>
    private struct PageWalk(bool isFiltered)
    {
        private int _furthest;
        private int? _previousTotal;
        private bool _isTotalSuspect;
        private int _disturbances;

        /// <summary>Fingerprints of the ids that came: 16 bytes for each, instead of the id.</summary>
        public HashSet<UInt128> Seen { get; } = [];

        /// <summary>Index of the first resource of the next page.</summary>
        public int Start { get; private set; } = 1;

        /// <summary>The resources of the first page.</summary>
        public IReadOnlyList<T> First { get; private set; } = [];

        /// <summary>A later page brought resources that an earlier one had not.</summary>
        public bool IsPaged { get; private set; }

        /// <summary>The smallest number of resources that the service has counted.</summary>
        public int SmallestTotal { get; private set; } = int.MaxValue;

        /// <summary>The service's last count.</summary>
        public readonly int Total => _previousTotal ?? 0;

        public readonly bool IsAtFirstPage => _previousTotal is null;

        /// <summary>The next page begins behind the service's last count.</summary>
        public readonly bool IsPastTheEnd => Start > _previousTotal;

        /// <summary>As many resources came as the service has counted.</summary>
        public readonly bool IsComplete => Seen.Count >= SmallestTotal;

        /// <summary>Notes the resources of an answer, and gives those that are new.</summary>
        public readonly List<T> Add(IReadOnlyList<T> resources, Func<T, string> idOf)
        {
            HashSet<UInt128> seen = Seen;
            return [.. resources.Where(resource => seen.Add(Fingerprint(idOf(resource))))];
        }

        /// <summary>Decides what comes after a page.</summary>
        /// <param name="page">The page; empty when the service refused to look past the end.</param>
        /// <param name="fresh">How many of its resources are new.</param>
        public WalkStep Advance(ListPage<T> page, int fresh)
        {
            int count = page.Resources.Count;
            int total = page.TotalResults;
            int changed = total - (_previousTotal ?? total);
            int reached = Start - 1 + count;
            if (IsAtFirstPage)
                First = page.Resources;
            IsPaged |= Start > 1 && fresh > 0;
            SmallestTotal = Math.Min(SmallestTotal, total);
            _previousTotal = total;

            // Only these two can go on for ever.
            bool isDisturbed = changed < 0 || (changed > 0 && fresh == 0);
            if (isDisturbed && ++_disturbances > MaxDisturbances)
                return WalkStep.GiveUp;

            // Users removed meanwhile pull the rest forward, over the border between two pages: step back as many and read them again.
            if (changed < 0 && !_isTotalSuspect)
            {
                _furthest = Math.Max(_furthest, reached);
                Start = Math.Max(1, Start + changed);
                return WalkStep.NextPage;
            }

            bool isRepeated = fresh == 0 && changed == 0 && Start > _furthest;
            if (count == 0 || isRepeated)
                return WalkStep.NothingNew;

            // A total that equals the page proves nothing: some services report the page's size, or count wrong.
            // A query for one user that found one is believed, or every match would cost a second request.
            bool isOneFound = isFiltered && reached == 1;
            _isTotalSuspect |= total < reached || (total == count && !isOneFound);
            _furthest = Math.Max(_furthest, reached);
            Start = reached + 1;
            if (Start <= total || _isTotalSuspect)
                return WalkStep.NextPage;
            return IsComplete ? WalkStep.End : WalkStep.EndTooEarly;
        }

        private static UInt128 Fingerprint(string id)
        {
            byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(id));
            return new UInt128(BitConverter.ToUInt64(hash, 0), BitConverter.ToUInt64(hash, 8));
        }
    }
}

/// <summary>One page of a list; <paramref name="Resources"/> leaves out what an earlier page already gave.</summary>
internal sealed record ListPage<T>(int TotalResults, int StartIndex, int ItemsPerPage, IReadOnlyList<T> Resources);

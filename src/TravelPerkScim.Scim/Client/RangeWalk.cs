using System.Runtime.CompilerServices;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Scim.Client;

/// <summary>An attribute by whose values a list can be divided; no two resources have the same value.</summary>
internal sealed record RangeKey<T>(AttributePath Path, Func<T, string?> ValueOf);

/// <summary>
/// Reads a list that startIndex does not walk through: as one larger page, then by ranges of an attribute. An answer that may leave
/// resources out is divided at one of its own resources, and both sides are asked for (lt and gt, RFC 7644 3.4.2.2). The order in which the
/// service puts values does not matter: each value is below, above or at the division.
/// </summary>
/// <param name="keys">Attributes to divide by. The first one that the service can divide by is used.</param>
/// <param name="idOf">The resource's id.</param>
/// <param name="seen">Ids that any answer held; the reader adds those of an answer before it asks for the next one.</param>
/// <param name="ask">Sends one request for the first page of a range, with a number of resources. A null range is the whole list; a null
/// answer is a refusal.</param>
internal sealed class RangeWalk<T>(
    IReadOnlyList<RangeKey<T>> keys,
    Func<T, string> idOf,
    IReadOnlyCollection<UInt128> seen,
    Func<ScimFilter?, int, Task<ListPage<T>?>> ask
)
{
    private const int LargerPage = 1000;

    /// <summary>Ids at a division, or in an answer that leaves no resource out.</summary>
    private readonly HashSet<string> _confirmed = new(StringComparer.Ordinal);

    /// <summary>After <see cref="ReadAsync"/>: every resource was given.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>After <see cref="ReadAsync"/>: whether the service can divide the list into ranges; null when no range was asked
    /// for.</summary>
    public bool? RangesWork { get; private set; }

    /// <summary>The answers, which may repeat resources.</summary>
    /// <param name="first">The list's first page.</param>
    /// <param name="pageSize">How many resources that page was to hold.</param>
    /// <param name="counted">How many resources the service has; null when its count is not to be believed.</param>
    /// <param name="cancellationToken">Stops the walk.</param>
    public async IAsyncEnumerable<ListPage<T>> ReadAsync(
        IReadOnlyList<T> first,
        int pageSize,
        int? counted,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ListPage<T>? larger = pageSize < LargerPage ? await ask(null, LargerPage).ConfigureAwait(false) : null;
        if (larger?.Resources.Count > first.Count)
        {
            yield return larger;
            (first, pageSize) = (larger.Resources, LargerPage);
            IsWhole = seen.Count >= counted;
        }
        foreach (RangeKey<T> key in keys.TakeWhile(_ => !IsWhole))
        {
            RangesWork = false;
            await foreach (ListPage<T> answer in DivideAsync(key, first, pageSize, cancellationToken).ConfigureAwait(false))
                yield return answer;
            // A service that leaves resources out of ranges has shown some of them before.
            RangesWork = RangesWork == true && _confirmed.Count == seen.Count;
            IsWhole = RangesWork == true && seen.Count >= (counted ?? 0);
        }
    }

    private async IAsyncEnumerable<ListPage<T>> DivideAsync(
        RangeKey<T> key,
        IReadOnlyList<T> first,
        int pageSize,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        _confirmed.Clear();
        var divisions = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var open = new Stack<(string? Above, string? Below)>();
        // An answer with fewer resources than the service has shown on one page is not cut.
        int largest = first.Count;
        if (!Divide((null, null), first))
            yield break;
        while (open.TryPop(out (string? Above, string? Below) range))
        {
            cancellationToken.ThrowIfCancellationRequested();
            ListPage<T>? answer = await ask(Filter(key, range), pageSize).ConfigureAwait(false);
            if (answer is null || answer.Resources.Any(resource => IsAtBorder(range, key.ValueOf(resource))))
                yield break;
            yield return answer;
            int count = answer.Resources.Count;
            bool isEmpty = count == 0 && answer.TotalResults <= 0;
            if (answer.TotalResults <= count && count < largest)
                _confirmed.UnionWith(answer.Resources.Select(idOf));
            else if (!isEmpty && !Divide(range, answer.Resources))
                yield break;
            largest = Math.Max(largest, count);
        }
        RangesWork = true;

        bool Divide((string? Above, string? Below) range, IReadOnlyList<T> resources)
        {
            List<T> ordered =
            [
                .. resources.Where(resource => key.ValueOf(resource) is not null).OrderBy(key.ValueOf, StringComparer.Ordinal),
            ];
            if (ordered.Count == 0)
                return false;
            T division = ordered[ordered.Count / 2];
            string middle = key.ValueOf(division)!;
            if (!divisions.Add(middle))
                return false;
            _confirmed.Add(idOf(division));
            open.Push((middle, range.Below));
            open.Push((range.Above, middle));
            return true;
        }
    }

    // A filter that is ignored shows the resource at which the list was divided.
    private static bool IsAtBorder((string? Above, string? Below) range, string? value) =>
        value is not null
        && (
            string.Equals(value, range.Above, StringComparison.OrdinalIgnoreCase)
            || string.Equals(value, range.Below, StringComparison.OrdinalIgnoreCase)
        );

    private static ScimFilter Filter(RangeKey<T> key, (string? Above, string? Below) range)
    {
        ScimFilter?[] bounds = [Bound(key, ScimComparison.GreaterThan, range.Above), Bound(key, ScimComparison.LessThan, range.Below)];
        return ScimFilter.And([.. bounds.OfType<ScimFilter>()]);
    }

    private static ComparisonFilter? Bound(RangeKey<T> key, ScimComparison comparison, string? value) =>
        value is null ? null : new ComparisonFilter(key.Path, comparison, value);
}

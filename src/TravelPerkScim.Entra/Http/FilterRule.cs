namespace TravelPerkScim.Entra.Http;

/// <summary>Whether a delta query names the objects that matter in its filter, or follows every object of the tenant.</summary>
/// <remarks>
/// A first round without a filter takes a request for each page of the tenant. Rounds with a filter take a request for each 50 objects.
/// 60 users in a tenant of 60,000: 2 requests instead of 61. 3 groups of 15,000: 1 instead of 16. 60 users in a tenant of 900: 2 instead of
/// 1, so no filter. A later round takes one request without a filter, and one for each filter, 20 of them in one batch. So 20 filters,
/// which is 1,000 objects, are the most: an idle read then still takes three requests. A round without a filter names each change of the
/// tenant, and each user who changed is read. So filters stay until there are twice as many as pages, and a number at the limit does not
/// move the read back and forth.
/// </remarks>
internal sealed record FilterRule
{
    /// <summary>The most ids that Graph takes in one filter of a delta query.</summary>
    public int IdsInFilter { get; init; } = 50;

    /// <summary>Objects in a page of a delta query without a filter.</summary>
    public int PageSize { get; init; } = GraphRequests.PageSize;

    /// <summary>The most filters of one read.</summary>
    public int MostFilters { get; init; } = GraphBatch.Size;

    /// <summary>Whether filters take fewer requests.</summary>
    /// <param name="wanted">Objects that matter.</param>
    /// <param name="tenant">Objects of the kind in the tenant; null when Graph did not tell.</param>
    /// <param name="hasFilters">The read before had filters.</param>
    public bool Pays(int wanted, long? tenant, bool hasFilters)
    {
        if (tenant is not { } all)
            return false;
        int filters = Math.Max(1, FiltersOf(wanted));
        long pages = Math.Max(1, (all + PageSize - 1) / PageSize);
        return filters <= MostFilters && (hasFilters ? filters <= 2 * pages : filters < pages);
    }

    /// <summary>Whether so many filters have become far more than the objects need, one after the other for objects that came
    /// later.</summary>
    public bool IsScattered(int filters, int wanted) => filters > MostFilters || filters > (2 * FiltersOf(wanted)) + 2;

    private int FiltersOf(int wanted) => (wanted + IdsInFilter - 1) / IdsInFilter;
}

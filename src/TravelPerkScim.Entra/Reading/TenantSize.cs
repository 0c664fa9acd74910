using System.Text.Json;
using Microsoft.Kiota.Abstractions;
using TravelPerkScim.Entra.Http;

namespace TravelPerkScim.Entra.Reading;

/// <summary>How many objects the tenant has.</summary>
/// <param name="Users">Number of users; null when Graph did not tell.</param>
/// <param name="Groups">Number of groups; null when Graph did not tell.</param>
/// <param name="Counted">When they were counted.</param>
internal sealed record TenantSize(long? Users, long? Groups, DateTimeOffset Counted)
{
    /// <summary>How long a count is used. Only the cost of a read depends on the numbers, and a tenant grows slowly.</summary>
    private static readonly TimeSpan s_age = TimeSpan.FromDays(7);

    /// <summary>The numbers are not used until the next count.</summary>
    public TenantSize Unknown() => this with { Users = null, Groups = null };

    /// <summary>The count, when it is not too old. Otherwise users and groups are counted, in one request. An answer that is no number ends
    /// no read.</summary>
    public static async Task<TenantSize> UpToDateAsync(
        TenantSize? before,
        GraphRequests requests,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        if (before is not null && now - before.Counted < s_age)
            return before;
        BatchReply[] replies = await new GraphBatch(requests)
            .SendAsync([Count("users", GraphNeed.Users), Count("groups", GraphNeed.Groups)], cancellationToken)
            .ConfigureAwait(false);
        return new TenantSize(NumberIn(replies[0]) ?? before?.Users, NumberIn(replies[1]) ?? before?.Groups, now);
    }

    private static BatchRequest Count(string kind, GraphNeed need) =>
        new(Method.GET, $"/{kind}?$count=true&$top=1&$select=id", need) { IsAdvanced = true };

    private static long? NumberIn(BatchReply reply) =>
        reply.IsGood
        && JsonText.Property(reply.Body, "@odata.count") is { ValueKind: JsonValueKind.Number } count
        && count.TryGetInt64(out long number)
        && number >= 0
            ? number
            : null;
}

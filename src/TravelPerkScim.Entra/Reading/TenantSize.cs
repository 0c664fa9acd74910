using System.Text.Json;
using Microsoft.Kiota.Abstractions;
using TravelPerkScim.Entra.Http;

namespace TravelPerkScim.Entra.Reading;

/// <summary>How many objects the tenant has.</summary>
/// <param name="Users">Number of users; null when Graph did not tell.</param>
/// <param name="Groups">Number of groups; null when Graph did not tell.</param>
internal sealed record TenantSize(long? Users, long? Groups)
{
    /// <summary>Counts users and groups in one request. Only the cost of a read depends on the numbers, so an answer that is no number ends
    /// no read.</summary>
    public static async Task<TenantSize> CountAsync(GraphRequests requests, CancellationToken cancellationToken)
    {
        BatchReply[] replies = await new GraphBatch(requests)
            .SendAsync([Count("users", GraphNeed.Users), Count("groups", GraphNeed.Groups)], cancellationToken)
            .ConfigureAwait(false);
        return new TenantSize(NumberIn(replies[0]), NumberIn(replies[1]));
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

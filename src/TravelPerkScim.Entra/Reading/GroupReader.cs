using System.Text.Json;
using TravelPerkScim.Entra.Http;

namespace TravelPerkScim.Entra.Reading;

/// <summary>Reads groups with their members: single ones whole, or the changes in an item of a delta.</summary>
internal sealed class GroupReader(GraphRequests requests, bool nested)
{
    private const int RequestsPerGroup = 2;

    private readonly GraphBatch _batch = new(requests);

    /// <summary>The groups; null for one that is not in the directory.</summary>
    public async Task<Dictionary<Guid, KeptGroup?>> ReadAsync(Guid[] ids, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Guid, KeptGroup?>();
        foreach (Guid[] chunk in ids.Chunk(GraphBatch.Size / RequestsPerGroup))
        {
            JsonElement?[] answers = await _batch.GetAsync([.. chunk.SelectMany(Requests)], cancellationToken).ConfigureAwait(false);
            for (int at = 0; at < chunk.Length; at++)
            {
                found[chunk[at]] = answers[at * RequestsPerGroup] is { } group && answers[(at * RequestsPerGroup) + 1] is { } members
                    ? await WholeAsync(group, members, cancellationToken).ConfigureAwait(false)
                    : null;
            }
        }
        return found;
    }

    /// <summary>Takes over the name and the members that came or left. A member that comes again is no other member.</summary>
    public static void Apply(KeptGroup group, JsonElement item, bool nested)
    {
        if (item.TryGetProperty("displayName", out JsonElement name) && name.ValueKind == JsonValueKind.String)
            group.DisplayName = name.GetString()!;
        if (!item.TryGetProperty("members@delta", out JsonElement members) || members.ValueKind != JsonValueKind.Array)
            return;
        foreach (JsonElement member in members.EnumerateArray())
        {
            if (MembersLike(group, member, nested) is not { } set)
                continue;
            if (GraphValues.Removal(member) is null)
                set.Add(GraphValues.Id(member));
            else
                set.Remove(GraphValues.Id(member));
        }
    }

    private async Task<KeptGroup> WholeAsync(JsonElement item, JsonElement firstPage, CancellationToken cancellationToken)
    {
        var group = new KeptGroup("");
        Apply(group, item, nested);
        await foreach (JsonElement member in requests.ContinueAsync(firstPage, GraphNeed.Groups, cancellationToken).ConfigureAwait(false))
            MembersLike(group, member, nested)?.Add(GraphValues.Id(member));
        return group;
    }

    private static IEnumerable<(string Url, GraphNeed Need)> Requests(Guid id) =>
    [
        ($"/groups/{id:D}?$select=id,displayName", GraphNeed.Groups),
        ($"/groups/{id:D}/members?$select=id&$top={GraphRequests.PageSize}", GraphNeed.Groups),
    ];

    /// <summary>Devices, contacts and service principals can be members too; they are nobody to provision.</summary>
    private static HashSet<Guid>? MembersLike(KeptGroup group, JsonElement member, bool nested) =>
        member.TryGetProperty("@odata.type", out JsonElement type) && !type.ValueEquals("#microsoft.graph.user")
            ? type.ValueEquals("#microsoft.graph.group") && nested ? group.Groups : null
            : group.Users;
}

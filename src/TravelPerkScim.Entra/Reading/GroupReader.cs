using System.Text.Json;
using TravelPerkScim.Entra.Http;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Entra.Reading;

/// <summary>The result of reading one group whole.</summary>
/// <param name="State">Whether the group came.</param>
/// <param name="Group">The group with its members, when found.</param>
internal readonly record struct GroupRead(BatchState State, KeptGroup? Group = null);

/// <summary>Reads groups with their members: single ones whole, or the changes in an item of a delta.</summary>
internal sealed class GroupReader(GraphRequests requests, bool nested)
{
    private const int RequestsPerGroup = 2;

    private readonly GraphBatch _batch = new(requests);

    public async Task<Dictionary<Guid, GroupRead>> ReadAsync(Guid[] ids, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Guid, GroupRead>();
        foreach (Guid[] chunk in ids.Chunk(GraphBatch.Size / RequestsPerGroup))
        {
            BatchAnswer[] answers = await _batch.GetAsync([.. chunk.SelectMany(Requests)], cancellationToken).ConfigureAwait(false);
            for (int at = 0; at < chunk.Length; at++)
            {
                BatchAnswer group = answers[at * RequestsPerGroup],
                    members = answers[(at * RequestsPerGroup) + 1];
                bool isNotFound = group.State == BatchState.NotFound || members.State == BatchState.NotFound;
                if (group.Found is { } item && members.Found is { } firstPage && GraphValues.TryId(item) == chunk[at])
                    found[chunk[at]] = await WholeAsync(item, firstPage, cancellationToken).ConfigureAwait(false);
                else
                    found[chunk[at]] = new GroupRead(isNotFound ? BatchState.NotFound : BatchState.Invalid);
            }
        }
        return found;
    }

    /// <summary>
    /// Takes over the name and the members that came or left. A member that comes again counts once. False when a member cannot be read.
    /// </summary>
    public static bool Apply(KeptGroup group, JsonElement item, bool nested)
    {
        if (JsonText.Property(item, "displayName") is { ValueKind: JsonValueKind.String })
            group.DisplayName = JsonText.OrEmpty(item, "displayName");
        JsonElement members = JsonText.Property(item, "members@delta");
        if (!JsonText.Exists(members))
            return true;
        return members.ValueKind == JsonValueKind.Array && members.EnumerateArray().All(member => ApplyMember(group, member, nested));
    }

    /// <summary>
    /// The members that came and left, for a group that is read whole. Its list of members may not show a new member yet, and may still
    /// show a member that left.
    /// </summary>
    public static MemberChanges ChangesOf(JsonElement item, bool nested)
    {
        var changes = new MemberChanges(new KeptGroup(""), new KeptGroup(""));
        foreach (JsonElement member in JsonText.Items(item, "members@delta"))
        {
            if (GraphValues.TryId(member) is not { } id)
                continue;
            KeptGroup moved = GraphValues.Removal(member) is null ? changes.Came : changes.Left;
            MembersLike(moved, member, nested)?.Add(id);
        }
        return changes;
    }

    private static bool ApplyMember(KeptGroup group, JsonElement member, bool nested)
    {
        if (GraphValues.TryId(member) is not { } id)
            return false;
        HashSet<Guid>? set = MembersLike(group, member, nested);
        if (GraphValues.Removal(member) is null)
            set?.Add(id);
        else
            set?.Remove(id);
        return true;
    }

    private async Task<GroupRead> WholeAsync(JsonElement item, JsonElement firstPage, CancellationToken cancellationToken)
    {
        var group = new KeptGroup("");
        bool whole = Apply(group, item, nested);
        try
        {
            IAsyncEnumerable<JsonElement> members = requests.ContinueAsync(firstPage, GraphNeed.Groups, cancellationToken);
            await foreach (JsonElement member in members.ConfigureAwait(false))
                whole &= ApplyMember(group, member, nested);
        }
        catch (SourceException e) when (e.Failure == SourceFailure.NotFound)
        {
            return new GroupRead(BatchState.NotFound);
        }
        return whole ? new GroupRead(BatchState.Found, group) : new GroupRead(BatchState.Invalid);
    }

    private static IEnumerable<(string Url, GraphNeed Need)> Requests(Guid id) =>
        [
            ($"/groups/{id:D}?$select=id,displayName", GraphNeed.Groups),
            ($"/groups/{id:D}/members?$select=id&$top={GraphRequests.PageSize}", GraphNeed.Groups),
        ];

    /// <summary>The set for a member of this type; null for devices, contacts and service principals, which are not provisioned.</summary>
    private static HashSet<Guid>? MembersLike(KeptGroup group, JsonElement member, bool nested) =>
        JsonText.Of(member, "@odata.type") switch
        {
            null or "#microsoft.graph.user" => group.Users,
            "#microsoft.graph.group" when nested => group.Groups,
            _ => null,
        };
}

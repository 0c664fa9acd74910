using System.Text.Json;
using TravelPerkScim.GraphStandIn.Protocol;

namespace TravelPerkScim.GraphStandIn.Endpoints;

/// <summary>users/delta and groups/delta.</summary>
internal sealed class DeltaEndpoint(StandInDirectory directory, GraphBehavior behavior, DeltaTokens tokens, UserProperties properties)
{
    private const int MaxIds = 50;

    public GraphResponse Answer(string kind, GraphRequest request, string root)
    {
        DeltaToken? token;
        if ((request.Option("$skiptoken") ?? request.Option("$deltatoken")) is { } name and not "latest")
        {
            if (request.Query.Count > 1)
                return GraphResponse.Error(400, "BadRequest", "A delta link takes no further query options.");
            token = tokens.Find(name);
            if (token is null || token.Kind != kind)
                return Expired(kind, root);
        }
        else
        {
            string[] select = request.Select ?? ["id", "displayName"];
            if (request.Query.Keys.Any(option => option is "$expand" or "$orderby" or "$top"))
                return GraphResponse.Error(400, "BadRequest", "A delta query supports no $expand, $orderby or $top.");
            if (kind == "users" && properties.Refuse(select, collection: true) is { } refusal)
                return refusal;
            IReadOnlySet<string>? ids = null;
            if (request.Option("$filter") is { } filter && (Ids(filter, out ids) ?? RefusedFilter()) is { } refused)
                return refused;
            token = new DeltaToken(kind, select, -1, -1, null, 0, 0, behavior.IgnoresFilter ? null : ids);
            if (request.Option("$deltatoken") is not null)
                token = token with { Until = directory.Change, Items = [] };
        }
        return Page(token.Items is null ? Begin(token) : token, request.PageSize(behavior), root);
    }

    private GraphResponse? RefusedFilter() =>
        behavior.RefusesFilter ? GraphResponse.Error(400, "Request_UnsupportedQuery", "Unsupported Query.") : null;

    /// <summary><c>id eq '...' or id eq '...'</c>, of at most 50 objects.</summary>
    private static GraphResponse? Ids(string filter, out IReadOnlySet<string>? ids)
    {
        const string Equal = "id eq '";
        string[] clauses = filter.Split(" or ");
        ids = clauses
            .Select(clause => clause[Math.Min(Equal.Length, clause.Length)..].TrimEnd('\''))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (!clauses.All(clause => clause.StartsWith(Equal, StringComparison.Ordinal) && clause.EndsWith('\'')))
            return GraphResponse.Error(400, "Request_UnsupportedQuery", "Unsupported Query.");
        return clauses.Length > MaxIds
            ? GraphResponse.Error(400, "Request_UnsupportedQuery", "The filter of a delta query names more than 50 objects.")
            : null;
    }

    private DeltaToken Begin(DeltaToken token)
    {
        IEnumerable<StandInObject> all = token.Kind == "users" ? directory.UserOrder : directory.GroupOrder;
        if (token.Ids is { } ids)
            all = all.Where(item => ids.Contains(item.Id));
        bool initial = token.Since < 0;
        long since = initial ? -1 : Math.Max(0, token.Since - behavior.Replay);
        List<DeltaPiece> pieces = [.. all.Where(item => item.Changed > since).SelectMany(item => Pieces(item, token, since))];
        if (!initial && behavior.Shuffle is { } random)
            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(pieces));
        return token with { Since = since, Until = directory.Change, Items = Repeat(pieces) };
    }

    private IEnumerable<DeltaPiece> Pieces(StandInObject item, DeltaToken token, long since) =>
        item is StandInGroup group && token.Select.Contains("members")
            ? group
                .Links.Where(link => link.Value.Changed > since && (since >= 0 || IsMember(group, link.Key)))
                .Select(link => link.Key)
                .Chunk(behavior.MembersAtOnce)
                .DefaultIfEmpty([])
                .Select(members => new DeltaPiece(item, members))
            : [new DeltaPiece(item, [])];

    private List<DeltaPiece> Repeat(List<DeltaPiece> items)
    {
        if (behavior.Shuffle is not { } random || behavior.Repeats <= 0)
            return items;
        foreach (DeltaPiece item in items.ToList())
        {
            if (random.NextDouble() < behavior.Repeats)
                items.Insert(random.Next(items.Count + 1), item);
        }
        return items;
    }

    private GraphResponse Page(DeltaToken token, int size, string root)
    {
        bool empty = behavior.EmptyPageEvery > 0 && (token.Page + 1) % behavior.EmptyPageEvery == 0;
        int end = empty ? token.Offset : Math.Min(token.Offset + size, token.Items!.Count);
        bool last = !empty && end == token.Items!.Count;
        DeltaToken next = last
            ? token with
            {
                Since = token.Until,
                Items = null,
                Offset = 0,
                Page = 0,
            }
            : token with
            {
                Offset = end,
                Page = token.Page + 1,
            };
        string link = $"{root}/{token.Kind}/delta?{(last ? "$deltatoken" : "$skiptoken")}={tokens.Give(next)}";
        return GraphWriter.Page(
            last ? "@odata.deltaLink" : "@odata.nextLink",
            link,
            json =>
            {
                for (int at = token.Offset; at < end; at++)
                    Write(json, token, token.Items![at]);
            }
        );
    }

    private void Write(Utf8JsonWriter json, DeltaToken token, DeltaPiece piece)
    {
        StandInObject item = piece.Object;
        // An initial round has no news of a deleted object.
        if (item.State != LifeState.Live && token.Since < 0)
            return;
        json.WriteStartObject();
        if (item.State != LifeState.Live)
        {
            json.WriteString("id", item.Id);
            GraphWriter.Removed(json, item.State == LifeState.Gone ? "deleted" : "changed");
        }
        else if (item is StandInUser user)
        {
            properties.WriteDelta(json, user, token.Select, behavior.ChangedPropertiesOnly ? token.Since : -1);
        }
        else if (item is StandInGroup group)
        {
            WriteGroup(json, group, piece.Members, token);
        }
        json.WriteEndObject();
    }

    private void WriteGroup(Utf8JsonWriter json, StandInGroup group, string[] links, DeltaToken token)
    {
        json.WriteString("id", group.Id);
        if (token.Select.Contains("displayName"))
            json.WriteString("displayName", group.DisplayName);
        (string Id, bool Present)[] members =
        [
            .. links.Select(id => (id, IsMember(group, id))).Where(member => token.Since >= 0 || member.Item2),
        ];
        if (members.Length == 0)
            return;
        json.WriteStartArray("members@delta");
        foreach ((string id, bool present) in members)
            GraphWriter.Reference(json, directory, id, removed: !present);
        json.WriteEndArray();
    }

    private bool IsMember(StandInGroup group, string id) => group.Links[id].Present && directory.IsLive(id);

    private GraphResponse Expired(string kind, string root)
    {
        GraphResponse answer = behavior.Expired switch
        {
            ExpiredAnswer.SyncStateNotFound => GraphResponse.Error(
                400,
                "syncStateNotFound",
                "The sync state generation is not found; continue with a full resync."
            ),
            ExpiredAnswer.ResyncRequired => GraphResponse.Error(410, "resyncRequired", "Resync required."),
            _ => GraphResponse.Error(410, "syncStateInvalid", "The sync state is too old."),
        };
        if (answer.Status == 410)
            answer.Headers["Location"] = $"{root}/{kind}/delta?$deltatoken=";
        return answer;
    }
}

using System.Text.Json;
using TravelPerkScim.GraphStandIn.Protocol;

namespace TravelPerkScim.GraphStandIn.Endpoints;

/// <summary>users/delta and groups/delta.</summary>
internal sealed class DeltaEndpoint(StandInDirectory directory, GraphBehavior behavior, DeltaTokens tokens, UserProperties properties)
{
    public GraphResponse Answer(string kind, GraphRequest request, string root)
    {
        DeltaToken? token;
        if ((request.Option("$skiptoken") ?? request.Option("$deltatoken")) is { } name)
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
            token = new DeltaToken(kind, select, -1, -1, null, 0, 0);
        }
        return Page(token.Items is null ? Begin(token) : token, request.PageSize(behavior), root);
    }

    private DeltaToken Begin(DeltaToken token)
    {
        IReadOnlyList<StandInObject> all = token.Kind == "users" ? directory.UserOrder : directory.GroupOrder;
        if (token.Since < 0)
        {
            // The list itself: it only grows, so that an offset stays where it was.
            return token with { Until = directory.Change, Items = behavior.Repeats > 0 ? Repeat([.. all]) : all };
        }
        long since = Math.Max(0, token.Since - behavior.Replay);
        List<StandInObject> changed = [.. all.Where(item => item.Changed > since)];
        if (behavior.Shuffle is { } random)
            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(changed));
        return token with { Since = since, Until = directory.Change, Items = Repeat(changed) };
    }

    private List<StandInObject> Repeat(List<StandInObject> items)
    {
        if (behavior.Shuffle is not { } random || behavior.Repeats <= 0)
            return items;
        foreach (StandInObject item in items.ToList())
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

    private void Write(Utf8JsonWriter json, DeltaToken token, StandInObject item)
    {
        if (item.State != LifeState.Live)
        {
            // An initial round has no news of who is gone.
            if (token.Since < 0)
                return;
            json.WriteStartObject();
            json.WriteString("id", item.Id);
            GraphWriter.Removed(json, item.State == LifeState.Gone ? "deleted" : "changed");
            json.WriteEndObject();
        }
        else if (item is StandInUser user)
        {
            json.WriteStartObject();
            properties.WriteDelta(json, user, token.Select, behavior.ChangedPropertiesOnly ? token.Since : -1);
            json.WriteEndObject();
        }
        else if (item is StandInGroup group)
        {
            WriteGroup(json, group, token);
        }
    }

    private void WriteGroup(Utf8JsonWriter json, StandInGroup group, DeltaToken token)
    {
        bool withMembers = token.Select.Contains("members");
        foreach ((string Id, bool Present)[] members in Links(group, token.Since).Chunk(behavior.MembersAtOnce).DefaultIfEmpty([]))
        {
            json.WriteStartObject();
            json.WriteString("id", group.Id);
            if (token.Select.Contains("displayName"))
                json.WriteString("displayName", group.DisplayName);
            if (withMembers && members.Length > 0)
            {
                json.WriteStartArray("members@delta");
                foreach ((string id, bool present) in members)
                    GraphWriter.Reference(json, directory, id, removed: !present);
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
    }

    private IEnumerable<(string Id, bool Present)> Links(StandInGroup group, long since) =>
        group
            .Links.Where(link => link.Value.Changed > since)
            .Select(link => (link.Key, link.Value.Present && directory.IsLive(link.Key)))
            .Where(link => since >= 0 || link.Item2);

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

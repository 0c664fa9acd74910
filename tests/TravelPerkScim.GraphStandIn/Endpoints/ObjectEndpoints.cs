using System.Globalization;
using System.Text.Json;
using TravelPerkScim.GraphStandIn.Protocol;

namespace TravelPerkScim.GraphStandIn.Endpoints;

/// <summary>Single objects, and the lists that hang on them.</summary>
internal sealed class ObjectEndpoints(StandInDirectory directory, GraphBehavior behavior, UserProperties properties)
{
    public GraphResponse User(string idOrName, GraphRequest request)
    {
        string[] select = request.Select ?? ["displayName", "userPrincipalName"];
        if (properties.Refuse(select, collection: false) is { } refusal)
            return refusal;
        return directory.User(idOrName) is { } user && directory.Finds(user)
            ? GraphWriter.Object(json =>
                properties.WriteWhole(
                    json,
                    user,
                    select,
                    request.Option("$expand")?.StartsWith("manager", StringComparison.Ordinal) is true
                )
            )
            : GraphResponse.NotFound(idOrName);
    }

    /// <summary><c>$count=true</c> and one object, which needs the header <c>ConsistencyLevel: eventual</c> (an advanced query).</summary>
    private static GraphResponse? Count(GraphRequest request, IEnumerable<StandInObject> all)
    {
        if (request.Option("$count") != "true")
            return null;
        if (!"eventual".Equals(request.Headers.GetValueOrDefault("ConsistencyLevel"), StringComparison.OrdinalIgnoreCase))
            return GraphResponse.Error(400, "Request_UnsupportedQuery", "$count is not supported without ConsistencyLevel: eventual.");
        StandInObject[] live = [.. all.Where(item => item.State == LifeState.Live)];
        return GraphWriter.Object(json =>
        {
            json.WriteNumber("@odata.count", live.Length);
            json.WriteStartArray("value");
            foreach (StandInObject item in live.Take(1))
            {
                json.WriteStartObject();
                json.WriteString("id", item.Id);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });
    }

    /// <summary><c>startswith(userPrincipalName,'...')</c>, or a count.</summary>
    public GraphResponse Users(GraphRequest request, string root)
    {
        if (Count(request, directory.UserOrder) is { } count)
            return count;
        const string Starts = "startswith(userPrincipalName,'";
        string filter = request.Option("$filter") ?? "";
        if (!filter.StartsWith(Starts, StringComparison.Ordinal) || !filter.EndsWith("')", StringComparison.Ordinal))
            return GraphResponse.Error(400, "BadRequest", "Invalid filter clause.");
        string text = filter[Starts.Length..^2].Replace("''", "'", StringComparison.Ordinal);
        string[] select = request.Select ?? ["displayName", "userPrincipalName"];
        return List(
            [
                .. directory.UserOrder.Where(user =>
                    user.State == LifeState.Live && user.UserPrincipalName.StartsWith(text, StringComparison.OrdinalIgnoreCase)
                ),
            ],
            request,
            root,
            (json, user) =>
            {
                json.WriteStartObject();
                properties.WriteWhole(json, user, select, manager: false);
                json.WriteEndObject();
            }
        );
    }

    public GraphResponse MemberOf(string idOrName, bool transitive, GraphRequest request, string root)
    {
        if (directory.User(idOrName) is not { } user || !directory.Finds(user))
            return GraphResponse.NotFound(idOrName);
        var groups = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Queue<string>([user.Id]);
        while (waiting.TryDequeue(out string? member))
        {
            foreach (StandInGroup group in directory.GroupOrder.Where(group => directory.Finds(group) && IsListed(group, member)))
            {
                if (groups.Add(group.Id) && transitive)
                    waiting.Enqueue(group.Id);
            }
        }
        return List([.. groups], request, root, (json, id) => GraphWriter.Reference(json, directory, id));
    }

    private bool IsListed(StandInGroup group, string member) =>
        group.Links.TryGetValue(member, out (bool Present, long Changed) link) && link.Present && directory.ListsMember(group, member);

    /// <summary><c>displayName eq '...'</c>, or a count.</summary>
    public GraphResponse Groups(GraphRequest request, string root)
    {
        if (Count(request, directory.GroupOrder) is { } count)
            return count;
        const string Equal = "displayName eq '";
        string filter = request.Option("$filter") ?? "";
        if (!filter.StartsWith(Equal, StringComparison.Ordinal) || !filter.EndsWith('\''))
            return GraphResponse.Error(400, "BadRequest", "Invalid filter clause.");
        string name = filter[Equal.Length..^1].Replace("''", "'", StringComparison.Ordinal);
        return List(
            [
                .. directory.GroupOrder.Where(group =>
                    directory.Finds(group) && group.DisplayName.Equals(name, StringComparison.OrdinalIgnoreCase)
                ),
            ],
            request,
            root,
            (json, group) =>
            {
                json.WriteStartObject();
                json.WriteString("id", group.Id);
                json.WriteString("displayName", group.DisplayName);
                json.WriteEndObject();
            }
        );
    }

    public GraphResponse Group(string id) =>
        directory.Group(id) is { } group && directory.Finds(group)
            ? GraphWriter.Object(json =>
            {
                json.WriteString("id", group.Id);
                json.WriteString("displayName", group.DisplayName);
            })
            : GraphResponse.NotFound(id);

    public GraphResponse Members(string id, GraphRequest request, string root) =>
        directory.Group(id) is { } group && directory.Finds(group)
            ? List(
                [.. group.Members.Where(member => directory.ListsMember(group, member))],
                request,
                root,
                (json, member) => GraphWriter.Reference(json, directory, member)
            )
            : GraphResponse.NotFound(id);

    public GraphResponse Deleted(string id, GraphRequest request) =>
        directory.User(id) is { } user && directory.FindsDeleted(user) && user.Id == id
            ? GraphWriter.Object(json =>
            {
                json.WriteString("@odata.type", "#microsoft.graph.user");
                properties.WriteWhole(json, user, request.Select ?? ["userPrincipalName"], manager: false);
            })
            : GraphResponse.NotFound(id);

    /// <summary>A page of a list, with a nextLink that holds the offset.</summary>
    public GraphResponse List<T>(IReadOnlyList<T> all, GraphRequest request, string root, Action<Utf8JsonWriter, T> write)
    {
        int offset = int.TryParse(request.Option("$skiptoken"), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : 0;
        int end = Math.Min(offset + request.PageSize(behavior), all.Count);
        string options = string.Concat(
            request
                .Query.Where(option => option.Key != "$skiptoken")
                .Select(option => $"&{option.Key}={Uri.EscapeDataString(option.Value)}")
        );
        string? next =
            end < all.Count ? $"{root}/{string.Join('/', request.Segments.Select(Uri.EscapeDataString))}?$skiptoken={end}{options}" : null;
        return GraphWriter.Page(
            "@odata.nextLink",
            next,
            json =>
            {
                for (int at = offset; at < end; at++)
                    write(json, all[at]);
            }
        );
    }
}

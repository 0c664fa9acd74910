using System.Net;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Groups;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Sandbox.Users;

namespace TravelPerkScim.Sandbox.Service;

/// <summary>A search at the root: users, then groups (RFC 7644 section 3.4.3). A filter on an attribute that a type lacks matches none
/// of its resources.</summary>
internal sealed class RootSearch(
    UserStore users,
    GroupStore? groups,
    GroupDocument documents,
    BehaviorSet behaviors,
    SandboxOptions options,
    UserSchemas schemas
)
{
    public SandboxResponse Answer(SandboxRequest request)
    {
        List<JsonObject> found =
        [
            .. Matching(request, schemas, users.Snapshot().Select(user => documents.Shown(user, groups))),
            .. Matching(request, UserSchemas.OfGroups, (groups?.All ?? []).Select(documents.Write)),
        ];
        UserQuery query = behaviors.Query(Query(request, schemas), found.Count);
        JsonObject[] page = [.. found.Skip(query.StartIndex - 1).Take(query.Count)];
        return SandboxResponse.Json(HttpStatusCode.OK, ScimJson.List(found.Count, query.StartIndex, page));
    }

    private IEnumerable<JsonObject> Matching(SandboxRequest request, UserSchemas type, IEnumerable<JsonObject> resources)
    {
        UserQuery query = Query(request, type);
        var projection = Projection.Read(request, type);
        return resources.Where(resource => query.Filter?.Matches(resource) != false).Select(projection.Apply);
    }

    private UserQuery Query(SandboxRequest request, UserSchemas type) => behaviors.Asked(UserQuery.Read(request, options, type));
}

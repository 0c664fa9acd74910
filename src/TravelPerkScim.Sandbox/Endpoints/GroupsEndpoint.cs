using System.Net;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Groups;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Sandbox.Users;

namespace TravelPerkScim.Sandbox.Endpoints;

/// <summary><c>/Groups</c> and <c>/Groups/{id}</c> (RFC 7644 sections 3.3 to 3.6).</summary>
internal sealed class GroupsEndpoint(GroupStore groups, GroupDocument documents, BehaviorSet behaviors, SandboxOptions options)
{
    public SandboxResponse Answer(SandboxRequest request, string? id)
    {
        // Read first: a bad attributes parameter must not be found out after the write.
        var projection = Projection.Read(request, UserSchemas.OfGroups);
        return (request.Method, id) switch
        {
            ("GET", null) => List(behaviors.Asked(UserQuery.Read(request, options, UserSchemas.OfGroups)), projection),
            ("POST", null) => Shown(HttpStatusCode.Created, groups.Create(GroupDocument.Read(Body(request))), projection),
            ("GET", _) => Shown(HttpStatusCode.OK, groups.Find(id!) ?? throw ScimErrorException.GroupNotFound(id!), projection),
            ("PUT", not null) => Shown(HttpStatusCode.OK, groups.Replace(id, GroupDocument.Read(Body(request))), projection),
            ("PATCH", not null) => Shown(HttpStatusCode.OK, groups.Patch(id, PatchStep.ReadAll(Body(request))), projection),
            ("DELETE", not null) => Delete(id),
            _ => throw ScimErrorException.MethodNotAllowed(
                request.Method,
                id is null ? "GET, HEAD, POST" : "GET, HEAD, PUT, PATCH, DELETE"
            ),
        };
    }

    private SandboxResponse Delete(string id)
    {
        groups.Delete(id);
        return new SandboxResponse(HttpStatusCode.NoContent);
    }

    private SandboxResponse List(UserQuery query, Projection projection)
    {
        List<JsonObject> found = [.. groups.All.Select(documents.Write).Where(group => query.Filter?.Matches(group) != false)];
        UserQuery seen = behaviors.Query(query, found.Count);
        JsonObject[] page = [.. found.Skip(seen.StartIndex - 1).Take(seen.Count).Select(projection.Apply)];
        return SandboxResponse.Json(HttpStatusCode.OK, ScimJson.List(found.Count, seen.StartIndex, page));
    }

    private SandboxResponse Shown(HttpStatusCode status, StoredGroup group, Projection projection) =>
        SandboxResponse
            .Json(status, ScimJson.ToBytes(projection.Apply(documents.Write(group))))
            .With(status == HttpStatusCode.Created ? "Location" : "Content-Location", documents.Location(group.Id));

    private static JsonObject Body(SandboxRequest request) => ScimJson.ParseBody(UsersEndpoint.Body(request));
}

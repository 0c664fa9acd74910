using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using TravelPerkScim.Sandbox.Behaviors;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Groups;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Settings;
using TravelPerkScim.Sandbox.Users;

namespace TravelPerkScim.Sandbox.Endpoints;

/// <summary><c>/Users</c> and <c>/Users/{id}</c> (RFC 7644 sections 3.3 to 3.6).</summary>
internal sealed class UsersEndpoint(
    UserStore users,
    BehaviorSet behaviors,
    SandboxOptions options,
    GroupStore? groups,
    GroupDocument documents,
    UserSchemas schemas
)
{
    public SandboxResponse Answer(SandboxRequest request, string? id)
    {
        // Read first: a bad attributes parameter must not be found out after the write.
        var projection = Projection.Read(request, schemas);
        return id is null ? AnswerAll(request, projection) : AnswerOne(request, projection, id);
    }

    private SandboxResponse AnswerAll(SandboxRequest request, Projection projection) =>
        request.Method switch
        {
            "GET" => List(behaviors.Asked(UserQuery.Read(request, options, schemas)), projection),
            "POST" => Shown(
                HttpStatusCode.Created,
                "Location",
                users.Create(ScimJson.ParseBody(Body(request)), behaviors.Keep),
                projection
            ),
            _ => throw ScimErrorException.MethodNotAllowed(request.Method, "GET, HEAD, POST"),
        };

    private SandboxResponse AnswerOne(SandboxRequest request, Projection projection, string id) =>
        request.Method switch
        {
            "GET" => Shown(HttpStatusCode.OK, "Content-Location", Get(id), projection),
            "PUT" => Shown(
                HttpStatusCode.OK,
                "Content-Location",
                users.Replace(id, ScimJson.ParseBody(Body(request)), behaviors.Keep),
                projection
            ),
            "PATCH" => Shown(HttpStatusCode.OK, "Content-Location", Patch(request, id), projection),
            "DELETE" => Delete(id),
            _ => throw ScimErrorException.MethodNotAllowed(request.Method, "GET, HEAD, PUT, PATCH, DELETE"),
        };

    private StoredUser Patch(SandboxRequest request, string id) =>
        users.Patch(id, behaviors.Carried(PatchStep.ReadAll(ScimJson.ParseBody(Body(request)))), behaviors.Keep);

    private SandboxResponse Delete(string id)
    {
        StoredUser? gone = users.Find(id);
        users.Delete(id);
        if (gone is not null)
            groups?.Forget(gone.Id);
        return new SandboxResponse(HttpStatusCode.NoContent);
    }

    private StoredUser Get(string id)
    {
        StoredUser[] found = users.Find(behaviors.Shown(id, users)) is { } user ? [user] : [];
        return behaviors.Found(found, new Lookup(null, ById: true)) is [StoredUser shown]
            ? shown
            : throw ScimErrorException.UserNotFound(id);
    }

    private SandboxResponse List(UserQuery query, Projection projection)
    {
        // A scan of all users works on a copy of the list, so that writes go on meanwhile.
        UserPage page =
            users.Read(index => query.Find(index) is { } matches ? Page(query, matches) : null)
            ?? Page(query, query.Scan(users.Snapshot(), Shown));
        return SandboxResponse.Json(HttpStatusCode.OK, WriteList(page, projection));
    }

    private UserPage Page(UserQuery query, IReadOnlyList<StoredUser> matches)
    {
        IReadOnlyList<StoredUser> found = behaviors.Found(matches, new Lookup(query.Filter, ById: false));
        UserQuery seen = behaviors.Query(query, found.Count);
        return behaviors.Page(UserPage.Of(found, seen.StartIndex, seen.Count));
    }

    /// <summary>Copies the users' stored bytes between the list's members.</summary>
    private ReadOnlyMemory<byte> WriteList(UserPage page, Projection projection)
    {
        ArrayBufferWriter<byte> body = new(256 + page.Users.Sum(user => user.Json.Length + 1));
        string head = string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"schemas\":[\"{ScimJson.ListResponseUrn}\"],"
                + $"\"totalResults\":{page.TotalResults},\"startIndex\":{page.StartIndex},"
                + $"\"itemsPerPage\":{page.Users.Count},\"Resources\":["
        );
        _ = Encoding.UTF8.GetBytes(head, body);
        for (int i = 0; i < page.Users.Count; i++)
        {
            if (i > 0)
                body.Write(","u8);
            body.Write(Json(page.Users[i], projection));
        }
        body.Write("]}"u8);
        return body.WrittenMemory;
    }

    private SandboxResponse Shown(HttpStatusCode status, string locationHeader, StoredUser user, Projection projection) =>
        SandboxResponse.Json(status, Json(user, projection)).With(locationHeader, users.Location(user));

    private byte[] Json(StoredUser user, Projection projection) => projection.Apply(Shown(user));

    private byte[] Shown(StoredUser user) => groups is null ? user.Json : documents.WithGroups(user, groups.Of(user.Id));

    public static ReadOnlyMemory<byte> Body(SandboxRequest request)
    {
        bool json =
            string.Equals(request.MediaType, SandboxResponse.ScimMediaType, StringComparison.OrdinalIgnoreCase)
            || string.Equals(request.MediaType, "application/json", StringComparison.OrdinalIgnoreCase);
        return json
            ? request.Body
            : throw new ScimErrorException(
                HttpStatusCode.UnsupportedMediaType,
                null,
                $"Unsupported media type \"{request.MediaType}\" in request."
            );
    }
}

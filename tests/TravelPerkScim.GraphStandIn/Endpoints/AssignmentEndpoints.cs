using System.Text.Json.Nodes;

namespace TravelPerkScim.GraphStandIn.Endpoints;

/// <summary>appRoleAssignedTo of a service principal.</summary>
internal sealed class AssignmentEndpoints(StandInDirectory directory, ObjectEndpoints lists)
{
    public GraphResponse? Answer(GraphRequest request, string root) =>
        (request.Method, request.Segments) switch
        {
            ("GET", ["servicePrincipals", var id, "appRoleAssignedTo"]) => List(id, request, root),
            ("POST", ["servicePrincipals", var id, "appRoleAssignedTo"]) => Assign(id, request),
            ("DELETE", ["servicePrincipals", var id, "appRoleAssignedTo", var assignment]) => Unassign(id, assignment),
            _ => null,
        };

    /// <summary>Assignments of deleted principals are not listed. The list knows principals that look-ups do not know yet.</summary>
    private GraphResponse List(string id, GraphRequest request, string root) =>
        Find(id) is { } found
            ? lists.List(
                [
                    .. found.Assignments.Where(assignment =>
                        directory.Answered >= assignment.UnlistedUntil
                        && (directory.IsLive(assignment.PrincipalId) || directory.Lists(assignment.PrincipalId))
                    ),
                ],
                request,
                root,
                (json, assignment) => Shown(found, assignment).WriteTo(json)
            )
            : GraphResponse.NotFound(id);

    private GraphResponse Assign(string id, GraphRequest request)
    {
        if (Find(id) is not { } application)
            return GraphResponse.NotFound(id);
        JsonObject? body = GalleryEndpoints.Body(request);
        string principal = (string?)body?["principalId"] ?? "",
            role = (string?)body?["appRoleId"] ?? "";
        if ((string?)body?["resourceId"] != id)
            return GraphResponse.Error(400, "Request_BadRequest", "The resourceId does not match the resource.");
        if (!directory.IsLive(principal))
            return GraphResponse.NotFound(principal);
        if (
            role == StandInDirectory.DefaultAccess
                ? application.Roles.Count > 0
                : !application.Principal.Now!["appRoles"]!.AsArray().Any(one => (string?)one!["id"] == role && (bool)one["isEnabled"]!)
        )
        {
            return GraphResponse.Error(400, "Request_BadRequest", "Permission being assigned was not found on application.");
        }
        if (application.Assignments.Any(one => one.PrincipalId == principal && one.RoleId == role))
            return GraphResponse.Error(400, "Request_BadRequest", "Permission being assigned already exists on the object.");
        var made = new StandInAssignment(directory.NewId(), principal, role, directory.Late());
        application.Assignments.Add(made);
        return GalleryEndpoints.Json(201, Shown(application, made));
    }

    private GraphResponse Unassign(string id, string assignment) =>
        Find(id) is { } application && application.Assignments.RemoveAll(one => one.Id == assignment) > 0
            ? GraphResponse.Nothing
            : GraphResponse.NotFound(assignment);

    private JsonObject Shown(StandInApplication application, StandInAssignment assignment) =>
        new()
        {
            ["id"] = assignment.Id,
            ["appRoleId"] = assignment.RoleId,
            ["principalId"] = assignment.PrincipalId,
            ["principalDisplayName"] =
                directory.Group(assignment.PrincipalId)?.DisplayName
                ?? (string?)directory.User(assignment.PrincipalId)?.Properties["displayName"],
            ["principalType"] = directory.Group(assignment.PrincipalId) is null ? "User" : "Group",
            ["resourceId"] = application.Id,
            ["createdDateTime"] = "2026-01-01T00:00:00Z",
        };

    private StandInApplication? Find(string id) => directory.Applications.Find(application => application.Id == id && !application.IsGone);
}

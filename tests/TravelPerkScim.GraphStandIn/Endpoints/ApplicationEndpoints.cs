using System.Text.Json;
using TravelPerkScim.GraphStandIn.Protocol;

namespace TravelPerkScim.GraphStandIn.Endpoints;

/// <summary>servicePrincipals.</summary>
internal sealed class ApplicationEndpoints(StandInDirectory directory, ObjectEndpoints lists)
{
    /// <summary>By object id, or <c>servicePrincipals(appId='...')</c>.</summary>
    public GraphResponse Get(string id) => Find(application => application.Id == id) is { } found ? GraphWriter.Object(json => Write(json, found)) : GraphResponse.NotFound(id);

    public GraphResponse GetByAppId(string appId) => Find(application => application.AppId == appId) is { } found ? GraphWriter.Object(json => Write(json, found)) : GraphResponse.NotFound(appId);

    /// <summary><c>displayName eq '...'</c> and <c>startswith(displayName,'...')</c>.</summary>
    public GraphResponse Query(GraphRequest request, string root)
    {
        string filter = request.Option("$filter") ?? "";
        const string Equal = "displayName eq '";
        const string Starts = "startswith(displayName,'";
        Func<string, bool>? matches = null;
        if (filter.StartsWith(Equal, StringComparison.Ordinal) && filter.EndsWith('\''))
        {
            string text = Unquote(filter[Equal.Length..^1]);
            matches = name => string.Equals(name, text, StringComparison.OrdinalIgnoreCase);
        }
        else if (filter.StartsWith(Starts, StringComparison.Ordinal) && filter.EndsWith("')", StringComparison.Ordinal))
        {
            string text = Unquote(filter[Starts.Length..^2]);
            matches = name => name.StartsWith(text, StringComparison.OrdinalIgnoreCase);
        }
        return matches is null
            ? GraphResponse.Error(400, "BadRequest", "Invalid filter clause.")
            : lists.List([.. directory.Applications.Where(application => matches(application.DisplayName))], request, root, (json, application) =>
            {
                json.WriteStartObject();
                Write(json, application);
                json.WriteEndObject();
            });
    }

    /// <summary>Assignments of deleted principals are not listed. The list knows principals that look-ups do not know yet.</summary>
    public GraphResponse AssignedTo(string id, GraphRequest request, string root) => Find(application => application.Id == id) is { } found
        ? lists.List([.. found.Assignments.Where(assignment => directory.Answered >= assignment.UnlistedUntil
            && (directory.IsLive(assignment.PrincipalId) || directory.Lists(assignment.PrincipalId)))], request, root, (json, assignment) =>
        {
            json.WriteStartObject();
            json.WriteString("id", assignment.Id);
            json.WriteString("appRoleId", assignment.RoleId);
            json.WriteString("principalId", assignment.PrincipalId);
            json.WriteString("principalType", directory.Group(assignment.PrincipalId) is null ? "User" : "Group");
            json.WriteString("resourceId", found.Id);
            json.WriteEndObject();
        })
        : GraphResponse.NotFound(id);

    private StandInApplication? Find(Predicate<StandInApplication> match) => directory.Applications.Find(match);

    private static string Unquote(string text) => text.Replace("''", "'", StringComparison.Ordinal);

    private static void Write(Utf8JsonWriter json, StandInApplication application)
    {
        json.WriteString("id", application.Id);
        json.WriteString("appId", application.AppId);
        json.WriteString("displayName", application.DisplayName);
        json.WriteStartArray("appRoles");
        foreach ((string id, string value) in application.Roles)
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteString("value", value);
            json.WriteString("displayName", value);
            json.WriteBoolean("isEnabled", true);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}

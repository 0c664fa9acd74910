using System.Text.Json.Nodes;

namespace TravelPerkScim.GraphStandIn;

/// <summary>An object of which copies of the directory know an older version for some requests. Null stands for "not there".</summary>
public sealed class StandInDocument
{
    private readonly List<(long From, JsonObject? Value)> _versions = [];

    internal StandInDocument(JsonObject value, long from) => _versions.Add((from, value));

    /// <summary>The newest version, whoever knows it; null when it was deleted.</summary>
    public JsonObject? Now => _versions[^1].Value;

    internal JsonObject? Seen(long answered) => _versions.LastOrDefault(version => version.From <= answered).Value;

    internal void Change(JsonObject? value, long from)
    {
        // What comes later is not seen earlier.
        _versions.Add((Math.Max(from, _versions[^1].From), value));
    }
}

/// <summary>An enterprise application: an application object with its service principal.</summary>
public sealed class StandInApplication
{
    internal StandInApplication(
        string id,
        string appId,
        string objectId,
        string displayName,
        string? templateId,
        JsonArray roles,
        bool assignmentRequired,
        long seenFrom
    )
    {
        (Id, AppId, ObjectId, TemplateId) = (id, appId, objectId, templateId);
        Principal = new StandInDocument(
            new JsonObject
            {
                ["id"] = id,
                ["appId"] = appId,
                ["displayName"] = displayName,
                ["applicationTemplateId"] = templateId,
                ["appRoleAssignmentRequired"] = assignmentRequired,
                ["appOwnerOrganizationId"] = "7d0f5b0e-62a4-4a0b-9f3c-5b0f6a3d9c11",
                ["appRoles"] = roles.DeepClone(),
                ["preferredSingleSignOnMode"] = null,
                ["loginUrl"] = null,
                ["notificationEmailAddresses"] = new JsonArray(),
                ["preferredTokenSigningKeyThumbprint"] = null,
                ["keyCredentials"] = new JsonArray(),
                ["passwordCredentials"] = new JsonArray(),
                ["tags"] = new JsonArray("WindowsAzureActiveDirectoryIntegratedApp"),
            },
            seenFrom
        );
        Registration = new StandInDocument(
            new JsonObject
            {
                ["id"] = objectId,
                ["appId"] = appId,
                ["displayName"] = displayName,
                ["applicationTemplateId"] = templateId,
                ["appRoles"] = roles.DeepClone(),
                ["identifierUris"] = new JsonArray(),
                ["web"] = new JsonObject { ["redirectUris"] = new JsonArray(), ["homePageUrl"] = null },
            },
            seenFrom
        );
        Claims = new StandInDocument([], seenFrom);
    }

    /// <summary>Object id of the service principal.</summary>
    public string Id { get; }

    public string AppId { get; }

    /// <summary>Object id of the application object.</summary>
    public string ObjectId { get; }

    /// <summary>The gallery template it was made from.</summary>
    public string? TemplateId { get; }

    /// <summary>The service principal.</summary>
    public StandInDocument Principal { get; }

    /// <summary>The application object.</summary>
    public StandInDocument Registration { get; }

    /// <summary>The claims that the portal edits; empty while nobody did.</summary>
    public StandInDocument Claims { get; }

    /// <summary>Display names of claims mapping policies that are assigned.</summary>
    public List<string> MappingPolicies { get; } = [];

    public string DisplayName => (string)(Principal.Now ?? Registration.Now)!["displayName"]!;

    /// <summary>Whether it was removed.</summary>
    public bool IsGone => Principal.Now is null;

    internal List<StandInAssignment> Assignments { get; } = [];

    /// <summary>Names of the roles with their ids: values, and display names of those without one.</summary>
    public IReadOnlyDictionary<string, string> Roles =>
        Principal
            .Now?["appRoles"]!.AsArray()
            .ToDictionary(role => (string?)role!["value"] ?? (string)role["displayName"]!, role => (string)role!["id"]!)
        ?? [];

    /// <summary>Ids of those who are assigned, with the ids of their roles.</summary>
    public IEnumerable<(string PrincipalId, string RoleId)> Assigned => Assignments.Select(one => (one.PrincipalId, one.RoleId));

    internal static JsonObject Role(string id, string displayName, string? value) =>
        new()
        {
            ["id"] = id,
            ["displayName"] = displayName,
            ["value"] = value,
            ["description"] = displayName,
            ["isEnabled"] = true,
            ["allowedMemberTypes"] = new JsonArray("User"),
            ["origin"] = "Application",
        };
}

/// <param name="Id">Of the assignment.</param>
/// <param name="PrincipalId">User or group.</param>
/// <param name="RoleId">All zeros is default access.</param>
/// <param name="UnlistedUntil">Lists do not show it until then.</param>
internal sealed record StandInAssignment(string Id, string PrincipalId, string RoleId, long UnlistedUntil = 0);

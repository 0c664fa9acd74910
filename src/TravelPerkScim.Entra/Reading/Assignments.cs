using System.Text.Json;
using Microsoft.Kiota.Abstractions;
using TravelPerkScim.Entra.Http;

namespace TravelPerkScim.Entra.Reading;

/// <summary>Reads the enterprise application's roles and assignments. Graph has no delta of assignments, so they are read whole each
/// time.</summary>
internal sealed class Assignments(GraphRequests requests, string applicationId)
{
    /// <summary>Reads the assignments. The application is read when it, or one of the roles, is not known yet.</summary>
    public async Task ReadAsync(Membership membership, CancellationToken cancellationToken)
    {
        if (membership.ApplicationName.Length == 0)
            await ReadApplicationAsync(membership, cancellationToken).ConfigureAwait(false);
        var assignments = new HashSet<Assignment>();
        RequestInformation request = requests
            .Client.ServicePrincipals[applicationId]
            .AppRoleAssignedTo.ToGetRequestInformation(options => options.QueryParameters.Top = GraphRequests.PageSize);
        membership.UnreadAssignments = 0;
        await foreach (
            JsonElement item in requests.ListAsync(request, GraphNeed.Applications, null, cancellationToken).ConfigureAwait(false)
        )
        {
            string? type = JsonText.Of(item, "principalType");
            // Service principals can be assigned too.
            if (type is not (null or "User" or "Group"))
                continue;
            if (type is not null && Guid.TryParse(JsonText.Of(item, "principalId"), out Guid principal))
                assignments.Add(new Assignment(principal, RoleOf(item), type == "Group"));
            else
                membership.UnreadAssignments++;
        }
        membership.Assignments = [.. assignments.OrderBy(assignment => assignment.Principal).ThenBy(assignment => assignment.Role)];
        IEnumerable<Guid> roles = membership.Assignments.Select(assignment => assignment.Role).Where(role => role != Guid.Empty);
        if (!roles.All(membership.Roles.ContainsKey))
            await ReadApplicationAsync(membership, cancellationToken).ConfigureAwait(false);
    }

    private async Task ReadApplicationAsync(Membership membership, CancellationToken cancellationToken)
    {
        RequestInformation request = requests
            .Client.ServicePrincipals[applicationId]
            .ToGetRequestInformation(options => options.QueryParameters.Select = ["id", "displayName", "appRoles"]);
        using JsonDocument answer = await requests.SendAsync(request, GraphNeed.Applications, cancellationToken).ConfigureAwait(false);
        membership.ApplicationName = JsonText.NotEmpty(answer.RootElement, "displayName") ?? applicationId;
        membership.Roles.Clear();
        foreach (JsonElement role in JsonText.Items(answer.RootElement, "appRoles"))
        {
            if (Guid.TryParse(JsonText.Of(role, "id"), out Guid id))
                membership.Roles[id] = JsonText.OrEmpty(role, "value");
        }
        // A role that was taken off the application may still be assigned. It has no name, and need not be looked for each time.
        foreach (Assignment assignment in membership.Assignments)
            membership.Roles.TryAdd(assignment.Role, "");
    }

    private static Guid RoleOf(JsonElement assignment) =>
        Guid.TryParse(JsonText.Of(assignment, "appRoleId"), out Guid role) ? role : Guid.Empty;
}

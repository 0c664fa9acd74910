using System.Text.Json.Nodes;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Scim.Dialect;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>Writes the request that an operation sends, for people to read. The same <see cref="UserBody"/> also writes the request that is
/// sent.</summary>
internal static class RequestWriter
{
    private static readonly ScimDialect s_unknown = new();

    /// <summary>Null for operations that send nothing.</summary>
    public static ProvisioningRequest? Write(ProvisioningOperation operation)
    {
        if (operation.Problem is not null)
            return null;
        ScimDialect dialect = operation.Origin?.Dialect ?? s_unknown;
        string endpoint = operation.ObjectType.Endpoint();
        string path = $"{endpoint}/{operation.TargetId ?? ProvisioningRequest.Awaited(operation.Identity)}";
        return operation switch
        {
            { Action: ProvisioningAction.Delete } => new ProvisioningRequest("DELETE", path, null),
            { Action: ProvisioningAction.Create, Group: { } group } => Post(
                endpoint,
                ScimGroup.Write(group.DisplayName, operation.SourceId, FirstAdded(group))
            ),
            { Action: ProvisioningAction.Create, Desired: { } user } => Post(
                endpoint,
                dialect.Write(UserBody.Create(user, operation.Send, Shown))
            ),
            // The forms of attributes are learned from answers about users.
            { Action: ProvisioningAction.Update, Group: { } group } => Patch(
                path,
                FirstChange(group, operation.SourceId),
                dialect with
                {
                    AttributeForms = null,
                }
            ),
            { Send.Count: > 0, Desired: { } user } => Patch(path, UserBody.Change(user, operation.Send, Shown), dialect),
            _ => null,
        };

        object? Shown(TargetAttribute attribute, object? value) =>
            value switch
            {
                null or IgnoredFlow => null,
                _ when attribute.Flow.Redacted => AttributeChange.RedactedText,
                SourceReference reference => operation.References.GetValueOrDefault(reference.Anchor)
                    ?? ProvisioningRequest.Awaited(reference.Anchor),
                _ => value,
            };
    }

    // Of the requests that change a group, the first one is shown.
    private static IReadOnlyList<PatchOperation> FirstChange(GroupChange group, string anchor)
    {
        if (group.Rename)
            return group.Naming(anchor);
        if (group.Add.Count > 0)
            return [ScimGroup.AddMembers(FirstAdded(group))];
        return [.. group.Remove.Take(GroupChange.BatchSize).Select(m => ScimGroup.RemoveMember(m.TargetId!))];
    }

    private static IEnumerable<string> FirstAdded(GroupChange group) =>
        group.Add.Take(GroupChange.BatchSize).Select(m => m.TargetId ?? ProvisioningRequest.Awaited(m.Anchor!));

    private static ProvisioningRequest Post(string endpoint, JsonObject body) => new("POST", endpoint, ProvisioningRequest.Text(body));

    private static ProvisioningRequest Patch(string path, IReadOnlyList<PatchOperation> operations, ScimDialect dialect) =>
        new("PATCH", path, ProvisioningRequest.Text(PatchMessage.Write(operations, dialect)));
}

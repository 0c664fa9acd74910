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
        if (operation.Group is { } group)
        {
            // The forms of attributes are learned from answers about users.
            return Group(group, operation, dialect with { AttributeForms = null });
        }
        string user = $"Users/{operation.TargetId ?? ProvisioningRequest.Awaited(operation.Identity)}";
        return operation switch
        {
            { Action: ProvisioningAction.Delete } => new ProvisioningRequest("DELETE", user, null),
            { Action: ProvisioningAction.Create, Desired: { } created } => new ProvisioningRequest(
                "POST",
                "Users",
                ProvisioningRequest.Text(dialect.Write(UserBody.Create(created, operation.Send, Shown)))
            ),
            { Send.Count: > 0, Desired: { } changed } => Patch(user, UserBody.Change(changed, operation.Send, Shown), dialect),
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

    /// <summary>The first request of a group's operation, for people to read.</summary>
    private static ProvisioningRequest? Group(GroupChange group, ProvisioningOperation operation, ScimDialect dialect)
    {
        string path = $"Groups/{operation.TargetId}";
        return operation.Action switch
        {
            ProvisioningAction.Delete => new ProvisioningRequest("DELETE", path, null),
            ProvisioningAction.Create => new ProvisioningRequest(
                "POST",
                "Groups",
                ProvisioningRequest.Text(ScimGroup.Write(group.DisplayName, operation.SourceId, FirstAdded(group)))
            ),
            ProvisioningAction.Update => Patch(path, FirstChange(group, operation.SourceId), dialect),
            _ => null,
        };
    }

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

    private static ProvisioningRequest Patch(string path, IReadOnlyList<PatchOperation> operations, ScimDialect dialect) =>
        new("PATCH", path, ProvisioningRequest.Text(PatchMessage.Write(operations, dialect)));
}

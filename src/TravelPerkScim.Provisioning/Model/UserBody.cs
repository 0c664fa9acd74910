using System.Text.Json.Nodes;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>The one writer of what creates and changes users: the body of a POST, and the operations of a PATCH, from which the client
/// makes the body. The request that a plan shows and the request that is sent differ only in what stands for a value that is redacted or
/// not known yet.</summary>
internal static class UserBody
{
    /// <summary>The value to write: for a reference the target id, or the text that stands for it. Null leaves the attribute out.</summary>
    public delegate object? ValueOf(TargetAttribute attribute, object? value);

    /// <summary>The body of a POST.</summary>
    public static JsonObject Create(DesiredUser user, IEnumerable<TargetAttribute> send, ValueOf valueOf)
    {
        var body = new ScimResourceBuilder();
        foreach (TargetAttribute attribute in send)
            body.Set(attribute.Path, valueOf(attribute, attribute.OnCreate(user.Values[attribute.Slot])), attribute.Definition);
        return body.Build();
    }

    /// <summary>The operations of a PATCH. A reference whose user has no target id yet is left out, and a null clears.</summary>
    public static List<PatchOperation> Change(DesiredUser user, IEnumerable<TargetAttribute> send, ValueOf valueOf)
    {
        var patch = new List<PatchOperation>();
        foreach (TargetAttribute attribute in send)
        {
            object? value = valueOf(attribute, user.Values[attribute.Slot]);
            if (value is not null)
            {
                patch.Add(
                    new PatchOperation(
                        Adds(user, attribute) ? PatchOperationKind.Add : attribute.WriteKind,
                        attribute.Path,
                        value,
                        attribute.Definition
                    )
                );
            }
            else if (user.Values[attribute.Slot] is null)
            {
                patch.Add(new PatchOperation(PatchOperationKind.Remove, attribute.Path, null, attribute.Definition));
            }
        }
        return patch;
    }

    // Replacing at a filtered path that selects nothing is an error (RFC 7644 3.5.2.3).
    private static bool Adds(DesiredUser user, TargetAttribute attribute) =>
        attribute.Path.ValueFilter is not null && user.Current is { } current && current[attribute.Slot] is null;
}

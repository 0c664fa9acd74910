using System.Text.Json;
using TravelPerkScim.Mapping;
using TravelPerkScim.Provisioning.Map;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Plan;

/// <summary>The SCIM request that an operation would send, for people to read. Redacted values show as [Redact]; the server's dialect may give the body another form.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Relative to the SCIM base URI.</param>
/// <param name="Body">JSON; null when the request has none.</param>
public sealed record ProvisioningRequest(string Method, string Path, string? Body)
{
    private static readonly JsonSerializerOptions s_json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <inheritdoc/>
    public override string ToString() => Body is null ? $"{Method} {Path}" : $"{Method} {Path} {Body}";

    /// <summary>Null for operations that send nothing.</summary>
    internal static ProvisioningRequest? Of(ProvisioningOperation operation)
    {
        if (operation.Problem is not null)
            return null;
        string user = $"Users/{operation.TargetId}";
        switch (operation)
        {
            case { Action: ProvisioningAction.Delete }:
                return new ProvisioningRequest("DELETE", user, null);
            case { Action: ProvisioningAction.Create, Desired: { } created }:
                var resource = new ScimResourceBuilder();
                foreach (TargetAttribute attribute in operation.Send)
                    resource.Set(attribute.Path, Shown(operation, attribute, attribute.OnCreate(created.Values[attribute.Slot])), attribute.Definition);
                return new ProvisioningRequest("POST", "Users", resource.Build().ToJsonString(s_json));
            case { Send.Count: > 0, Desired: { } changed }:
                return new ProvisioningRequest("PATCH", user, PatchMessage.Write([.. operation.Send.Select(a => Step(operation, a, changed.Values[a.Slot]))]).ToJsonString(s_json));
            default:
                return null;
        }
    }

    private static PatchOperation Step(ProvisioningOperation operation, TargetAttribute attribute, object? value) =>
        new(value is null ? PatchOperationKind.Remove : attribute.WriteKind, attribute.Path, Shown(operation, attribute, value), attribute.Definition);

    private static object? Shown(ProvisioningOperation operation, TargetAttribute attribute, object? value)
    {
        if (value is null)
            return null;
        if (attribute.Flow.Redacted)
            return AttributeChange.RedactedText;
        return value is SourceReference reference
            ? operation.Changes.FirstOrDefault(c => c.Attribute == attribute.Flow.TargetName)?.NewValue is { } id && id != reference.Anchor ? id : $"(id of {reference.Anchor}, once created)"
            : value;
    }
}

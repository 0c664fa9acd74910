using System.Text.Json;
using System.Text.Json.Nodes;
using TravelPerkScim.Mapping;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>The SCIM request that an operation would send, for people to read. Redacted values show as [Redact], ids that do not exist yet say whose they will be. The body has the form of the server's dialect as planning knew it; what applying learns may give it another.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Relative to the SCIM base URI.</param>
/// <param name="Body">JSON; null when the request has none.</param>
public sealed record ProvisioningRequest(string Method, string Path, string? Body)
{
    /// <summary>Relative to the SCIM base URI.</summary>
    public string Path { get; init; } = ShownText.Of(Path);

    /// <summary>JSON; null when the request has none. Hidden characters are written in JSON's own way, which says the same.</summary>
    public string? Body { get; init; } = Body is null ? null : ShownText.OfJson(Body);

    private static readonly JsonSerializerOptions s_json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly ScimDialect s_unknown = new();

    /// <inheritdoc/>
    public override string ToString() => Body is null ? $"{Method} {Path}" : $"{Method} {Path} {Body}";

    /// <summary>Null for operations that send nothing.</summary>
    internal static ProvisioningRequest? Of(ProvisioningOperation operation)
    {
        if (operation.Problem is not null)
            return null;
        ScimDialect dialect = operation.Origin?.Dialect ?? s_unknown;
        if (operation.Group is { } group)
        {
            // Forms of attributes are learned of users.
            return group.Request(operation, dialect with { AttributeForms = null });
        }
        string user = $"Users/{operation.TargetId ?? Awaited(operation.Identity)}";
        return operation switch
        {
            { Action: ProvisioningAction.Delete } => new ProvisioningRequest("DELETE", user, null),
            { Action: ProvisioningAction.Create, Desired: { } created } =>
                new ProvisioningRequest("POST", "Users", Text(dialect.Write(UserBody.Create(created, operation.Send, Shown)))),
            { Send.Count: > 0, Desired: { } changed } => new ProvisioningRequest("PATCH", user, Text(PatchMessage.Write(UserBody.Change(changed, operation.Send, Shown), dialect))),
            _ => null,
        };

        object? Shown(TargetAttribute attribute, object? value) => value switch
        {
            null or IgnoredFlow => null,
            _ when attribute.Flow.Redacted => AttributeChange.RedactedText,
            SourceReference reference => operation.References.GetValueOrDefault(reference.Anchor) ?? Awaited(reference.Anchor),
            _ => value,
        };
    }

    /// <summary>What stands for the id of a user or group that has none yet.</summary>
    internal static string Awaited(string whose) => $"(id of {whose}, once created)";

    internal static string Text(JsonObject body) => body.ToJsonString(s_json);
}

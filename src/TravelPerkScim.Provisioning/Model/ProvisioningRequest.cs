using System.Text.Json;
using System.Text.Json.Nodes;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>The SCIM request that an operation would send, for people to read. Redacted values show as [Redact]. In the place of an id that
/// does not exist yet stands the user or group that it will belong to. The body has the form of the server's dialect as the plan knew it. A
/// dialect that the cycle learns later may change the form.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Relative to the SCIM base URI.</param>
/// <param name="Body">JSON; null when the request has none.</param>
public sealed record ProvisioningRequest(string Method, string Path, string? Body)
{
    /// <summary>Relative to the SCIM base URI.</summary>
    public string Path { get; init; } = ShownText.Of(Path);

    /// <summary>JSON; null when the request has none. Hidden characters are written as JSON escapes, which mean the same.</summary>
    public string? Body { get; init; } = Body is null ? null : ShownText.OfJson(Body);

    private static readonly JsonSerializerOptions s_json = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <inheritdoc/>
    public override string ToString() => Body is null ? $"{Method} {Path}" : $"{Method} {Path} {Body}";

    /// <summary>The text that stands for the id of a user or group that is not created yet.</summary>
    internal static string Awaited(string whose) => $"(id of {whose}, once created)";

    internal static string Text(JsonObject body) => body.ToJsonString(s_json);
}

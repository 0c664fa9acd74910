using System.Text.Json;
using System.Text.Json.Nodes;

namespace TravelPerkScim.PowerShell.Discovery;

/// <summary>Reads members that a service may leave out, or write with another type.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    public static string? Text(JsonObject parent, string name) =>
        parent[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    public static bool Flag(JsonObject parent, string name) => parent[name]?.GetValueKind() == JsonValueKind.True;

    public static string Indented(JsonObject resource) => resource.ToJsonString(s_indented);
}

using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Protocol;

namespace TravelPerkScim.Sandbox.Users;

/// <summary>The manager as a client writes it: by <c>value</c>, or by <c>$ref</c> alone (RFC 7643 section 4.3).</summary>
internal static class ManagerReference
{
    /// <summary>The id the content names; null without a manager.</summary>
    public static string? Id(JsonObject content) => ScimJson.Text(Of(content)?["value"]);

    /// <summary>Keeps the id only, because the server writes the address itself. An address that came without a new id means the id at its
    /// end.</summary>
    /// <param name="content">The attributes that were read; changed in place.</param>
    /// <param name="before">The id of the manager before; null without one.</param>
    public static void KeepIdOnly(JsonObject content, string? before = null)
    {
        if (Of(content) is not { } manager || ScimJson.Text(manager["$ref"]) is not { } address)
            return;
        _ = manager.Remove("$ref");
        if (Id(content) is not { } id || id == before)
            manager["value"] = Uri.UnescapeDataString(address.TrimEnd('/').Split('/')[^1]);
    }

    private static JsonObject? Of(JsonObject content) => content[SchemaDefinition.Enterprise.Urn]?["manager"] as JsonObject;
}

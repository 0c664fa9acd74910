using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Discovery;

namespace TravelPerkScim.Sandbox.Users;

/// <summary>What the parts of PATCH share.</summary>
internal static class PatchValues
{
    public static JsonObject Child(JsonObject container, string name)
    {
        if (container[name] is JsonObject child)
            return child;
        child = new JsonObject(new JsonNodeOptions { PropertyNameCaseInsensitive = true });
        container[name] = child;
        return child;
    }

    public static void Merge(JsonObject target, JsonObject members)
    {
        foreach ((string name, JsonNode? value) in members)
            target[name] = value?.DeepClone();
    }

    /// <summary>A complex attribute around one <c>value</c> (a manager): Entra also sends the bare id, or the object in a list of
    /// one.</summary>
    public static JsonNode? Unwrap(AttributeDefinition attribute, JsonNode? value)
    {
        if (attribute.SubAttribute("value") is null)
            return value;
        if (value is JsonArray { Count: 1 } list)
            value = list[0];
        return value is JsonValue ? new JsonObject { ["value"] = value.DeepClone() } : value;
    }
}

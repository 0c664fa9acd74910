using System.Text.Json;
using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Protocol;

namespace TravelPerkScim.Sandbox.Users;

/// <summary><c>primary</c> of a multi-valued attribute: true for one value at most (RFC 7643 section 2.4).</summary>
internal static class PrimaryValue
{
    /// <summary>A PATCH that makes another value the primary one takes that from the former (RFC 7644 section 3.5.2).</summary>
    public static void GiveUpFormer(JsonArray before, JsonArray after)
    {
        JsonObject[] primary = [.. Primary(after)];
        if (primary.Length < 2)
            return;
        foreach (JsonObject element in primary.Where(element => before.Any(former => JsonNode.DeepEquals(former, element))))
            element["primary"] = false;
    }

    /// <exception cref="ScimErrorException">400 invalidValue: more than one value of an attribute is primary.</exception>
    public static void Check(JsonObject content, IReadOnlyList<AttributeDefinition> attributes)
    {
        foreach (AttributeDefinition attribute in attributes)
        {
            if (Primary(content[attribute.Name]).Count() > 1)
                throw ScimErrorException.InvalidValue($"Attribute '{attribute.Name}' has more than one primary value.");
        }
    }

    private static IEnumerable<JsonObject> Primary(JsonNode? elements) =>
        ScimJson.Objects(elements).Where(element => element["primary"]?.GetValueKind() == JsonValueKind.True);
}

using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Protocol;

namespace TravelPerkScim.Sandbox.Users;

/// <summary>
/// Attributes that are written once (RFC 7643 section 2.2). TravelPerk publishes none; a schema that the sandbox was given may have some.
/// </summary>
internal static class ImmutableValues
{
    /// <param name="before">What is kept of the user.</param>
    /// <param name="content">What is about to be kept; changed in place.</param>
    /// <param name="schemas">Which attributes are immutable.</param>
    /// <param name="keepOmitted">
    /// A value that is not there any more stays: a PUT need not repeat it (RFC 7644 section 3.5.1). False: its removal is a change.
    /// </param>
    /// <exception cref="ScimErrorException">400 mutability: a value differs from the one that is kept.</exception>
    public static void Check(JsonObject before, JsonObject content, UserSchemas schemas, bool keepOmitted)
    {
        Check(before, content, schemas.User.Attributes, "", keepOmitted);
        foreach (SchemaDefinition extension in schemas.Extensions)
            CheckInside(before, content, extension.Urn, extension.Attributes, extension.Urn + ":", keepOmitted);
    }

    private static void Check(
        JsonObject before,
        JsonObject content,
        IReadOnlyList<AttributeDefinition> attributes,
        string prefix,
        bool keepOmitted
    )
    {
        foreach (AttributeDefinition attribute in attributes)
        {
            string name = attribute.Name;
            if (!attribute.Immutable)
            {
                CheckInside(before, content, name, attribute.SubAttributes, $"{prefix}{name}.", keepOmitted);
                continue;
            }
            if (before[name] is not { } held)
                continue;
            if (keepOmitted && content[name] is null)
                content[name] = held.DeepClone();
            if (!JsonNode.DeepEquals(held, content[name]))
                throw ScimErrorException.Mutability($"Attribute '{prefix}{name}' has a value already, and is immutable.");
        }
    }

    private static void CheckInside(
        JsonObject before,
        JsonObject content,
        string name,
        IReadOnlyList<AttributeDefinition> attributes,
        string prefix,
        bool keepOmitted
    )
    {
        if (before[name] is not JsonObject held)
            return;
        JsonObject members = PatchValues.Child(content, name);
        Check(held, members, attributes, prefix, keepOmitted);
        if (members.Count == 0)
            _ = content.Remove(name);
    }
}

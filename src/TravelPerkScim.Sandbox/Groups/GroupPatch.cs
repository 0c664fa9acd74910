using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Sandbox.Users;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Sandbox.Groups;

/// <summary>Applies PATCH operations to a group's writable attributes (RFC 7644 section 3.5.2). It accepts more than the RFC, as
/// Entra needs: a remove of members may list the members to remove.</summary>
internal static class GroupPatch
{
    public static void Apply(JsonObject content, IReadOnlyList<PatchStep> steps)
    {
        foreach (PatchStep step in steps)
        {
            foreach ((string path, JsonNode? value) in step.Targets())
                ApplyAt(content, step.Verb, path, value);
        }
    }

    private static void ApplyAt(JsonObject content, PatchVerb verb, string text, JsonNode? value)
    {
        AttributePath path = PatchTarget.ReadPath(text, UserSchemas.OfGroups);
        SchemaDefinition? schema = UserSchemas.OfGroups.SchemaOf(path);
        if (schema is not null && PatchTarget.IsServerWritten(path.Attribute))
            throw ScimErrorException.Mutability($"Attribute '{text}' is read-only.");
        AttributeDefinition? attribute = schema?.Attribute(path.Attribute);
        if (attribute is null || path.SubAttribute is not null)
            throw ScimErrorException.InvalidPath($"Path '{text}' points at no known attribute.");
        if (attribute.MultiValued)
            ApplyToMembers(content, verb, attribute, path, value, text);
        else if (verb == PatchVerb.Remove)
            _ = content.Remove(attribute.Name);
        else
            content[attribute.Name] = ResourceReader.ReadValue(attribute, value, text);
    }

    private static void ApplyToMembers(
        JsonObject content,
        PatchVerb verb,
        AttributeDefinition attribute,
        AttributePath path,
        JsonNode? value,
        string text
    )
    {
        JsonArray members = content[attribute.Name]?.DeepClone().AsArray() ?? [];
        if (path.ValueFilter is { } filter)
        {
            List<JsonObject> selected = [.. members.OfType<JsonObject>().Where(filter.Matches)];
            if (verb != PatchVerb.Remove)
                throw ScimErrorException.Mutability("A member cannot be changed, only added or removed.");
            if (selected.Count == 0)
                throw ScimErrorException.NoTarget($"Path '{text}' selects no value.");
            selected.ForEach(member => members.Remove(member));
        }
        else
        {
            members = PatchElements.ApplyToAll(members, verb, attribute, value, text, IsSameMember);
        }
        content[attribute.Name] = members;
    }

    private static bool IsSameMember(JsonNode? one, JsonNode? other) => ScimJson.Text(one?["value"]) == ScimJson.Text(other?["value"]);
}

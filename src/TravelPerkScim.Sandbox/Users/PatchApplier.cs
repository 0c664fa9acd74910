using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Protocol;

namespace TravelPerkScim.Sandbox.Users;

/// <summary>
/// Applies PATCH operations (RFC 7644 section 3.5.2) to a copy of the writable attributes; the caller keeps the copy only when
/// all went well. Wider than the RFC in what Entra relies on: path-less keys may be dotted or URN-qualified, an add at a filtered
/// path with no match makes the element, and a reference may come as its bare value or in a list of one.
/// </summary>
internal sealed class PatchApplier(UserSchemas schemas)
{
    public void Apply(JsonObject content, IReadOnlyList<PatchStep> steps)
    {
        foreach (PatchStep step in steps)
            ApplyEach(content, step.Verb, step.Targets());
        if (TravelPerkRules.MissingAttribute(content) is { } missing)
            throw ScimErrorException.Mutability($"Attribute '{missing}' is required and cannot be removed.");
    }

    private void ApplyEach(JsonObject content, PatchVerb verb, IEnumerable<(string Path, JsonNode? Value)> targets)
    {
        foreach ((string path, JsonNode? value) in targets)
            ApplyAt(content, verb, path, value);
    }

    private void ApplyAt(JsonObject content, PatchVerb verb, string path, JsonNode? value)
    {
        if (schemas.Find(path) is { } whole)
            ApplyWhole(content, verb, whole, value);
        else
            ApplyTo(content, verb, PatchTarget.Resolve(path, schemas), value);
    }

    /// <summary>The path is a schema's URN: its value holds the schema's attributes.</summary>
    private void ApplyWhole(JsonObject content, PatchVerb verb, SchemaDefinition schema, JsonNode? value)
    {
        if (verb == PatchVerb.Remove && schema != schemas.User)
            _ = content.Remove(schema.Urn);
        else if (verb != PatchVerb.Remove && value is JsonObject map)
            ApplyEach(content, verb, PatchStep.Members(map, schema.Urn + ":"));
        else
            throw ScimErrorException.InvalidValue($"Path '{schema.Urn}' needs an object of attributes as its value.");
    }

    private void ApplyTo(JsonObject content, PatchVerb verb, PatchTarget target, JsonNode? value)
    {
        JsonObject container = content;
        if (target.Schema != schemas.User)
            container = PatchValues.Child(content, target.Schema.Urn);
        if (target.Attribute.MultiValued)
            PatchElements.Apply(container, verb, target, value);
        else if (target.SubAttribute is { } subAttribute)
            ApplySingle(PatchValues.Child(container, target.Attribute.Name), verb, subAttribute, target.Text, value);
        else
            ApplySingle(container, verb, target.Attribute, target.Text, value);

        if (container[target.Attribute.Name] is JsonObject { Count: 0 })
            _ = container.Remove(target.Attribute.Name);
        if (container != content && container.Count == 0)
            _ = content.Remove(target.Schema.Urn);
    }

    private static void ApplySingle(JsonObject container, PatchVerb verb, AttributeDefinition attribute, string path, JsonNode? value)
    {
        JsonNode? read = verb == PatchVerb.Remove ? null : ResourceReader.ReadValue(attribute, PatchValues.Unwrap(attribute, value), path);
        if (read is null)
            _ = container.Remove(attribute.Name);
        else if (read is JsonObject members)
            // Sub-attributes that are not named stay, for add and for replace (RFC 7644 sections 3.5.2.1 and 3.5.2.3).
            PatchValues.Merge(PatchValues.Child(container, attribute.Name), members);
        else
            container[attribute.Name] = read;
    }
}

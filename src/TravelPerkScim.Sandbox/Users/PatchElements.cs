using System.Text.Json.Nodes;
using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Sandbox.Users;

/// <summary>PATCH operations on a multi-valued attribute: the whole of it, or the elements a filter selects.</summary>
internal static class PatchElements
{
    public static void Apply(JsonObject container, PatchVerb verb, PatchTarget target, JsonNode? value)
    {
        string name = target.Attribute.Name;
        JsonArray before = container[name]?.AsArray() ?? [],
            elements = before.DeepClone().AsArray();
        if (target is { Filter: null, SubAttribute: null })
            elements = ApplyToAll(elements, verb, target.Attribute, value, target.Text, JsonNode.DeepEquals);
        else
            ApplyToSelected(elements, verb, target, value);
        PrimaryValue.GiveUpFormer(before, elements);
        _ = container.Remove(name);
        if (elements.Count > 0)
            container[name] = elements;
    }

    /// <summary>The elements after an operation on the attribute as a whole.</summary>
    public static JsonArray ApplyToAll(
        JsonArray elements,
        PatchVerb verb,
        AttributeDefinition attribute,
        JsonNode? value,
        string path,
        Func<JsonNode?, JsonNode?, bool> isSame
    )
    {
        // A remove may name the elements it means; without any it means them all.
        if (verb == PatchVerb.Remove && value is null)
            return [];
        JsonArray named = ResourceReader.ReadElements(attribute, value, path);
        if (verb == PatchVerb.Replace)
            return named;
        AddOrRemove(elements, named, add: verb == PatchVerb.Add, isSame);
        return elements;
    }

    /// <summary>Adds the named elements that are not there, or removes those that are.</summary>
    private static void AddOrRemove(JsonArray elements, JsonArray named, bool add, Func<JsonNode?, JsonNode?, bool> isSame)
    {
        foreach (JsonNode? element in named)
        {
            JsonNode? same = elements.FirstOrDefault(existing => isSame(existing, element));
            if (!add)
                _ = elements.Remove(same);
            else if (same is null)
                elements.Add(element!.DeepClone());
        }
    }

    private static void ApplyToSelected(JsonArray elements, PatchVerb verb, PatchTarget target, JsonNode? value)
    {
        List<JsonObject> selected = [.. elements.OfType<JsonObject>().Where(element => target.Filter?.Matches(element) != false)];
        if (selected.Count == 0)
            selected.Add(Create(elements, verb, target));
        JsonNode? read = verb == PatchVerb.Remove || value is null ? null : ReadOne(target, value);
        foreach (JsonObject element in selected)
        {
            if (target.SubAttribute is { } subAttribute)
                _ = read is null ? element.Remove(subAttribute.Name) : Set(element, subAttribute.Name, read);
            else
                Write(element, verb, read as JsonObject);
            if (SaysNothing(target.Attribute, element))
                _ = elements.Remove(element);
        }
    }

    /// <summary>
    /// A replace leaves nothing of an element that the path selects as a whole (RFC 7644 section 3.5.2.3); an add leaves what it does not
    /// name.
    /// </summary>
    private static void Write(JsonObject element, PatchVerb verb, JsonObject? members)
    {
        if (verb != PatchVerb.Add || members is null)
            element.Clear();
        if (members is not null)
            PatchValues.Merge(element, members);
    }

    /// <summary>What is left without its value, or of an address with its type alone, says nothing any more.</summary>
    private static bool SaysNothing(AttributeDefinition attribute, JsonObject element) =>
        attribute.SubAttribute("value") is not null
            ? element["value"] is null
            : element.All(member => member.Value is null || member.Key is "type" or "primary");

    private static JsonNode? ReadOne(PatchTarget target, JsonNode value)
    {
        if (target.SubAttribute is { } subAttribute)
            return ResourceReader.ReadSingle(subAttribute, value, target.Text);
        JsonNode element = value is JsonArray and [{ } only] ? only : value;
        return ResourceReader.ReadSingle(target.Attribute, element, target.Text);
    }

    /// <summary>The element that the filter describes: <c>type eq "work"</c> makes one with that type.</summary>
    private static JsonObject Create(JsonArray elements, PatchVerb verb, PatchTarget target)
    {
        JsonObject element = new(new JsonNodeOptions { PropertyNameCaseInsensitive = true });
        bool described = verb == PatchVerb.Add && target.Filter is { } filter && Describe(filter, target.Attribute, element);
        if (!described)
            throw ScimErrorException.NoTarget($"Path '{target.Text}' selects no value.");
        elements.Add(element);
        return element;
    }

    private static bool Describe(ScimFilter filter, AttributeDefinition attribute, JsonObject element) =>
        filter switch
        {
            ComparisonFilter
            {
                Comparison: ScimComparison.Equal,
                Value: string or bool,
                Path: { SchemaUrn: null, SubAttribute: null } path
            } equal => attribute.SubAttribute(path.Attribute) is { ReadOnly: false } part
                && Set(element, part.Name, Described(part, equal.Value, path.Attribute)),
            LogicalFilter { Connective: ScimConnective.And } all => all.Terms.All(term => Describe(term, attribute, element)),
            _ => false,
        };

    private static JsonNode Described(AttributeDefinition part, object value, string path) =>
        ResourceReader.ReadSingle(part, value is bool flag ? JsonValue.Create(flag) : JsonValue.Create((string)value), path)!;

    private static bool Set(JsonObject element, string name, JsonNode value)
    {
        element[name] = value.DeepClone();
        return true;
    }
}

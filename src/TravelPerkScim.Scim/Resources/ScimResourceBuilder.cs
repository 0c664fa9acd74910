using System.Text.Json.Nodes;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Scim.Resources;

/// <summary>
/// Writes values at attribute paths into a resource body. It makes containers, extension objects, elements of lists and the <c>schemas</c>
/// list as needed.
/// </summary>
public sealed class ScimResourceBuilder
{
    private readonly JsonArray _schemas = new(TravelPerkSchema.CoreUser);
    private readonly JsonObject _root;

    public ScimResourceBuilder() => _root = new JsonObject { ["schemas"] = _schemas };

    /// <summary>
    /// Sets one value. Null and the empty list write nothing, because in a whole resource an absent attribute is unassigned (RFC 7643 2.5).
    /// Without a <paramref name="definition"/>, one of the 19 paths of TravelPerk has TravelPerk's definition.
    /// </summary>
    /// <exception cref="ScimException"><c>PathNotWritable</c>: no element can be made from the path's value filter.</exception>
    public ScimResourceBuilder Set(AttributePath path, object? value, ScimSchemaAttribute? definition = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        JsonNode? json = ScimValue.ToJson(value, definition ?? TravelPerkSchema.Find(path));
        if (json is null or JsonArray { Count: 0 })
            return this;

        JsonObject container = path.SchemaUrn is { } urn ? Extension(urn) : _root;
        if (path.ValueFilter is { } filter)
        {
            JsonObject element = Element(
                Child<JsonArray>(container, path.Attribute) ?? Add(container, path.Attribute, new JsonArray()),
                filter,
                path
            );
            Put(element, path.SubAttribute ?? "value", json);
        }
        else if (path.SubAttribute is { } sub)
        {
            Put(Child<JsonObject>(container, path.Attribute) ?? Add(container, path.Attribute, new JsonObject()), sub, json);
        }
        else
        {
            Put(container, path.Attribute, json);
        }

        return this;
    }

    /// <summary>The body that was built so far. Later calls of <see cref="Set"/> still write into it.</summary>
    public JsonObject Build() => _root;

    private JsonObject Extension(string urn)
    {
        if (JsonLookup.Find(_root, urn) is JsonObject existing)
            return existing;
        _schemas.Add(JsonValue.Create(urn));
        return Add(_root, urn, new JsonObject());
    }

    private static T? Child<T>(JsonObject parent, string name)
        where T : JsonNode => JsonLookup.Find(parent, name) as T;

    private static T Add<T>(JsonObject parent, string name, T child)
        where T : JsonNode
    {
        Put(parent, name, child);
        return child;
    }

    private static void Put(JsonObject parent, string name, JsonNode value) => parent[JsonLookup.Spelling(parent, name) ?? name] = value;

    private static JsonObject Element(JsonArray array, ScimFilter filter, AttributePath path)
    {
        if (array.OfType<JsonObject>().FirstOrDefault(filter.Matches) is { } existing)
            return existing;

        var created = new JsonObject();
        Fill(created, filter, path);
        array.Add(created);
        return created;
    }

    private static void Fill(JsonObject element, ScimFilter filter, AttributePath path)
    {
        switch (filter)
        {
            case ComparisonFilter
            {
                Comparison: ScimComparison.Equal,
                Path: { SchemaUrn: null, SubAttribute: null, ValueFilter: null } member
            } equal:
                element[member.Attribute] = ScimValue.ToJson(equal.Value, null);
                break;
            case LogicalFilter { Connective: ScimConnective.And } all:
                foreach (ScimFilter term in all.Terms)
                    Fill(element, term, path);
                break;
            default:
                throw new ScimException(
                    ScimFailure.PathNotWritable,
                    "PathNotWritable",
                    $"No value can be written at {path}: its filter does not say what a new element looks like. "
                        + "Use conditions with eq, joined by and."
                );
        }
    }
}

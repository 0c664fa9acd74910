using System.Text.Json.Nodes;

namespace TravelPerkScim.Scim.Schema;

/// <summary>Turns <c>/Schemas</c> documents (RFC 7643 7) into the attributes that a path can address. An attribute that no path can address
/// is left out.</summary>
public static class SchemaReader
{
    /// <summary>What an element has beside its values (RFC 7643 2.4).</summary>
    private static readonly HashSet<string> s_ofElements = new(StringComparer.OrdinalIgnoreCase) { "type", "primary", "display", "$ref" };

    /// <summary>The attributes in the order of the documents.</summary>
    public static IReadOnlyList<ScimSchemaAttribute> Read(IEnumerable<JsonObject> schemas)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        return
        [
            .. from schema in schemas
            let urn = Text(schema, "id")
            where urn is not null
            from member in Members(schema, "attributes")
            from leaf in Leaves(urn, member)
            select leaf,
        ];
    }

    private static IEnumerable<ScimSchemaAttribute> Leaves(string urn, JsonObject member)
    {
        if (Text(member, "name") is not { } name)
            return [];

        string path = $"{urn}:{name}";
        var children = Members(member, "subAttributes").Where(child => Text(child, "name") is not null).ToList();
        if (children.Count == 0)
            return Leaf(path, member, Flag(member, "multiValued"));

        JsonObject? value = children.FirstOrDefault(child => Is(child, "value"));
        if (Flag(member, "multiValued"))
        {
            // A multi-valued attribute has the type of its "value" members. Elements without such a member can only be addressed whole.
            IEnumerable<ScimSchemaAttribute> whole = Leaf(path, value ?? member, multiValued: true, simple: false, described: member);
            return whole.Concat(ByCanonicalType(path, children));
        }

        // "value" beside "$ref" is a reference to another resource (RFC 7643 2.3.7), such as manager.
        if (value is not null && children.Any(child => Is(child, "$ref")))
        {
            return Leaf(path, member, multiValued: false)
                .Select(leaf => leaf with { Type = ScimAttributeType.Reference, SimpleElements = false });
        }
        return children.SelectMany(child => Leaf($"{path}.{Text(child, "name")}", child, Flag(child, "multiValued")));
    }

    /// <summary>One attribute for each type of an element, as Entra addresses them: <c>phoneNumbers[type eq "work"].value</c>.</summary>
    private static IEnumerable<ScimSchemaAttribute> ByCanonicalType(string path, List<JsonObject> children)
    {
        IEnumerable<JsonNode> types = children
            .Where(child => Is(child, "type"))
            .SelectMany(child => JsonLookup.Elements(JsonLookup.Find(child, "canonicalValues")));
        return from type in types.Select(JsonLookup.Scalar).OfType<string>()
            from child in children
            let name = Text(child, "name")
            where !s_ofElements.Contains(name)
            from leaf in Leaf($"{path}[{ScimFilter.Equal("type", type)}].{name}", child, multiValued: false)
            select leaf;
    }

    private static IEnumerable<ScimSchemaAttribute> Leaf(
        string path,
        JsonObject member,
        bool multiValued,
        bool simple = true,
        JsonObject? described = null
    )
    {
        if (!AttributePath.TryParse(path, out AttributePath? parsed))
            return [];
        described ??= member;
        bool isKnown = Enum.TryParse(Text(member, "type"), ignoreCase: true, out ScimAttributeType type);
        bool isReference = string.Equals(Text(member, "type"), "reference", StringComparison.OrdinalIgnoreCase);
        return
        [
            new ScimSchemaAttribute
            {
                Path = parsed,
                Type = isKnown ? type : ScimAttributeType.String,
                MultiValued = multiValued,
                SimpleElements = simple && (multiValued || isReference),
                Required = Flag(described, "required"),
                CaseExact = Flag(member, "caseExact"),
                ReadOnly = string.Equals(Text(described, "mutability"), "readOnly", StringComparison.OrdinalIgnoreCase),
                Description = Text(described, "description") ?? "",
            },
        ];
    }

    private static IEnumerable<JsonObject> Members(JsonObject parent, string name) =>
        JsonLookup.Elements(JsonLookup.Find(parent, name)).OfType<JsonObject>();

    private static bool Is(JsonObject member, string name) => string.Equals(Text(member, "name"), name, StringComparison.OrdinalIgnoreCase);

    private static string? Text(JsonObject parent, string name) => JsonLookup.Scalar(JsonLookup.Find(parent, name)) as string;

    private static bool Flag(JsonObject parent, string name) => JsonLookup.Scalar(JsonLookup.Find(parent, name)) is true;
}

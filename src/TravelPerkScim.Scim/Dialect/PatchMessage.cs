using System.Text.Json.Nodes;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Scim.Dialect;

/// <summary>The PATCH body. In the RFC's form it has one operation for each path, lower-case <c>op</c> and JSON types (RFC 7644 3.5.2). A
/// dialect can want another form.</summary>
public static class PatchMessage
{
    /// <summary>Schema URN of a PATCH body.</summary>
    public const string SchemaUrn = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

    private static readonly ScimDialect s_rfc = new();

    /// <summary>Writes the operations in order. A remove carries no value.</summary>
    public static JsonObject Write(IReadOnlyList<PatchOperation> operations) => Write(operations, s_rfc);

    /// <summary>Writes the operations as a server of this dialect accepts them.</summary>
    public static JsonObject Write(IReadOnlyList<PatchOperation> operations, ScimDialect dialect)
    {
        ArgumentNullException.ThrowIfNull(operations);
        ArgumentNullException.ThrowIfNull(dialect);
        var list = new JsonArray();
        JsonObject? together = null;
        foreach (PatchOperation operation in operations)
        {
            bool element = IsFilteredAdd(operation) && dialect.FilteredPathCreates == false;
            AttributeForm? form = dialect.FormOf(operation.Path) is { } learned and not AttributeForm.None ? learned : null;
            bool pathless = form is null
                ? dialect.PatchForm == PatchForm.Pathless && (element || operation.Path.ValueFilter is null)
                : form == AttributeForm.Pathless;
            if (pathless)
                list.AddIfNew(ref together, element || operation.Kind == PatchOperationKind.Add, operation);
            else if (form is { } own)
                list.Add(WithPath(AttributeForms.In(own, operation)));
            else
                list.Add(element ? Element(operation) : WithPath(operation));
        }

        if (dialect.Booleans == BooleanForm.Text)
            BooleansAsText(list);
        return new JsonObject { ["schemas"] = new JsonArray(SchemaUrn), ["Operations"] = list };
    }

    internal static bool HasBoolean(JsonNode? node) =>
        node switch
        {
            JsonObject complex => complex.Any(member => HasBoolean(member.Value)),
            JsonArray array => array.Any(HasBoolean),
            JsonValue value => value.TryGetValue(out bool _),
            _ => false,
        };

    /// <summary>Writes true and false as strings, as older provisioning clients do.</summary>
    internal static void BooleansAsText(JsonNode? node)
    {
        if (node is JsonObject complex)
        {
            foreach ((string name, JsonNode? value) in complex.ToList())
            {
                if (value is JsonValue flag && flag.TryGetValue(out bool on))
                    complex[name] = on ? "True" : "False";
                else
                    BooleansAsText(value);
            }
        }
        else if (node is JsonArray array)
        {
            foreach (JsonNode? element in array)
                BooleansAsText(element);
        }
    }

    /// <summary>True for an operation that adds one member to an element of a list, and may have to create the element.</summary>
    internal static bool IsFilteredAdd(PatchOperation operation) =>
        operation is { Kind: PatchOperationKind.Add, Path: { ValueFilter: not null, SubAttribute: not null } };

    /// <summary>
    /// True when every operation has the same effect however often it is sent: a replace, or an add of one member of the element that a
    /// filter names. Any other add may append, and a remove may find no target.
    /// </summary>
    internal static bool IsIdempotent(JsonObject message) =>
        JsonLookup.Find(message, "Operations") is JsonArray operations
        && operations.All(operation =>
            operation is JsonObject one
            && (Is(one, "op", "replace") || (Is(one, "op", "add") && Text(one, "path")?.Contains("].", StringComparison.Ordinal) == true))
        );

    private static bool Is(JsonObject operation, string name, string value) =>
        string.Equals(Text(operation, name), value, StringComparison.OrdinalIgnoreCase);

    private static string? Text(JsonObject operation, string name) => JsonLookup.Scalar(JsonLookup.Find(operation, name)) as string;

    private static JsonObject WithPath(PatchOperation operation)
    {
        var written = new JsonObject { ["op"] = Name(operation.Kind), ["path"] = operation.Path.ToString() };
        if (operation.Kind != PatchOperationKind.Remove)
            written["value"] = ScimValue.ToJson(operation.Value, operation.Definition ?? TravelPerkSchema.Find(operation.Path));
        return written;
    }

    // The element that the filter describes, added to the attribute as a whole.
    private static JsonObject Element(PatchOperation operation)
    {
        var whole = new AttributePath(operation.Path.SchemaUrn, operation.Path.Attribute, null, null);
        JsonObject built = new ScimResourceBuilder().Set(operation.Path, operation.Value, operation.Definition).Build();
        JsonObject container = operation.Path.SchemaUrn is { } urn ? (JsonObject)built[urn]! : built;
        return new JsonObject
        {
            ["op"] = "add",
            ["path"] = whole.ToString(),
            ["value"] = container[operation.Path.Attribute]?.DeepClone(),
        };
    }

    // Replaced and cleared attributes go into one operation. An add has its own, because it must not become a replace.
    private static void AddIfNew(this JsonArray list, ref JsonObject? together, bool add, PatchOperation operation)
    {
        JsonObject? value = add ? [] : together;
        if (value is null || add)
        {
            value = [];
            list.Add(new JsonObject { ["op"] = add ? "add" : "replace", ["value"] = value });
            together = add ? together : value;
        }

        if (operation.Kind == PatchOperationKind.Remove)
        {
            PutNull(value, operation.Path);
            return;
        }

        JsonObject built = new ScimResourceBuilder().Set(operation.Path, operation.Value, operation.Definition).Build();
        built.Remove("schemas");
        Merge(value, built);
    }

    // In a value without a path, null clears the attribute (RFC 7643 2.5).
    private static void PutNull(JsonObject value, AttributePath path)
    {
        foreach (string name in new[] { path.SchemaUrn, path.SubAttribute is null ? null : path.Attribute }.OfType<string>())
            value = value[name] as JsonObject ?? (JsonObject)(value[name] = new JsonObject());
        value[path.SubAttribute ?? path.Attribute] = null;
    }

    private static void Merge(JsonObject into, JsonObject from)
    {
        foreach ((string name, JsonNode? value) in from)
        {
            if (value is JsonObject inner && into[name] is JsonObject existing)
                Merge(existing, inner);
            else
                into[name] = value?.DeepClone();
        }
    }

    private static string Name(PatchOperationKind kind) =>
        kind switch
        {
            PatchOperationKind.Add => "add",
            PatchOperationKind.Replace => "replace",
            _ => "remove",
        };
}

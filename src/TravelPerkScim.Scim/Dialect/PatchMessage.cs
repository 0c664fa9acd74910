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

    // In the order of PatchOperationKind.
    private static readonly string[] s_ops = ["add", "replace", "remove"];

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
            switch (FormOf(operation, dialect, element))
            {
                case AttributeForm.Pathless when operation.Kind == PatchOperationKind.Add:
                    Put(AddPathless(list, "add"), operation);
                    break;
                // Replaced and cleared attributes go into one operation. An add has its own, because it must not become a replace.
                case AttributeForm.Pathless:
                    Put(together ??= AddPathless(list, "replace"), operation);
                    break;
                case { } form:
                    list.Add(WithPath(AttributeForms.In(form, operation)));
                    break;
                default:
                    list.Add(element ? Element(operation) : WithPath(operation));
                    break;
            }
        }

        if (dialect.Booleans == BooleanForm.Text)
            BooleansAsText(list);
        return new JsonObject { ["schemas"] = new JsonArray(SchemaUrn), ["Operations"] = list };
    }

    /// <summary>Null for the usual form, which has a path.</summary>
    private static AttributeForm? FormOf(PatchOperation operation, ScimDialect dialect, bool element)
    {
        AttributeForm? learned = dialect.FormOf(operation.Path);
        if (learned is not (null or AttributeForm.None))
            return learned;
        bool fitsPathless = element || operation.Path.ValueFilter is null;
        return dialect.PatchForm == PatchForm.Pathless && fitsPathless ? AttributeForm.Pathless : null;
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
        JsonLookup.Find(message, "Operations") is JsonArray operations && operations.All(IsIdempotent);

    private static bool IsIdempotent(JsonNode? node)
    {
        if (node is not JsonObject operation)
            return false;
        if (Is(operation, "op", "replace"))
            return true;
        bool namesMember = Text(operation, "path")?.Contains("].", StringComparison.Ordinal) is true;
        return namesMember && Is(operation, "op", "add");
    }

    private static bool Is(JsonObject operation, string name, string value) =>
        string.Equals(Text(operation, name), value, StringComparison.OrdinalIgnoreCase);

    private static string? Text(JsonObject operation, string name) => JsonLookup.Scalar(JsonLookup.Find(operation, name)) as string;

    private static JsonObject WithPath(PatchOperation operation)
    {
        var written = new JsonObject { ["op"] = s_ops[(int)operation.Kind], ["path"] = operation.Path.ToString() };
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

    private static JsonObject AddPathless(JsonArray list, string op)
    {
        JsonObject value = [];
        list.Add(new JsonObject { ["op"] = op, ["value"] = value });
        return value;
    }

    private static void Put(JsonObject value, PatchOperation operation)
    {
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
}

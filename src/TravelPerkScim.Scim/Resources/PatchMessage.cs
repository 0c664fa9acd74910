using System.Text.Json.Nodes;

namespace TravelPerkScim.Scim;

/// <summary>The PATCH body in the RFC's own form: one operation a path, lower-case <c>op</c>, JSON types (RFC 7644 3.5.2).</summary>
public static class PatchMessage
{
    /// <summary>Schema URN of a PATCH body.</summary>
    public const string SchemaUrn = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

    /// <summary>Writes the operations in order. A remove carries no value. A dialect that needs another form writes its own body.</summary>
    public static JsonObject Write(IReadOnlyList<PatchOperation> operations)
    {
        ArgumentNullException.ThrowIfNull(operations);
        var list = new JsonArray();
        foreach (var operation in operations)
        {
            var written = new JsonObject { ["op"] = Name(operation.Kind), ["path"] = operation.Path.ToString() };
            if (operation.Kind != PatchOperationKind.Remove)
                written["value"] = ScimValue.ToJson(operation.Value, operation.Definition ?? TravelPerkSchema.Find(operation.Path));
            list.Add(written);
        }

        return new JsonObject { ["schemas"] = new JsonArray(SchemaUrn), ["Operations"] = list };
    }

    /// <summary>Only replacing gives the same result however often it is done: adding may append, removing may find no target.</summary>
    internal static bool IsIdempotent(JsonObject message) =>
        JsonLookup.Find(message, "Operations") is JsonArray operations
        && operations.All(operation => operation is JsonObject one
            && string.Equals(JsonLookup.Scalar(JsonLookup.Find(one, "op")) as string, "replace", StringComparison.OrdinalIgnoreCase));

    private static string Name(PatchOperationKind kind) => kind switch
    {
        PatchOperationKind.Add => "add",
        PatchOperationKind.Replace => "replace",
        _ => "remove",
    };
}

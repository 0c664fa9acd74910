using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Scim.Resources;

/// <summary>One PATCH operation (RFC 7644 3.5.2). Value: null, string, bool, long, double, list of strings, or JsonNode.</summary>
public sealed record PatchOperation(PatchOperationKind Kind, AttributePath Path, object? Value, ScimSchemaAttribute? Definition = null);

/// <summary>What a <see cref="PatchOperation"/> does.</summary>
public enum PatchOperationKind
{
    Add,
    Replace,
    Remove,
}

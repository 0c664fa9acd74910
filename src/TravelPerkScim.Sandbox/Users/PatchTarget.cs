using TravelPerkScim.Sandbox.Discovery;
using TravelPerkScim.Sandbox.Protocol;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Sandbox.Users;

/// <summary>The attribute that a PATCH path points at, found in the published schemas.</summary>
internal sealed record PatchTarget(
    string Text,
    SchemaDefinition Schema,
    AttributeDefinition Attribute,
    ScimFilter? Filter,
    AttributeDefinition? SubAttribute
)
{
    // Common attributes (RFC 7643 section 3.1) are in no schema document; the server alone writes them.
    private static readonly HashSet<string> s_serverWritten = new(StringComparer.OrdinalIgnoreCase) { "id", "meta", "schemas" };

    public static bool IsServerWritten(string attribute) => s_serverWritten.Contains(attribute);

    /// <summary>The path that a text is, with filters that compare as the schemas say.</summary>
    /// <exception cref="ScimErrorException">400 invalidPath.</exception>
    public static AttributePath ReadPath(string text, UserSchemas known)
    {
        AttributePath given =
            PatchStep.PathOf(text) ?? throw ScimErrorException.InvalidPath($"Path '{text}' is not a valid attribute path.");
        return given.WithCase(known.CaseExact);
    }

    public static PatchTarget Resolve(string text, UserSchemas known)
    {
        AttributePath path = ReadPath(text, known);
        if (path.SchemaUrn is null && IsServerWritten(path.Attribute))
            throw ScimErrorException.Mutability($"Attribute '{text}' is read-only.");
        AttributeDefinition attribute =
            known.Find(path) ?? throw ScimErrorException.InvalidPath($"Path '{text}' points at no known attribute.");
        AttributeDefinition? subAttribute = attribute.SubAttribute(path.SubAttribute);
        if (path.ValueFilter is not null && !attribute.MultiValued)
            throw ScimErrorException.InvalidPath($"Path '{text}' filters an attribute that has one value only.");
        if (attribute.ReadOnly || subAttribute is { ReadOnly: true })
            throw ScimErrorException.Mutability($"Attribute '{text}' is read-only.");
        return new PatchTarget(text, known.SchemaOf(path)!, attribute, path.ValueFilter, subAttribute);
    }
}

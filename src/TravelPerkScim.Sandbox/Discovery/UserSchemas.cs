using System.Text.Json.Nodes;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Sandbox.Discovery;

/// <summary>The schemas of users that one service knows: TravelPerk's, and what the sandbox was given besides.</summary>
internal sealed class UserSchemas
{
    private static readonly HashSet<string> s_common = new(StringComparer.OrdinalIgnoreCase) { "id", "meta" };

    private UserSchemas(SchemaDefinition user, IReadOnlyList<SchemaDefinition> extensions)
    {
        User = user;
        Extensions = extensions;
        All = [user, .. extensions];
        AlwaysReturned = [.. Returned("always")];
        ReturnedOnRequest = [.. Returned("request")];
    }

    /// <summary>What TravelPerk publishes.</summary>
    public static UserSchemas Published { get; } = new(SchemaDefinition.User, [SchemaDefinition.Enterprise, SchemaDefinition.TravelPerk]);

    /// <summary>The same of groups.</summary>
    public static UserSchemas OfGroups { get; } = new(SchemaDefinition.Group, []);

    public SchemaDefinition User { get; }

    public IReadOnlyList<SchemaDefinition> Extensions { get; }

    public IReadOnlyList<SchemaDefinition> All { get; }

    /// <summary>Where the attributes are that every answer has, whatever it was asked for (RFC 7643 section 7).</summary>
    public IReadOnlyList<string[]> AlwaysReturned { get; }

    /// <summary>Where the attributes are that a query must ask for.</summary>
    public IReadOnlyList<string[]> ReturnedOnRequest { get; }

    /// <summary>The published schemas with further documents: one with a published URN adds its attributes there, any other is an extension
    /// of its own.</summary>
    /// <exception cref="ArgumentException">A document is no schema of RFC 7643 section 7.</exception>
    public static UserSchemas With(IReadOnlyCollection<JsonObject> documents)
    {
        List<SchemaDefinition> schemas = [.. Published.All];
        foreach (SchemaDefinition added in documents.Select(SchemaDefinition.Read))
        {
            int known = schemas.FindIndex(schema => schema.Is(added.Urn));
            if (known >= 0)
                schemas[known] = schemas[known].With(added);
            else
                schemas.Add(added);
        }
        return new UserSchemas(schemas[0], schemas[1..]);
    }

    /// <summary>Whether strings at a path compare with case; null for what no schema has. Of the common attributes, <c>id</c> and
    /// <c>meta.resourceType</c> do (RFC 7643 section 3.1).</summary>
    public bool? CaseExact(AttributePath path)
    {
        if (path.SchemaUrn is null && s_common.Contains(path.Attribute))
            return true;
        AttributeDefinition? attribute = Find(path);
        AttributeDefinition? part = attribute?.SubAttribute(path.SubAttribute ?? "value");
        return (part ?? attribute)?.CaseExact;
    }

    /// <summary>Steps from the resource to each attribute that is returned so. Parts of elements count as their attribute does.</summary>
    private IEnumerable<string[]> Returned(string when) =>
        All.SelectMany(schema => schema.Attributes.SelectMany(attribute => Steps(schema, attribute, when)));

    private IEnumerable<string[]> Steps(SchemaDefinition schema, AttributeDefinition attribute, string when)
    {
        string[] whole = schema == User ? [attribute.Name] : [schema.Urn, attribute.Name];
        if (attribute.Returned == when)
            yield return whole;
        if (attribute.MultiValued)
            yield break;
        foreach (AttributeDefinition part in attribute.SubAttributes.Where(part => part.Returned == when))
            yield return [.. whole, part.Name];
    }

    /// <summary>The attribute that a path begins with; null when no schema has it, or it lacks the path's sub-attribute.</summary>
    public AttributeDefinition? Find(AttributePath path)
    {
        AttributeDefinition? attribute = SchemaOf(path)?.Attribute(path.Attribute);
        return path.SubAttribute is null || attribute?.SubAttribute(path.SubAttribute) is not null ? attribute : null;
    }

    /// <summary>The schema that a path names; the user's own for a path that names none.</summary>
    public SchemaDefinition? SchemaOf(AttributePath path) => path.SchemaUrn is null ? User : Find(path.SchemaUrn);

    public SchemaDefinition? Find(string urn) => All.FirstOrDefault(schema => schema.Is(urn));
}

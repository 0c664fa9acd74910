using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace TravelPerkScim.Scim.Schema;

/// <summary>
/// A SCIM attribute path (RFC 7644 3.5.2 and 3.10): <c>userName</c>, <c>name.givenName</c>, <c>phoneNumbers[type eq "work"].value</c>,
/// <c>urn:...:2.0:User:emergencyContact.name</c>.
/// </summary>
public sealed class AttributePath : IEquatable<AttributePath>
{
    private readonly string _text;

    internal AttributePath(string? schemaUrn, string attribute, ScimFilter? valueFilter, string? subAttribute)
    {
        // The core schema's URN may be left out (RFC 7644 3.10), so the paths with and without it are equal.
        SchemaUrn = string.Equals(schemaUrn, TravelPerkSchema.CoreUser, StringComparison.OrdinalIgnoreCase) ? null : schemaUrn;
        Attribute = attribute;
        ValueFilter = valueFilter;
        SubAttribute = subAttribute;
        _text =
            (SchemaUrn is null ? "" : SchemaUrn + ":")
            + attribute
            + (valueFilter is null ? "" : $"[{valueFilter}]")
            + (subAttribute is null ? "" : "." + subAttribute);
    }

    /// <summary>Schema URN in front of the attribute, or null for the core User schema.</summary>
    public string? SchemaUrn { get; }

    /// <summary>The attribute's name as written.</summary>
    public string Attribute { get; }

    /// <summary>The value filter in brackets, or null.</summary>
    public ScimFilter? ValueFilter { get; }

    /// <summary>The name after the dot, or null.</summary>
    public string? SubAttribute { get; }

    /// <summary>Reads a path.</summary>
    /// <exception cref="ScimSyntaxException"><c>InvalidPath</c>, or <c>InvalidFilter</c> for what is in brackets.</exception>
    public static AttributePath Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ScimParser.ParsePath(text);
    }

    /// <summary>Reads a path; false when the text is not a path.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out AttributePath? path)
    {
        try
        {
            path = text is null ? null : ScimParser.ParsePath(text);
        }
        catch (ScimSyntaxException)
        {
            path = null;
        }

        return path is not null;
    }

    /// <summary>The values at this path: none when the attribute is absent, one for each element when it is multi-valued. A complex value
    /// comes whole.</summary>
    public IEnumerable<JsonNode> SelectFrom(JsonObject resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        foreach (JsonNode element in JsonLookup.Elements(HolderIn(resource)))
        {
            if (ValueFilter is not null && !(element is JsonObject complex && ValueFilter.Matches(complex)))
                continue;

            if (SubAttribute is null)
            {
                yield return element;
            }
            else if (element is JsonObject parent)
            {
                foreach (JsonNode value in JsonLookup.Elements(JsonLookup.Find(parent, SubAttribute)))
                    yield return value;
            }
        }
    }

    /// <summary>The attribute's value as it stands in the resource, before the brackets and the name after the dot; null when
    /// absent.</summary>
    internal JsonNode? HolderIn(JsonObject resource)
    {
        JsonObject? container = SchemaUrn is null ? resource : JsonLookup.Find(resource, SchemaUrn) as JsonObject;
        return container is null ? null : JsonLookup.Find(container, Attribute);
    }

    /// <summary>This path with strings in brackets compared as a schema says, see <see cref="ScimFilter.WithCase"/>.</summary>
    public AttributePath WithCase(Func<AttributePath, bool?> caseExact) =>
        ValueFilter is null
            ? this
            : new AttributePath(
                SchemaUrn,
                Attribute,
                ValueFilter.WithCase(inner => caseExact(new AttributePath(SchemaUrn, Attribute, null, inner.Attribute))),
                SubAttribute
            );

    /// <summary>Attribute names and URNs compare without case (RFC 7643 2.1).</summary>
    public bool Equals(AttributePath? other) => other is not null && string.Equals(_text, other._text, StringComparison.OrdinalIgnoreCase);

    public override bool Equals(object? obj) => obj is AttributePath other && Equals(other);

    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(_text);

    /// <summary>The path in its canonical form, with the core URN left out and filter values escaped.</summary>
    public override string ToString() => _text;
}

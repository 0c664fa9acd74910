using System.Text.Json.Nodes;

namespace TravelPerkScim.Scim.Schema;

/// <summary>A SCIM filter (RFC 7644 3.4.2.2) as a tree; <c>ToString</c> writes it with every value escaped.</summary>
public abstract class ScimFilter
{
    /// <summary><c>attribute eq "value"</c>.</summary>
    /// <exception cref="ScimSyntaxException"><c>InvalidPath</c>: <paramref name="attribute"/> is not an attribute path.</exception>
    public static ScimFilter Equal(string attribute, string value) =>
        new ComparisonFilter(AttributePath.Parse(attribute), ScimComparison.Equal, value);

    /// <summary>A filter that matches when every term matches.</summary>
    public static ScimFilter And(params ScimFilter[] terms) => LogicalFilter.Of(ScimConnective.And, terms);

    /// <summary>A filter that matches when one term matches.</summary>
    public static ScimFilter Or(params ScimFilter[] terms) => LogicalFilter.Of(ScimConnective.Or, terms);

    /// <summary>Reads a filter.</summary>
    /// <exception cref="ScimSyntaxException"><c>InvalidFilter</c>, with the position.</exception>
    public static ScimFilter Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ScimParser.ParseFilter(text);
    }

    /// <summary>Whether the resource matches. Without a schema (<see cref="WithCase"/>) strings compare without case, except <c>id</c> and
    /// <c>externalId</c> (RFC 7643 3.1).</summary>
    public abstract bool Matches(JsonObject resource);

    /// <summary>This filter with strings compared as a schema says (RFC 7644 3.4.2.2), also within brackets.</summary>
    /// <param name="caseExact">Whether the attribute at a path is case-exact; null where no schema says so.</param>
    public abstract ScimFilter WithCase(Func<AttributePath, bool?> caseExact);

    /// <summary>The filter's attribute names without its values, for traces.</summary>
    internal abstract IEnumerable<AttributePath> Paths();
}

using System.Text.Json.Nodes;

namespace TravelPerkScim.Scim.Schema;

/// <summary><c>emails[type eq "work"]</c>: one element of a multi-valued attribute satisfies the whole filter in brackets.</summary>
public sealed class ValuePathFilter(AttributePath path) : ScimFilter
{
    /// <summary>The path with its value filter.</summary>
    public AttributePath Path { get; } = path;

    public override bool Matches(JsonObject resource) => Path.SelectFrom(resource).Any();

    public override ScimFilter WithCase(Func<AttributePath, bool?> caseExact) => new ValuePathFilter(Path.WithCase(caseExact));

    public override string ToString() => Path.ToString();

    internal override IEnumerable<AttributePath> Paths() => [Path];
}

using System.Text.Json.Nodes;

namespace TravelPerkScim.Scim;

/// <summary><c>emails[type eq "work"]</c>: one element of a multi-valued attribute satisfies the whole filter in brackets.</summary>
public sealed class ValuePathFilter(AttributePath path) : ScimFilter
{
    /// <summary>The path with its value filter.</summary>
    public AttributePath Path { get; } = path;

    public override bool Matches(JsonObject resource) => Path.SelectFrom(resource).Any();

    public override string ToString() => Path.ToString();

    internal override IEnumerable<AttributePath> Paths() => [Path];
}

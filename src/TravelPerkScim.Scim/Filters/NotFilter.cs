using System.Text.Json.Nodes;

namespace TravelPerkScim.Scim;

/// <summary><c>not (filter)</c>.</summary>
public sealed class NotFilter(ScimFilter term) : ScimFilter
{
    public ScimFilter Term { get; } = term;

    public override bool Matches(JsonObject resource) => !Term.Matches(resource);

    public override string ToString() => $"not ({Term})";

    internal override IEnumerable<AttributePath> Paths() => Term.Paths();
}

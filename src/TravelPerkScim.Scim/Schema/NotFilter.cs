using System.Text.Json.Nodes;

namespace TravelPerkScim.Scim.Schema;

/// <summary><c>not (filter)</c>.</summary>
public sealed class NotFilter(ScimFilter term) : ScimFilter
{
    public ScimFilter Term { get; } = term;

    public override bool Matches(JsonObject resource) => !Term.Matches(resource);

    public override ScimFilter WithCase(Func<AttributePath, bool?> caseExact) => new NotFilter(Term.WithCase(caseExact));

    public override string ToString() => $"not ({Term})";

    internal override IEnumerable<AttributePath> Paths() => Term.Paths();
}

using System.Text.Json.Nodes;

namespace TravelPerkScim.Scim.Schema;

/// <summary><c>path pr</c>: the attribute has a non-empty value (RFC 7644 table 3).</summary>
public sealed class PresenceFilter(AttributePath path) : ScimFilter
{
    public AttributePath Path { get; } = path;

    public override bool Matches(JsonObject resource) => Path.SelectFrom(resource).Any(IsPresent);

    public override ScimFilter WithCase(Func<AttributePath, bool?> caseExact) => new PresenceFilter(Path.WithCase(caseExact));

    public override string ToString() => $"{Path} pr";

    internal override IEnumerable<AttributePath> Paths() => [Path];

    private static bool IsPresent(JsonNode node) =>
        node switch
        {
            JsonObject complex => complex.Any(member => member.Value is not null),
            JsonArray array => array.Any(element => element is not null),
            _ => JsonLookup.Scalar(node) is not (null or ""),
        };
}

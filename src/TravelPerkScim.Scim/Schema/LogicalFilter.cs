using System.Text.Json.Nodes;

namespace TravelPerkScim.Scim.Schema;

/// <summary>How a <see cref="LogicalFilter"/> joins its terms.</summary>
public enum ScimConnective
{
    And,
    Or,
}

/// <summary>Two or more filters joined by <c>and</c> or by <c>or</c>.</summary>
public sealed class LogicalFilter : ScimFilter
{
    private LogicalFilter(ScimConnective connective, IReadOnlyList<ScimFilter> terms)
    {
        Connective = connective;
        Terms = terms;
    }

    public ScimConnective Connective { get; }

    public IReadOnlyList<ScimFilter> Terms { get; }

    public override bool Matches(JsonObject resource) =>
        Connective == ScimConnective.And ? Terms.All(term => term.Matches(resource)) : Terms.Any(term => term.Matches(resource));

    public override ScimFilter WithCase(Func<AttributePath, bool?> caseExact) =>
        Of(Connective, [.. Terms.Select(term => term.WithCase(caseExact))]);

    public override string ToString() =>
        string.Join(
            Connective == ScimConnective.And ? " and " : " or ",
            Terms.Select(term => term is LogicalFilter { Connective: ScimConnective.Or } ? $"({term})" : term.ToString())
        );

    internal override IEnumerable<AttributePath> Paths() => Terms.SelectMany(term => term.Paths());

    internal static ScimFilter Of(ScimConnective connective, IReadOnlyList<ScimFilter> terms) =>
        terms.Count switch
        {
            0 => throw new ArgumentException("A filter needs at least one term.", nameof(terms)),
            1 => terms[0],
            _ => new LogicalFilter(connective, [.. terms]),
        };
}

using System.Globalization;
using System.Text.Json.Nodes;

namespace TravelPerkScim.Scim.Schema;

/// <summary>The comparison operators of RFC 7644 table 3.</summary>
public enum ScimComparison
{
    Equal,
    NotEqual,
    Contains,
    StartsWith,
    EndsWith,
    GreaterThan,
    GreaterOrEqual,
    LessThan,
    LessOrEqual,
}

/// <summary><c>path op value</c>, where value is null, string, bool, long or double.</summary>
public sealed class ComparisonFilter : ScimFilter
{
    private static readonly string[] s_names = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"];

    private static readonly HashSet<string> s_caseExact = new(StringComparer.OrdinalIgnoreCase) { "id", "externalId" };

    private readonly StringComparison _case;

    /// <param name="path">The attribute that is compared.</param>
    /// <param name="comparison">The operator.</param>
    /// <param name="value">The value to compare with: null, string, bool, long or double.</param>
    /// <param name="caseExact">Whether the attribute is case-exact. With null, <c>id</c> and <c>externalId</c> are (RFC 7643 3.1).</param>
    public ComparisonFilter(AttributePath path, ScimComparison comparison, object? value, bool? caseExact = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        Path = path;
        Comparison = comparison;
        Value = IsPrimary(path) && bool.TryParse(value as string, out bool primary) ? primary : value;
        _case = caseExact ?? IsCaseExact(path) ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
    }

    public AttributePath Path { get; }

    public ScimComparison Comparison { get; }

    public object? Value { get; }

    /// <summary>Multi-valued attributes match when any value does (RFC 7644 3.4.2.2); an absent attribute equals null.</summary>
    public override bool Matches(JsonObject resource)
    {
        bool present = false;
        foreach (JsonNode node in Path.SelectFrom(resource))
        {
            if (JsonLookup.Scalar(node) is not { } actual)
                continue;
            present = true;
            if (Holds(actual))
                return true;
        }

        return !present
            && Comparison switch
            {
                ScimComparison.Equal => Value is null,
                ScimComparison.NotEqual => Value is not null,
                _ => false,
            };
    }

    public override ScimFilter WithCase(Func<AttributePath, bool?> caseExact)
    {
        ArgumentNullException.ThrowIfNull(caseExact);
        return new ComparisonFilter(Path.WithCase(caseExact), Comparison, Value, caseExact(Path));
    }

    public override string ToString() => $"{Path} {s_names[(int)Comparison]} {JsonLookup.Write(Value)}";

    internal override IEnumerable<AttributePath> Paths() => [Path];

    internal static bool TryParseOperator(ReadOnlySpan<char> word, out ScimComparison comparison)
    {
        for (int i = 0; i < s_names.Length; i++)
        {
            if (word.Equals(s_names[i], StringComparison.OrdinalIgnoreCase))
            {
                comparison = (ScimComparison)i;
                return true;
            }
        }

        comparison = default;
        return false;
    }

    private static bool IsCaseExact(AttributePath path) =>
        path is { SchemaUrn: null, SubAttribute: null } && s_caseExact.Contains(path.Attribute);

    // RFC 7643 2.4: "primary" is a Boolean. Entra nevertheless writes roles[primary eq "True"].value.
    private static bool IsPrimary(AttributePath path) =>
        path is { SubAttribute: null, ValueFilter: null } && path.Attribute.Equals("primary", StringComparison.OrdinalIgnoreCase);

    private bool Holds(object actual) =>
        Comparison switch
        {
            ScimComparison.Equal => AreEqual(actual),
            ScimComparison.NotEqual => !AreEqual(actual),
            ScimComparison.Contains or ScimComparison.StartsWith or ScimComparison.EndsWith => actual is string text
                && Value is string part
                && HoldsPart(text, part),
            _ => HoldsOrder(Order(actual)),
        };

    private bool HoldsPart(string actual, string part) =>
        Comparison switch
        {
            ScimComparison.Contains => actual.Contains(part, _case),
            ScimComparison.StartsWith => actual.StartsWith(part, _case),
            _ => actual.EndsWith(part, _case),
        };

    private bool HoldsOrder(int? order) =>
        Comparison switch
        {
            ScimComparison.GreaterThan => order > 0,
            ScimComparison.GreaterOrEqual => order >= 0,
            ScimComparison.LessThan => order < 0,
            _ => order <= 0,
        };

    private bool AreEqual(object actual) =>
        (actual, Value) switch
        {
            (string a, string v) => string.Equals(a, v, _case),
            (bool a, bool v) => a == v,
            // A service may keep a Boolean as text.
            (string a, bool v) => bool.TryParse(a, out bool flag) && flag == v,
            _ => Order(actual) == 0,
        };

    /// <summary>Null when the two are not comparable: every ordering is then false.</summary>
    private int? Order(object actual) =>
        (actual, Value) switch
        {
            // RFC 7644 table 3: dateTime values are compared chronologically.
            (string a, string v) when IsDateTime(a, out DateTimeOffset at) && IsDateTime(v, out DateTimeOffset vt) => at.CompareTo(vt),
            (string a, string v) => string.Compare(a, v, _case),
            (long a, long v) => a.CompareTo(v),
            (long or double, long or double) => Convert
                .ToDouble(actual, CultureInfo.InvariantCulture)
                .CompareTo(Convert.ToDouble(Value, CultureInfo.InvariantCulture)),
            _ => null,
        };

    private static bool IsDateTime(string text, out DateTimeOffset instant)
    {
        instant = default;
        return text.Length >= 19
            && text[10] is 'T' or 't'
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out instant);
    }
}

using TravelPerkScim.Mapping.Expressions;

namespace TravelPerkScim.Mapping.Scope;

/// <summary>An operator of Entra's scoping filters (Entra: "Scoping users or groups to be provisioned with scoping filters").</summary>
public sealed class ScopeOperator
{
    private readonly Func<IReadOnlyList<string>, Func<string, Exception>, Func<object, bool>> _compile;

    private ScopeOperator(
        string name,
        string summary,
        bool unary,
        Func<IReadOnlyList<string>, Func<string, Exception>, Func<object, bool>> compile
    )
    {
        Name = name;
        Summary = summary;
        Unary = unary;
        _compile = compile;
    }

    /// <summary>Every operator.</summary>
    public static IReadOnlyList<ScopeOperator> All { get; } =
    [
        Text("EQUALS", "Is one of the values, case-sensitively.", (text, values) => values.Contains(text, StringComparer.Ordinal)),
        Text("NOT EQUALS", "Is none of the values, case-sensitively.", (text, values) => !values.Contains(text, StringComparer.Ordinal)),
        Text(
            "ENDS_WITH",
            "Ends with the value, case-sensitively.",
            (text, values) => values.Any(value => text.EndsWith(value, StringComparison.Ordinal))
        ),
        Text(
            "Includes",
            "Contains the value, case-sensitively.",
            (text, values) => values.Any(value => text.Contains(value, StringComparison.Ordinal))
        ),
        Text(
            "&",
            "Exists in the value given: the value contains it.",
            (text, values) => values.Any(value => value.Contains(text, StringComparison.Ordinal))
        ),
        Text(
            "!&",
            "Does not exist in the value given.",
            (text, values) => !values.Any(value => value.Contains(text, StringComparison.Ordinal))
        ),
        Integer("Greater_Than", "Is an integer greater than the value.", (number, value) => number > value),
        Integer("Greater_Than_OR_EQUALS", "Is an integer not less than the value.", (number, value) => number >= value),
        Pattern("REGEX MATCH", "Has a match of the regular expression somewhere; ^ and $ anchor it.", wanted: true),
        Pattern("NOT REGEX MATCH", "Has no match of the regular expression.", wanted: false),
        Test("IS TRUE", "Is True.", value => Values.TryBoolean(value, out bool truth) && truth),
        Test("IS FALSE", "Is False.", value => Values.TryBoolean(value, out bool truth) && !truth),
        Test("IS NULL", "Has no value.", _ => false),
        Test("IS NOT NULL", "Has a value.", _ => true),
    ];

    /// <summary>The names of every operator, for messages.</summary>
    internal static string Names => string.Join(", ", All.Select(known => known.Name));

    /// <summary>The name as Entra writes it.</summary>
    public string Name { get; }

    /// <summary>When a clause with it holds.</summary>
    public string Summary { get; }

    /// <summary>Takes no value to compare with.</summary>
    public bool Unary { get; }

    internal bool MeetsNull => Name == "IS NULL";

    /// <summary>By name, without regard to case, and with spaces for underscores or the reverse.</summary>
    internal static ScopeOperator? Find(string name) =>
        All.FirstOrDefault(operation => string.Equals(Plain(operation.Name), Plain(name), StringComparison.OrdinalIgnoreCase));

    /// <summary>The test of a value that is not null or empty.</summary>
    internal Func<object, bool> Compile(IReadOnlyList<string> values, Func<string, Exception> invalid) => _compile(values, invalid);

    private static string Plain(string name) => name.Trim().Replace('_', ' ');

    private static ScopeOperator Test(string name, string summary, Func<object, bool> test) =>
        new(name, summary, unary: true, (_, _) => test);

    private static ScopeOperator Text(string name, string summary, Func<string, IReadOnlyList<string>, bool> test) =>
        new(name, summary, unary: false, (values, _) => value => Values.TryText(value, out string? text) && test(text!, values));

    private static ScopeOperator Integer(string name, string summary, Func<long, long, bool> test) =>
        new(
            name,
            summary,
            unary: false,
            (values, invalid) =>
            {
                long limit = Values.TryInteger(values[0], out long number) ? number : throw invalid("the value must be an integer");
                return value => Values.TryInteger(value, out long found) && test(found, limit);
            }
        );

    private static ScopeOperator Pattern(string name, string summary, bool wanted) =>
        new(
            name,
            summary,
            unary: false,
            (values, invalid) =>
            {
                SafeRegex[] patterns = [.. values.Select(value => Create(value, invalid))];
                return value => Values.TryText(value, out string? text) && patterns.Any(pattern => pattern.IsMatch(text!)) == wanted;
            }
        );

    private static SafeRegex Create(string pattern, Func<string, Exception> invalid)
    {
        try
        {
            return SafeRegex.Create(pattern);
        }
        catch (MappingException e)
        {
            throw invalid(e.Message.TrimEnd('.'));
        }
    }
}

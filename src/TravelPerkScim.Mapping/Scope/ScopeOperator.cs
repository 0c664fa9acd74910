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
        Text("EQUALS", "Is one of the values, case-sensitively.", IsOneOf),
        Text("NOT EQUALS", "Is none of the values, case-sensitively.", IsOneOf, wanted: false),
        Text("ENDS_WITH", "Ends with the value, case-sensitively.", EndsWithOneOf),
        Text("Includes", "Contains the value, case-sensitively.", ContainsOneOf),
        Text("&", "Exists in the value given: the value contains it.", IsWithinOneOf),
        Text("!&", "Does not exist in the value given.", IsWithinOneOf, wanted: false),
        Integer("Greater_Than", "Is an integer greater than the value.", orEqual: false),
        Integer("Greater_Than_OR_EQUALS", "Is an integer not less than the value.", orEqual: true),
        Pattern("REGEX MATCH", "Has a match of the regular expression somewhere; ^ and $ anchor it.", wanted: true),
        Pattern("NOT REGEX MATCH", "Has no match of the regular expression.", wanted: false),
        Truth("IS TRUE", "Is True.", wanted: true),
        Truth("IS FALSE", "Is False.", wanted: false),
        Presence("IS NULL", "Has no value.", wanted: false),
        Presence("IS NOT NULL", "Has a value.", wanted: true),
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

    private static bool IsOneOf(string text, IReadOnlyList<string> values) => values.Contains(text, StringComparer.Ordinal);

    private static bool EndsWithOneOf(string text, IReadOnlyList<string> values) =>
        values.Any(value => text.EndsWith(value, StringComparison.Ordinal));

    private static bool ContainsOneOf(string text, IReadOnlyList<string> values) =>
        values.Any(value => text.Contains(value, StringComparison.Ordinal));

    private static bool IsWithinOneOf(string text, IReadOnlyList<string> values) =>
        values.Any(value => value.Contains(text, StringComparison.Ordinal));

    private static ScopeOperator Presence(string name, string summary, bool wanted) =>
        new(name, summary, unary: true, (_, _) => _ => wanted);

    private static ScopeOperator Truth(string name, string summary, bool wanted) =>
        new(name, summary, unary: true, (_, _) => value => Values.TryBoolean(value, out bool truth) && truth == wanted);

    private static ScopeOperator Text(string name, string summary, Func<string, IReadOnlyList<string>, bool> test, bool wanted = true) =>
        new(name, summary, unary: false, (values, _) => value => Values.TryText(value, out string? text) && test(text!, values) == wanted);

    private static ScopeOperator Integer(string name, string summary, bool orEqual) =>
        new(
            name,
            summary,
            unary: false,
            (values, invalid) =>
            {
                if (!Values.TryInteger(values[0], out long limit))
                    throw invalid("the value must be an integer");
                return value => Values.TryInteger(value, out long found) && (orEqual ? found >= limit : found > limit);
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

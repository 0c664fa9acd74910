using System.Buffers;
using System.Text;
using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Schema;

namespace TravelPerkScim.Mapping.Scope;

/// <summary>
/// Scoping filters as text: <c>department EQUALS "Sales", "Buying" AND accountEnabled IS TRUE OR employeeId IS NOT NULL</c>, with Entra's
/// operators.
/// </summary>
public static class ScopeText
{
    private static readonly HashSet<string> s_connectives = new(StringComparer.OrdinalIgnoreCase) { "and", "or" };
    private static readonly SearchValues<char> s_ofWords = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_."
    );

    /// <summary>Reads a filter and checks it against the attributes of a schema: operators, values, types and patterns, before anything is
    /// saved.</summary>
    /// <param name="text">The filter. AND binds tighter than OR; parentheses are multiplied out.</param>
    /// <param name="schema">The schema that is to have the filter.</param>
    /// <returns>Entra's shape: groups joined by OR, each of clauses joined by AND.</returns>
    /// <exception cref="MappingException"><c>ScopeFilterSyntax</c>, <c>ScopeFilterTooLong</c>, <c>UnknownScopeOperator</c>,
    /// <c>UnknownSourceAttribute</c> or <c>ScopeClauseInvalid</c>, with the column.</exception>
    public static IReadOnlyList<FilterGroup> Parse(string text, SynchronizationSchema schema)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(schema);
        return ScopeParser.Parse(text, new KnownAttributes(schema));
    }

    /// <summary>Writes groups so that <see cref="Parse"/> reads them back. A group without clauses, which filters nothing, is left
    /// out.</summary>
    public static string Print(IEnumerable<FilterGroup> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        return string.Join(" OR ", groups.Where(group => group.HasClauses).Select(Print));
    }

    /// <summary>Writes one group, with its title when it has one.</summary>
    public static string Print(FilterGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        string title = string.IsNullOrWhiteSpace(group.Name) ? "" : Quote(group.Name) + ": ";
        return title + string.Join(" AND ", group.Clauses.Select(Print));
    }

    /// <summary>Writes one clause.</summary>
    public static string Print(FilterClause clause)
    {
        ArgumentNullException.ThrowIfNull(clause);
        var operation = ScopeOperator.Find(clause.OperatorName);
        string text = $"{Name(clause.SourceOperandName)} {operation?.Name ?? clause.OperatorName}";
        return operation is { Unary: true } ? text : $"{text} {string.Join(", ", clause.Values.Select(Quote))}";
    }

    private static string Name(string name) => IsWord(name) && !s_connectives.Contains(name) ? name : $"[{name}]";

    private static bool IsWord(string name)
    {
        if (name.Length == 0 || !char.IsAsciiLetter(name[0]))
            return false;
        return name.AsSpan().IndexOfAnyExcept(s_ofWords) < 0;
    }

    /// <summary>Escapes no backslash that needs none: regular expressions stay readable.</summary>
    private static string Quote(string value)
    {
        var quoted = new StringBuilder("\"");
        for (int i = 0; i < value.Length; i++)
        {
            // A backslash at the end would escape the closing quote.
            char next = i + 1 < value.Length ? value[i + 1] : '"';
            if (value[i] == '"' || (value[i] == '\\' && next is '\\' or '"'))
                quoted.Append('\\');
            quoted.Append(value[i]);
        }

        return quoted.Append('"').ToString();
    }
}

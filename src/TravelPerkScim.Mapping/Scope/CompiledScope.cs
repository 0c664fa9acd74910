using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Scope;

/// <summary>A scoping filter compiled: clauses AND, groups OR; no groups means everyone. Reads the layout given.</summary>
public sealed class CompiledScope
{
    private static readonly ScopeDecision s_everyone = new(true, false, "No scoping filter: everyone is in scope.");

    private readonly Filter _scope;
    private readonly Filter _category;
    private readonly Filter _input;

    private CompiledScope(Filter scope, Filter category, Filter input, IReadOnlyList<string> attributes)
    {
        Attributes = attributes;
        _scope = scope;
        _category = category;
        _input = input;
    }

    /// <summary>Names of the source attributes that are read.</summary>
    public IReadOnlyList<string> Attributes { get; }

    /// <param name="schema">The schema; the scope of its mapping of users is compiled.</param>
    /// <param name="layout">Slots of the attributes, which must hold <see cref="AttributesOf"/>.</param>
    /// <exception cref="MappingException">An operator is unknown, a value is missing or of the wrong type, or an attribute is unknown,
    /// multi-valued or of an unsupported type.</exception>
    public static CompiledScope Compile(SynchronizationSchema schema, SourceLayout layout)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(layout);
        var attributes = new KnownAttributes(schema);
        ScopeFilter filter = schema.UserMapping.Scope ?? new ScopeFilter();
        return new CompiledScope(
            Compile(filter.Groups),
            Compile(filter.CategoryFilterGroups),
            Compile(filter.InputFilterGroups),
            AttributesOf(schema)
        );

        Filter Compile(SchemaList<FilterGroup> groups) =>
            new([
                .. groups
                    .Where(group => group.Clauses.Count > 0)
                    .Select(group => new Group(
                        group.Name,
                        [.. group.Clauses.Select(clause => ScopeClause.Compile(clause, attributes, layout))]
                    )),
            ]);
    }

    /// <summary>Names of the source attributes that the schema's scope reads, to be given to CompiledMapping.Compile as alsoRead.</summary>
    public static IReadOnlyList<string> AttributesOf(SynchronizationSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return schema.UserMapping.Scope is not { } filter
            ? []
            :
            [
                .. filter
                    .Groups.Concat(filter.CategoryFilterGroups)
                    .Concat(filter.InputFilterGroups)
                    .SelectMany(group => group.Clauses)
                    .Select(clause => clause.SourceOperandName)
                    .Where(name => name.Length > 0)
                    .Distinct(StringComparer.OrdinalIgnoreCase),
            ];
    }

    /// <summary>In scope, with the clause that decided.</summary>
    public ScopeDecision Evaluate(SourceObject source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (_scope.Misses(source, out string scope))
            return new ScopeDecision(false, true, scope);
        if (_category.Misses(source, out string category))
            return new ScopeDecision(false, true, category);
        if (_input.Misses(source, out string input))
            return new ScopeDecision(false, false, input);
        string met = scope;
        if (met.Length == 0)
            met = category;
        if (met.Length == 0)
            met = input;
        return met.Length > 0 ? new ScopeDecision(true, false, met) : s_everyone;
    }

    private sealed record Group(string? Name, ScopeClause[] Clauses)
    {
        public string Met { get; } = $"In scope: meets {Title(Name)}.";

        public ScopeClause? FirstMissed(SourceObject source) => Array.Find(Clauses, clause => !clause.Holds(source));

        public static string Title(string? name) => string.IsNullOrWhiteSpace(name) ? "the scoping filter" : $"the scoping filter '{name}'";
    }

    private sealed class Filter(Group[] groups)
    {
        /// <summary>The reason is empty when there is no filter to miss or meet.</summary>
        public bool Misses(SourceObject source, out string reason)
        {
            reason = "";
            if (groups.Length == 0)
                return false;
            var missed = new ScopeClause?[groups.Length];
            for (int i = 0; i < groups.Length; i++)
            {
                missed[i] = groups[i].FirstMissed(source);
                if (missed[i] is null)
                {
                    reason = groups[i].Met;
                    return false;
                }
            }

            reason =
                "Out of scope: "
                + string.Join("; ", groups.Zip(missed, (group, clause) => $"{Group.Title(group.Name)} needs {clause}"))
                + ".";
            return true;
        }
    }
}

using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Scope;

/// <summary>A scoping filter compiled: clauses AND, groups OR; no groups means everyone. Reads the layout given.</summary>
public sealed class CompiledScope
{
    private static readonly ScopeDecision s_everyone = new(true, false, "No scoping filter: everyone is in scope.");

    private readonly Filter[] _filters;

    private CompiledScope(Filter[] filters, IReadOnlyList<string> attributes)
    {
        Attributes = attributes;
        _filters = filters;
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
        ScopeFilter filter = schema.UserMapping.ScopeOrEveryone;
        Filter[] filters =
        [
            new(Compile(filter.Groups), Deprovisions: true),
            new(Compile(filter.CategoryFilterGroups), Deprovisions: true),
            new(Compile(filter.InputFilterGroups), Deprovisions: false),
        ];
        return new CompiledScope(filters, AttributesOf(schema));

        Group[] Compile(SchemaList<FilterGroup> groups) =>
            [
                .. from filterGroup in groups
                where filterGroup.HasClauses
                let clauses = filterGroup.Clauses.Select(clause => ScopeClause.Compile(clause, attributes, layout))
                select new Group(filterGroup.Name, [.. clauses]),
            ];
    }

    /// <summary>Names of the source attributes that the schema's scope reads, to be given to CompiledMapping.Compile as alsoRead.</summary>
    public static IReadOnlyList<string> AttributesOf(SynchronizationSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        IEnumerable<string> names = schema.UserMapping.ScopeOrEveryone.Clauses.Select(clause => clause.SourceOperandName);
        return [.. names.Where(name => name.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>In scope, with the clause that decided.</summary>
    public ScopeDecision Evaluate(SourceObject source)
    {
        ArgumentNullException.ThrowIfNull(source);
        string met = "";
        foreach (Filter filter in _filters)
        {
            if (filter.Misses(source, out string reason))
                return new ScopeDecision(false, filter.Deprovisions, reason);
            if (met.Length == 0)
                met = reason;
        }
        return met.Length > 0 ? new ScopeDecision(true, false, met) : s_everyone;
    }

    private sealed record Group(string? Name, ScopeClause[] Clauses)
    {
        public string Met { get; } = $"In scope: meets {Title(Name)}.";

        public ScopeClause? FirstMissed(SourceObject source) => Array.Find(Clauses, clause => !clause.Holds(source));

        public static string Title(string? name) => string.IsNullOrWhiteSpace(name) ? "the scoping filter" : $"the scoping filter '{name}'";
    }

    private sealed record Filter(Group[] Groups, bool Deprovisions)
    {
        /// <summary>The reason is empty when there is no filter to miss or meet.</summary>
        public bool Misses(SourceObject source, out string reason)
        {
            reason = "";
            if (Groups.Length == 0)
                return false;
            var missed = new ScopeClause?[Groups.Length];
            for (int i = 0; i < Groups.Length; i++)
            {
                missed[i] = Groups[i].FirstMissed(source);
                if (missed[i] is null)
                {
                    reason = Groups[i].Met;
                    return false;
                }
            }

            reason =
                "Out of scope: "
                + string.Join("; ", Groups.Zip(missed, (group, clause) => $"{Group.Title(group.Name)} needs {clause}"))
                + ".";
            return true;
        }
    }
}

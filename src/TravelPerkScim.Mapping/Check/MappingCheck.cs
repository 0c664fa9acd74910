using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Scope;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Check;

/// <summary>A static check of a whole mapping: everything that compiling would refuse, all of it at once, and what compiles but will hardly
/// do what was meant.</summary>
public sealed class MappingCheck
{
    private readonly List<MappingFinding> _findings = [];

    private MappingCheck() { }

    /// <summary>Checks the mapping of users and its scope.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="targetAttributes">Names of the attributes that the target was found to have; null: those the schema defines.</param>
    /// <returns>
    /// One record a finding, in the order of the mapping; none when all is well. A schema of another application is one finding
    /// that says so.
    /// </returns>
    public static IReadOnlyList<MappingFinding> Run(SynchronizationSchema schema, IEnumerable<string>? targetAttributes = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var check = new MappingCheck();
        check.Try(() => check.CheckUsers(schema, targetAttributes?.ToHashSet(StringComparer.OrdinalIgnoreCase)));
        return OtherApplication.Find(schema) is { } other ? [check.Instead(other)] : check._findings;
    }

    private void CheckUsers(SynchronizationSchema schema, HashSet<string>? discovered)
    {
        ObjectMapping users = schema.UserMapping;
        var attributes = new KnownAttributes(schema);
        var sound = new List<(AttributeMapping Mapping, MappingExpression? Expression)>();
        foreach (AttributeMapping mapping in users.AttributeMappings)
        {
            Try(() =>
            {
                MappingExpression? expression = CompiledMapping.Parse(mapping);
                attributes.Check(mapping, expression);
                sound.Add((mapping, expression));
            });
        }

        IReadOnlyList<string> scope = [];
        Try(() => scope = CompiledScope.AttributesOf(schema));
        SourceLayout layout = CompiledMapping.LayoutOf(scope, sound.Select(pair => pair.Expression));
        var compiler = new ExpressionCompiler(layout, TimeProvider.System);
        foreach ((AttributeMapping mapping, MappingExpression? expression) in sound)
        {
            AttributeDefinition target = attributes.Target(mapping.TargetAttributeName);
            Try(() => CompiledAttribute.Compile(mapping, expression, target, compiler));
            foreach ((string id, string message) in MappingAdvice.For(mapping, expression, target, attributes))
                Add(MappingFindingSeverity.Warning, id, mapping.TargetAttributeName, message);
            foreach ((int? column, string message) in expression is null ? [] : NullConditions.In(expression))
                _findings.Add(
                    new(MappingFindingSeverity.Warning, "ConditionNeverTrueForNull", mapping.TargetAttributeName, column, message)
                );
            if (expression is { Volatile: true })
                Add(
                    MappingFindingSeverity.Information,
                    "VolatileExpression",
                    mapping.TargetAttributeName,
                    "The value is another one each time, so that it flows only when the user is created or otherwise changed."
                );
            if (discovered?.Contains(mapping.TargetAttributeName) == false)
                Add(
                    MappingFindingSeverity.Warning,
                    "TargetAttributeNotFound",
                    mapping.TargetAttributeName,
                    "The target's own schema does not list this attribute."
                );
        }

        CheckWhole(users, attributes);
        Try(() => CheckScope(users.Scope, attributes, layout));
    }

    private void CheckScope(ScopeFilter? scope, KnownAttributes attributes, SourceLayout layout)
    {
        if (scope is null)
            return;
        SchemaList<FilterGroup>[] filters = [scope.Groups, scope.CategoryFilterGroups, scope.InputFilterGroups];
        foreach (SchemaList<FilterGroup> groups in filters)
        {
            foreach (FilterGroup empty in groups.Where(group => group.Clauses.Count == 0))
                Add(MappingFindingSeverity.Warning, "ScopeGroupEmpty", null, Empty(empty, groups.Any(group => group.Clauses.Count > 0)));
        }

        foreach (
            FilterClause clause in scope
                .Groups.Concat(scope.CategoryFilterGroups)
                .Concat(scope.InputFilterGroups)
                .SelectMany(group => group.Clauses)
        )
        {
            Try(() =>
            {
                ScopeClause.Compile(clause, attributes, layout);
                if (ScopeClause.Misfit(clause, attributes) is { } misfit)
                    Add(MappingFindingSeverity.Warning, "ScopeClauseMisfit", null, $"Scoping clause {ScopeText.Print(clause)}: {misfit}");
            });
        }
    }

    private static string Empty(FilterGroup group, bool othersDecide) =>
        $"The scoping filter '{group.Name}' has no clause, so that it is passed over: "
        + (othersDecide ? "only the other filters decide. " : "every user is in scope. ")
        + "Give it a clause or remove it.";

    private MappingFinding Instead(string message)
    {
        bool unusable = _findings.Exists(finding => finding.Severity == MappingFindingSeverity.Error);
        MappingFindingSeverity severity = unusable ? MappingFindingSeverity.Error : MappingFindingSeverity.Warning;
        return new MappingFinding(severity, "OtherApplication", null, null, message);
    }

    private void CheckWhole(ObjectMapping users, KnownAttributes attributes)
    {
        if (!users.AttributeMappings.Any(mapping => mapping.MatchingPriority > 0))
            Try(() => throw CompiledMapping.NoMatchingAttribute());
        foreach (AttributeDefinition required in attributes.Targets.Where(target => target.Required && users.Find(target.Name) is null))
            Add(
                MappingFindingSeverity.Error,
                "RequiredAttributeNotMapped",
                required.Name,
                "The target requires this attribute when a user is created, and nothing maps it."
            );
        if (users.Find("active") is null)
            Add(
                MappingFindingSeverity.Warning,
                "ActiveNotMapped",
                "active",
                "Nothing maps 'active', so that nobody who leaves is disabled. "
                    + "Map it with Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")."
            );
    }

    private void Add(MappingFindingSeverity severity, string id, string? target, string message) =>
        _findings.Add(new MappingFinding(severity, id, target, null, message));

    private void Try(Action action)
    {
        try
        {
            action();
        }
        catch (MappingException e)
        {
            _findings.Add(new MappingFinding(MappingFindingSeverity.Error, e.ErrorId, e.TargetAttribute, e.Column, e.Message));
        }
    }
}

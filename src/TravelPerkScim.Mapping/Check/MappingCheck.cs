using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Scope;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Check;

/// <summary>A static check of a whole mapping. It finds every error that compiling would give, and warns of mappings that compile but
/// hardly do what is wanted.</summary>
public sealed class MappingCheck
{
    private readonly List<MappingFinding> _findings = [];

    private MappingCheck() { }

    /// <summary>Checks the mapping of users and its scope.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="targetAttributes">Names of the attributes that the target was found to have; null for those that the schema
    /// defines.</param>
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
            Try(() => CompiledAttribute.Compile(mapping, expression, attributes.Target(mapping.TargetAttributeName), compiler));
            CheckAttribute(mapping, expression, attributes);
            if (discovered?.Contains(mapping.TargetAttributeName) == false)
                Warn("TargetAttributeNotFound", mapping.TargetAttributeName, "The target's own schema does not list this attribute.");
        }

        CheckWhole(users, attributes);
        Try(() => CheckScope(users.ScopeOrEveryone, attributes, layout));
    }

    private void CheckAttribute(AttributeMapping mapping, MappingExpression? expression, KnownAttributes attributes)
    {
        string name = mapping.TargetAttributeName;
        foreach ((string id, string message) in MappingAdvice.For(mapping, expression, attributes.Target(name), attributes))
            Warn(id, name, message);
        if (expression is null)
            return;
        foreach ((int? column, string message) in NullConditions.In(expression))
            _findings.Add(new(MappingFindingSeverity.Warning, "ConditionNeverTrueForNull", name, column, message));
        if (expression.Volatile)
        {
            Add(
                MappingFindingSeverity.Information,
                "VolatileExpression",
                name,
                "The value differs each time, so it flows only when the user is created or otherwise changed."
            );
        }
    }

    private void CheckScope(ScopeFilter scope, KnownAttributes attributes, SourceLayout layout)
    {
        SchemaList<FilterGroup>[] filters = [scope.Groups, scope.CategoryFilterGroups, scope.InputFilterGroups];
        foreach (SchemaList<FilterGroup> groups in filters)
        {
            bool othersDecide = groups.Any(group => group.HasClauses);
            foreach (FilterGroup empty in groups.Where(group => !group.HasClauses))
                Warn("ScopeGroupEmpty", null, Empty(empty, othersDecide));
        }

        foreach (FilterClause clause in scope.Clauses)
        {
            Try(() =>
            {
                ScopeClause.Compile(clause, attributes, layout);
                if (ScopeClause.TypeMismatch(clause, attributes) is { } mismatch)
                    Warn("ScopeClauseMisfit", null, $"Scoping clause {ScopeText.Print(clause)}: {mismatch}");
            });
        }
    }

    private static string Empty(FilterGroup group, bool othersDecide) =>
        $"The scoping filter '{group.Name}' has no clause, so it is skipped: "
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
            Add(CompiledMapping.NoMatchingAttribute());
        foreach (AttributeDefinition required in attributes.Targets.Where(target => target.Required && users.Find(target.Name) is null))
        {
            Add(
                MappingFindingSeverity.Error,
                "RequiredAttributeNotMapped",
                required.Name,
                "The target requires this attribute when a user is created, and nothing maps it."
            );
        }
        if (users.Find("active") is null)
        {
            Warn(
                "ActiveNotMapped",
                "active",
                "Nothing maps 'active', so users who leave are not disabled. "
                    + "Map it with Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")."
            );
        }
    }

    private void Add(MappingFindingSeverity severity, string id, string? target, string message) =>
        _findings.Add(new MappingFinding(severity, id, target, null, message));

    private void Warn(string id, string? target, string message) => Add(MappingFindingSeverity.Warning, id, target, message);

    private void Try(Action action)
    {
        try
        {
            action();
        }
        catch (MappingException e)
        {
            Add(e);
        }
    }

    private void Add(MappingException e) =>
        _findings.Add(new MappingFinding(MappingFindingSeverity.Error, e.ErrorId, e.TargetAttribute, e.Column, e.Message));
}

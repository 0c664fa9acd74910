using System.Text.Json.Nodes;

namespace TravelPerkScim.Mapping.Schema;

/// <summary>A scoping filter (Graph <c>filter</c>): groups are joined by OR, the clauses of a group by AND.</summary>
public sealed class ScopeFilter : SchemaNode
{
    /// <summary>A filter without groups: everyone.</summary>
    public ScopeFilter()
        : base(
            new JsonObject
            {
                ["groups"] = new JsonArray(),
                ["inputFilterGroups"] = new JsonArray(),
                ["categoryFilterGroups"] = new JsonArray(),
            }
        ) { }

    internal ScopeFilter(JsonObject json)
        : base(json) { }

    /// <summary>Filters for the users in scope. A user who leaves the scope is deprovisioned.</summary>
    public SchemaList<FilterGroup> Groups => List(json => new FilterGroup(json));

    /// <summary>Filters for the users that are read. A user who leaves these filters is not deprovisioned.</summary>
    public SchemaList<FilterGroup> InputFilterGroups => List(json => new FilterGroup(json));

    /// <summary>As <see cref="Groups"/>, used by the service to decide which rule an object belongs to.</summary>
    public SchemaList<FilterGroup> CategoryFilterGroups => List(json => new FilterGroup(json));

    /// <summary>The clauses of all groups.</summary>
    internal IEnumerable<FilterClause> Clauses =>
        from filterGroup in Groups.Concat(CategoryFilterGroups).Concat(InputFilterGroups)
        from clause in filterGroup.Clauses
        select clause;
}

/// <summary>Clauses that must all hold (Graph <c>filterGroup</c>).</summary>
public sealed class FilterGroup : SchemaNode
{
    /// <param name="name">The title an admin gave it.</param>
    /// <param name="clauses">The conditions.</param>
    public FilterGroup(string name, params FilterClause[] clauses)
        : base(new JsonObject { ["name"] = name })
    {
        foreach (FilterClause clause in clauses)
            Clauses.Add(clause);
    }

    internal FilterGroup(JsonObject json)
        : base(json) { }

    /// <summary>The title an admin gave it.</summary>
    public string? Name => GetString();

    /// <summary>The conditions.</summary>
    public SchemaList<FilterClause> Clauses => List(json => new FilterClause(json));

    /// <summary>Without a clause it filters nothing.</summary>
    internal bool HasClauses => Clauses.Count > 0;
}

/// <summary>One condition on one source attribute (Graph <c>filterClause</c>).</summary>
public sealed class FilterClause : SchemaNode
{
    /// <param name="sourceOperandName">The source attribute.</param>
    /// <param name="operatorName">An operator of Entra's scoping filters: <c>EQUALS</c>, <c>IS NOT NULL</c>, ...</param>
    /// <param name="values">The values to compare with; none for a unary operator.</param>
    public FilterClause(string sourceOperandName, string operatorName, params string[] values)
        : base(
            new JsonObject
            {
                ["operatorName"] = operatorName,
                ["sourceOperandName"] = sourceOperandName,
                ["targetOperand"] = new JsonObject { ["values"] = new JsonArray([.. values.Select(value => JsonValue.Create(value))]) },
            }
        ) { }

    internal FilterClause(JsonObject json)
        : base(json) { }

    /// <summary>The operator.</summary>
    public string OperatorName => GetString() ?? "";

    /// <summary>The source attribute.</summary>
    public string SourceOperandName => GetString() ?? "";

    /// <summary>The values to compare with.</summary>
    public IReadOnlyList<string> Values => [.. (Operands ?? []).Select(value => value?.ToString() ?? "")];

    private JsonArray? Operands =>
        Member<JsonObject>(Json, "targetOperand", "an object") is { } operand ? Member<JsonArray>(operand, "values", "an array") : null;
}

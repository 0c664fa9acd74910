using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Scope;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>What happens to a user who falls out of a scoping filter.</summary>
public enum ScimScopeKind : long
{
    /// <summary>Entra's scoping filter: who falls out of it is disabled.</summary>
    Scope,

    /// <summary>Entra's input filter: who falls out of it is left alone.</summary>
    InputFilter,

    /// <summary>Entra's category filter: who falls out of it is disabled.</summary>
    Category,
}

/// <summary>One scoping filter of a mapping: clauses that must all hold. A user is in scope when one filter of each kind that has any is
/// met.</summary>
public sealed class ScimScope
{
    internal ScimScope(string job, ScimScopeKind kind, FilterGroup group)
    {
        Job = job;
        Kind = kind;
        Name = string.IsNullOrWhiteSpace(group.Name) ? null : group.Name;
        Filter = ScopeText.Print(group);
        Clause = [.. group.Clauses.Select(clause => new ScimScopeClause(clause))];
    }

    /// <summary>The job's folder or the mapping file.</summary>
    public string Job { get; }

    /// <summary>What falling out of the filter means.</summary>
    public ScimScopeKind Kind { get; }

    /// <summary>The title an admin gave it, or null.</summary>
    public string? Name { get; }

    /// <summary>The filter as Set-ScimScope -Filter takes it.</summary>
    public string Filter { get; }

    /// <summary>Its clauses, as Entra has them.</summary>
    public IReadOnlyList<ScimScopeClause> Clause { get; }

    /// <inheritdoc/>
    public override string ToString() => Filter;
}

/// <summary>One clause of a scoping filter.</summary>
public sealed class ScimScopeClause
{
    internal ScimScopeClause(FilterClause clause)
    {
        SourceAttribute = clause.SourceOperandName;
        Operator = clause.OperatorName;
        Value = clause.Values;
    }

    /// <summary>The source attribute.</summary>
    public string SourceAttribute { get; }

    /// <summary>Entra's name of the operator.</summary>
    public string Operator { get; }

    /// <summary>What the attribute is compared with; several are alternatives.</summary>
    public IReadOnlyList<string> Value { get; }
}

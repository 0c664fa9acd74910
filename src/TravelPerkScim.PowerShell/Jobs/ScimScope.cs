using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Scope;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Kinds of scoping filter: they differ in what happens to a user who does not meet the filter.</summary>
public enum ScimScopeKind : long
{
    /// <summary>Entra's scoping filter: a user who does not meet it is disabled.</summary>
    Scope,

    /// <summary>Entra's input filter: a user who does not meet it stays unchanged.</summary>
    InputFilter,

    /// <summary>Entra's category filter: a user who does not meet it is disabled.</summary>
    Category,
}

/// <summary>One scoping filter of a mapping. All its clauses must hold. A user is in scope when the user meets one filter of each kind that
/// has filters.</summary>
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

    /// <summary>The kind of the filter.</summary>
    public ScimScopeKind Kind { get; }

    /// <summary>The filter's title, or null.</summary>
    public string? Name { get; }

    /// <summary>The filter as Set-ScimScope -Filter takes it.</summary>
    public string Filter { get; }

    /// <summary>The clauses of the filter, as Entra has them.</summary>
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

    /// <summary>The values that the attribute is compared with. Several values are alternatives.</summary>
    public IReadOnlyList<string> Value { get; }
}

using System.Globalization;
using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Scope;

/// <summary>One clause of a scoping filter, compiled. A null or empty value meets no clause but IS NULL (Entra: "Scoping filters will
/// return false if the value is null / empty").</summary>
internal sealed class ScopeClause
{
    private readonly int _slot;
    private readonly ScopeOperator _operator;
    private readonly Func<object, bool> _test;
    private readonly string _text;

    private ScopeClause(int slot, ScopeOperator operation, Func<object, bool> test, string text)
    {
        _slot = slot;
        _operator = operation;
        _test = test;
        _text = text;
    }

    /// <exception cref="MappingException"><c>ScopeClauseInvalid</c>, <c>UnknownScopeOperator</c>, <c>UnknownSourceAttribute</c> or
    /// <c>InvalidPattern</c>.</exception>
    public static ScopeClause Compile(FilterClause clause, KnownAttributes attributes, SourceLayout layout)
    {
        string name = clause.SourceOperandName;
        ScopeOperator operation =
            ScopeOperator.Find(clause.OperatorName)
            ?? throw new MappingException(
                "UnknownScopeOperator",
                $"The scoping clause on '{name}' has an unknown operator '{clause.OperatorName}'. Operators: {ScopeOperator.Names}."
            );
        IReadOnlyList<string> values = clause.Values;
        string compared = string.Join(" or ", values.Select(value => $"'{value}'"));
        string text = operation.Unary ? $"{name} {operation.Name}" : $"{name} {operation.Name} {compared}";
        CheckAttribute(name, attributes);
        if (!operation.Unary && values.Count == 0)
            throw Invalid("the operator needs a value to compare with");
        int slot = layout.SlotOf(name);
        if (slot < 0)
        {
            throw new ArgumentException(
                $"The layout does not hold '{name}'. Give AttributesOf to CompiledMapping.Compile.",
                nameof(layout)
            );
        }
        return new ScopeClause(slot, operation, operation.Compile(values, Invalid), text);

        MappingException Invalid(string rule) => new("ScopeClauseInvalid", $"The scoping clause {text}: {rule}.");
    }

    /// <exception cref="MappingException"><c>UnknownSourceAttribute</c>, or <c>ScopeClauseInvalid</c>.</exception>
    public static void CheckAttribute(string name, KnownAttributes attributes)
    {
        attributes.CheckSource(name);
        if (Unsupported(attributes.Source(name)) is { } kind)
        {
            throw new MappingException(
                "ScopeClauseInvalid",
                $"The scoping clause on '{name}': {kind} attributes cannot be used in a scoping filter."
            );
        }
    }

    /// <summary>Refuses what compiling refuses, and also a value that no user's attribute can have. A person sets the clause and can
    /// correct it now.</summary>
    /// <exception cref="MappingException"><c>ScopeClauseInvalid</c>, <c>UnknownScopeOperator</c> or
    /// <c>UnknownSourceAttribute</c>.</exception>
    public static void CheckWhenSet(FilterClause clause, KnownAttributes attributes)
    {
        Compile(clause, attributes, new SourceLayout([clause.SourceOperandName]));
        if (TypeMismatch(clause, attributes) is { } mismatch)
            throw new MappingException("ScopeClauseInvalid", $"The scoping clause on '{clause.SourceOperandName}': {mismatch}");
    }

    /// <summary>Why a clause that compiles does not fit the type of its attribute; null when it fits.</summary>
    public static string? TypeMismatch(FilterClause clause, KnownAttributes attributes)
    {
        var operation = ScopeOperator.Find(clause.OperatorName);
        if (operation is null or { Unary: true })
            return null;
        if (operation.Name == "EQUALS" && clause.Values.All(string.IsNullOrEmpty))
            return "an attribute without a value meets no clause but IS NULL. Use that.";
        return attributes.Source(clause.SourceOperandName)?.Type switch
        {
            TargetAttributeType.Boolean when !clause.Values.All(IsTruth) =>
                "the attribute is a Boolean, which as text is True or False. Use IS TRUE or IS FALSE.",
            TargetAttributeType.Integer when operation.Name is "EQUALS" or "NOT EQUALS" && !clause.Values.All(IsInteger) =>
                "the attribute is an integer. Compare it with one.",
            _ => null,
        };
    }

    private static bool IsTruth(string value) => value is "True" or "False";

    private static bool IsInteger(string value) => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    public bool Holds(SourceObject source)
    {
        object? value = source.Values[_slot];
        if (Values.IsNullOrEmpty(value))
            return _operator.MeetsNull;
        try
        {
            return _test(value!);
        }
        catch (MappingException e)
        {
            throw new MappingException(e.ErrorId, $"User '{source.DisplayName}', scoping clause {_text}: {e.Message}", e);
        }
    }

    public override string ToString() => _text;

    /// <summary>Entra's limits: no multi-valued attributes, and none of the types whose values are not text, numbers or truth.</summary>
    private static string? Unsupported(AttributeDefinition? definition) =>
        definition switch
        {
            null => null,
            { Multivalued: true } => "multi-valued",
            { Type: TargetAttributeType.Reference or TargetAttributeType.DateTime or TargetAttributeType.Binary } =>
                definition.Type.ToString(),
            _ => null,
        };
}

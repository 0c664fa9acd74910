using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Compile;

/// <summary>One attribute mapping, compiled.</summary>
public sealed class CompiledAttribute
{
    private readonly Evaluator _evaluator;
    private readonly int _slot;
    private readonly bool _plainText;

    private CompiledAttribute(
        AttributeMapping mapping,
        MappingExpression? expression,
        AttributeDefinition definition,
        Evaluator evaluator,
        int slot
    )
    {
        _evaluator = evaluator;
        _slot = slot;
        _plainText = definition is { Type: TargetAttributeType.String, Multivalued: false };
        TargetName = mapping.TargetAttributeName;
        Type = definition.Type;
        MultiValued = definition.Multivalued;
        MatchingPriority = mapping.MatchingPriority;
        FlowType = mapping.FlowType == AttributeFlowType.Always && expression is null ? AttributeFlowType.ValueAddOnly : mapping.FlowType;
        Expression = expression;
        OnInvalid = mapping.OnInvalid;
        Definition = definition;
        DefaultValue = string.IsNullOrEmpty(mapping.DefaultValue) ? null : mapping.DefaultValue;
        TypedDefault = ValueConverter.Convert(DefaultValue, Type, MultiValued);
    }

    /// <summary>The target attribute's name, as the schema writes it.</summary>
    public string TargetName { get; }

    /// <summary>The type that values are converted to.</summary>
    public TargetAttributeType Type { get; }

    /// <summary>Values are lists.</summary>
    public bool MultiValued { get; }

    /// <summary>0: not a matching attribute; otherwise the precedence, lowest first.</summary>
    public int MatchingPriority { get; }

    /// <summary>When the attribute flows. A mapping of type None only fills what the target lacks.</summary>
    public AttributeFlowType FlowType { get; }

    /// <summary>True for flow type ObjectAddOnly: only during object creation.</summary>
    public bool OnlyOnCreate => FlowType == AttributeFlowType.ObjectAddOnly;

    /// <summary>The value of a new user for whom the source gives null (Entra: default value if null, used on create only). In a mapping
    /// without a source it is the value itself.</summary>
    public string? DefaultValue { get; }

    /// <summary><see cref="DefaultValue"/> converted to <see cref="Type"/>; null when there is none.</summary>
    public object? TypedDefault { get; }

    /// <summary>True when the target's attribute definition lets null flow (Graph <c>attributeDefinition.flowNullValues</c>): cleared in
    /// the source is cleared in the target.</summary>
    public bool FlowNullValues => Definition.FlowNullValues;

    /// <summary>How the schema's target directory defines the attribute.</summary>
    public AttributeDefinition Definition { get; }

    /// <summary>The expression that gives the value; null for Entra's mapping type None.</summary>
    public MappingExpression? Expression { get; }

    /// <summary>True when the expression reads the time or random values (Now, Guid, RandomString). It is evaluated for writes, and not to
    /// find changes.</summary>
    public bool Volatile => Expression is { Volatile: true };

    /// <summary>What happens to a user whose value the target would refuse.</summary>
    public InvalidValueAction OnInvalid { get; }

    /// <summary>True when the mapping redacts the value in logs (Redact function).</summary>
    public bool Redacted => Expression is { Redacted: true };

    internal static CompiledAttribute Compile(
        AttributeMapping mapping,
        MappingExpression? expression,
        AttributeDefinition definition,
        ExpressionCompiler compiler
    )
    {
        try
        {
            if (mapping.MatchingPriority > 0)
                CheckMatching(expression, definition);
            if (expression is null)
                return new CompiledAttribute(mapping, null, definition, WithoutSource(mapping, definition), slot: -1);
            Operand operand = compiler.Compile(expression.Root);
            if (operand.IsConstant)
                _ = ValueConverter.Convert(operand.Constant, definition.Type, definition.Multivalued);
            int slot = expression.Root is AttributeNode direct ? compiler.SlotOf(direct) : -1;
            return new CompiledAttribute(mapping, expression, definition, operand.Evaluate, slot);
        }
        catch (MappingException e)
        {
            throw e.For(mapping.TargetAttributeName);
        }
    }

    // Most mappings read one attribute, and most values are text for a text attribute. Neither needs a call.
    internal object? Evaluate(SourceObject source)
    {
        object? value = _slot >= 0 ? source.Values[_slot] : _evaluator(source);
        return _plainText && value is string ? value : Converted(value);
    }

    private object? Converted(object? value)
    {
        try
        {
            return ValueConverter.Convert(value, Type, MultiValued);
        }
        catch (MappingException e) when (OnInvalid == InvalidValueAction.Drop && e.Failure == MappingFailure.ValueNotConvertible)
        {
            return new UnusableValue($"could not be converted: {e.Message}.");
        }
    }

    private static void CheckMatching(MappingExpression? expression, AttributeDefinition definition)
    {
        if (WhyUnsuitable(expression, definition) is { } reason)
        {
            throw new MappingException(
                "UnsuitableMatchingAttribute",
                $"objects cannot be matched by this attribute: {reason}. Set its matchingPriority to 0."
            );
        }
    }

    private static string? WhyUnsuitable(MappingExpression? expression, AttributeDefinition definition)
    {
        if (definition.Multivalued)
            return "it is multi-valued";
        if (definition.Type == TargetAttributeType.Reference)
            return "it is a reference";
        return expression switch
        {
            null => "it has no source",
            { Volatile: true } => "its value is another one each time",
            { Root: CallNode { Name: "SelectUniqueValue" } } => "SelectUniqueValue cannot be used with a matching precedence",
            _ => null,
        };
    }

    /// <summary>Entra's mapping type None leaves the target alone; its default value fills an attribute that the target has no value
    /// for.</summary>
    private static Evaluator WithoutSource(AttributeMapping mapping, AttributeDefinition definition)
    {
        object? constant = string.IsNullOrEmpty(mapping.DefaultValue)
            ? IgnoredFlow.Instance
            : ValueConverter.Convert(mapping.DefaultValue, definition.Type, definition.Multivalued);
        return _ => constant;
    }
}

using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Check;

/// <summary>One expression of a mapping, to be compared with what Entra's provisioning service makes of it.</summary>
public sealed class ExpressionCheck
{
    private readonly CompiledExpression? _compiled;
    private readonly string? _refusal;

    private ExpressionCheck(
        AttributeMapping mapping,
        AttributeDefinition? target,
        string expression,
        CompiledExpression? compiled,
        string? refusal
    )
    {
        TargetAttribute = mapping.TargetAttributeName;
        Target = target;
        Expression = expression;
        _compiled = compiled;
        _refusal = refusal;
    }

    /// <summary>Whose mapping it is.</summary>
    public string TargetAttribute { get; }

    /// <summary>How the target attribute is defined; null when nothing defines it.</summary>
    public AttributeDefinition? Target { get; }

    /// <summary>The expression, as the schema writes it.</summary>
    public string Expression { get; }

    /// <summary>The source attributes that it reads, by the names that it uses; none when it cannot be read here.</summary>
    public IReadOnlyList<AttributeDefinition> Inputs { get; private init; } = [];

    /// <summary>Its values can be compared: it is taken here, and depends on neither the moment nor chance.</summary>
    public bool IsComparable => _compiled is { Expression.Volatile: false };

    /// <summary>Every attribute of the users' mapping whose value a function computes, in the order of the schema.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="layout">What sample users have to hold.</param>
    public static IReadOnlyList<ExpressionCheck> Of(SynchronizationSchema schema, out SourceLayout layout)
    {
        ArgumentNullException.ThrowIfNull(schema);
        (AttributeMapping Mapping, MappingExpression? Expression, string? Refusal)[] parsed =
        [
            .. schema.HasUserMapping ? schema.UserMapping.AttributeMappings.Where(mapping => !mapping.IsNone).Select(Parse) : [],
        ];
        SourceLayout all = CompiledMapping.LayoutOf([], parsed.Select(one => one.Expression));
        layout = all;
        var known = new KnownAttributes(schema);
        return
        [
            .. from one in parsed
            where IsFunction(one.Mapping, one.Expression)
            select Compile(one.Mapping, one.Expression, one.Refusal, known, all),
        ];
    }

    /// <summary>What the expression gives here.</summary>
    public ExpressionResult Evaluate(SourceObject user)
    {
        if (_compiled is null)
            return ExpressionResult.Refused(_refusal);
        try
        {
            object? value = _compiled.Evaluate(user);
            return ExpressionResult.Of(value is IReadOnlyList<object?> list ? list.Select(Text) : [Text(value)]);
        }
        catch (MappingException e)
        {
            return e.ErrorId == IgnoredFlow.ObjectErrorId ? ExpressionResult.Of([]) : ExpressionResult.Failed(e.Message);
        }
    }

    /// <summary>What tells the two engines apart; null when they agree.</summary>
    /// <param name="user">The sample user; null when there is none, so that only whether the expression is taken is compared.</param>
    /// <param name="position">1-based place of the user among the samples.</param>
    /// <param name="entra">What Entra made of the expression for this user.</param>
    public MappingFinding? Compare(SourceObject? user, int position, ExpressionResult entra)
    {
        ArgumentNullException.ThrowIfNull(entra);
        if (_compiled is null)
        {
            return entra.Accepted
                ? Finding(
                    "OnlyEntraAccepts",
                    $"Entra takes the expression, which is refused here: "
                        + $"{_refusal} Until it is written otherwise, only the hosted job can use it."
                )
                : null;
        }
        if (!entra.Accepted)
        {
            return Finding(
                "RefusedByEntra",
                $"Entra refuses the expression, which is taken here{(entra.Error is { } told ? $": {told.TrimEnd('.')}" : "")}. "
                    + "Write it otherwise before the hosted job gets it."
            );
        }
        if (user is null || !IsComparable)
            return null;
        ExpressionResult here = Evaluate(user);
        if (Agree(here, entra))
            return null;
        string who = user.Anchor.Length > 0 ? $"{position} ({user.Anchor})" : FormattableString.Invariant($"{position}");
        bool redacted = _compiled.Expression.Redacted;
        string results = redacted
            ? "what the mapping redacts differs here and in Entra"
            : $"the expression gives {here} here and {entra} in Entra";
        return Finding("EvaluatesDifferently", $"For sample user {who} {results}.") with
        {
            SampleUser = position,
            SourceId = user.Anchor,
            Value = redacted ? Redacted : here.ToString(),
            EntraValue = redacted ? Redacted : entra.ToString(),
        };
    }

    private const string Redacted = "[Redact]";

    private MappingFinding Finding(string id, string message) => new(MappingFindingSeverity.Warning, id, TargetAttribute, null, message);

    private bool Agree(ExpressionResult here, ExpressionResult entra) =>
        here.Values is null || entra.Values is null
            ? here.Values is null && entra.Values is null
            : here.Values.Count == entra.Values.Count && here.Values.Zip(entra.Values).All(pair => Same(pair.First, pair.Second));

    // Each engine writes truth values, moments and ids in a way of its own.
    private bool Same(string here, string entra) =>
        Target?.Type switch
        {
            TargetAttributeType.Boolean or TargetAttributeType.Reference => string.Equals(here, entra, StringComparison.OrdinalIgnoreCase),
            TargetAttributeType.DateTime
                when DateText.TryParse(here, out DateTimeOffset one) && DateText.TryParse(entra, out DateTimeOffset other) => one == other,
            _ => here == entra,
        };

    private static string? Text(object? value) => Values.TryText(value, out string? text) ? text : null;

    private static bool IsFunction(AttributeMapping mapping, MappingExpression? expression) =>
        expression is null ? mapping.Source!.Type == AttributeMappingSourceType.Function : expression.Root is CallNode or ComparisonNode;

    private static (AttributeMapping Mapping, MappingExpression? Expression, string? Refusal) Parse(AttributeMapping mapping)
    {
        try
        {
            return (mapping, mapping.Source!.ToExpression(), null);
        }
        catch (MappingException e)
        {
            return (mapping, null, e.Message);
        }
    }

    private static ExpressionCheck Compile(
        AttributeMapping mapping,
        MappingExpression? expression,
        string? refusal,
        KnownAttributes known,
        SourceLayout layout
    )
    {
        string text = mapping.Source!.Expression is { Length: > 0 } written ? written : expression?.ToString() ?? mapping.Source.Name ?? "";
        AttributeDefinition? target = known.Targets.FirstOrDefault(one =>
            one.Name.Equals(mapping.TargetAttributeName, StringComparison.OrdinalIgnoreCase)
        );
        CompiledExpression? compiled = null;
        try
        {
            compiled = expression?.Compile(layout);
        }
        catch (MappingException e)
        {
            refusal = e.Message;
        }
        return new ExpressionCheck(mapping, target, text, compiled, refusal)
        {
            Inputs = [.. from name in expression?.Attributes ?? [] select Named(name, known.Source(name))],
        };
    }

    private static AttributeDefinition Named(string name, AttributeDefinition? known) =>
        new(
            name,
            known?.Type ?? TargetAttributeType.String,
            known?.Multivalued ?? false,
            known?.CaseExactOr(false) ?? false,
            required: false
        );
}

using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Check;

/// <summary>One expression of a mapping, to be compared with the result of Entra's provisioning service.</summary>
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

    /// <summary>The target attribute of the mapping.</summary>
    public string TargetAttribute { get; }

    /// <summary>The definition of the target attribute; null when no schema defines it.</summary>
    public AttributeDefinition? Target { get; }

    /// <summary>The expression, as the schema writes it.</summary>
    public string Expression { get; }

    /// <summary>The source attributes that the expression reads, by the names that it uses; empty when it cannot be read here.</summary>
    public IReadOnlyList<AttributeDefinition> Inputs { get; private init; } = [];

    /// <summary>True when the values can be compared: the expression is accepted here, and depends on neither the time nor
    /// chance.</summary>
    public bool IsComparable => _compiled is { Expression.Volatile: false };

    /// <summary>Every attribute of the users' mapping whose value a function computes, in the order of the schema.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="layout">The attributes that sample users have to hold.</param>
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

    /// <summary>The result of this module's engine.</summary>
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
            return e.Failure == MappingFailure.UserIgnored ? ExpressionResult.Of([]) : ExpressionResult.Failed(e.Message);
        }
    }

    /// <summary>The difference between the two engines; null when they agree.</summary>
    /// <param name="user">The sample user. With null, only whether the engines accept the expression is compared.</param>
    /// <param name="position">1-based place of the user among the samples.</param>
    /// <param name="entra">Entra's result of the expression for this user.</param>
    public MappingFinding? Compare(SourceObject? user, int position, ExpressionResult entra)
    {
        ArgumentNullException.ThrowIfNull(entra);
        if (_compiled is null)
            return entra.Accepted ? OnlyEntraAccepts() : null;
        if (!entra.Accepted)
            return RefusedByEntra(entra.Error);
        if (user is null || !IsComparable)
            return null;
        ExpressionResult here = Evaluate(user);
        return Agree(here, entra) ? null : Difference(user, position, here, entra, _compiled.Expression.Redacted);
    }

    private MappingFinding OnlyEntraAccepts() =>
        Finding(
            "OnlyEntraAccepts",
            $"Entra takes the expression, which is refused here: {_refusal} Until it is written otherwise, only the hosted job can use it."
        );

    private MappingFinding RefusedByEntra(string? error)
    {
        string reason = error is null ? "" : $": {error.TrimEnd('.')}";
        return Finding(
            "RefusedByEntra",
            $"Entra refuses the expression, which is taken here{reason}. Write it otherwise before the hosted job gets it."
        );
    }

    private MappingFinding Difference(SourceObject user, int position, ExpressionResult here, ExpressionResult entra, bool redacted)
    {
        string who = user.Anchor.Length > 0 ? $"{position} ({user.Anchor})" : FormattableString.Invariant($"{position}");
        (string results, string value, string entraValue) = redacted
            ? ("what the mapping redacts differs here and in Entra", Redacted, Redacted)
            : ($"the expression gives {here} here and {entra} in Entra", here.ToString(), entra.ToString());
        return Finding("EvaluatesDifferently", $"For sample user {who} {results}.") with
        {
            SampleUser = position,
            SourceId = user.Anchor,
            Value = value,
            EntraValue = entraValue,
        };
    }

    private const string Redacted = "[Redact]";

    private MappingFinding Finding(string id, string message) => new(MappingFindingSeverity.Warning, id, TargetAttribute, null, message);

    private bool Agree(ExpressionResult here, ExpressionResult entra)
    {
        if (here.Values is not { } ours || entra.Values is not { } theirs)
            return here.Values == entra.Values;
        return ours.Count == theirs.Count && ours.Zip(theirs, Same).All(same => same);
    }

    // The engines write truth values, times and ids differently.
    private bool Same(string here, string entra) =>
        Target?.Type switch
        {
            TargetAttributeType.Boolean or TargetAttributeType.Reference => string.Equals(here, entra, StringComparison.OrdinalIgnoreCase),
            TargetAttributeType.DateTime => IsSameMoment(here, entra) || here == entra,
            _ => here == entra,
        };

    private static bool IsSameMoment(string here, string entra) =>
        DateText.TryParse(here, out DateTimeOffset one) && DateText.TryParse(entra, out DateTimeOffset other) && one == other;

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
        string? written = mapping.Source!.Expression;
        string text = string.IsNullOrEmpty(written) ? expression?.ToString() ?? mapping.Source.Name ?? "" : written;
        AttributeDefinition? target = known.FindTarget(mapping.TargetAttributeName);
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

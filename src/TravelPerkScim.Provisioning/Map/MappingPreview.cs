using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Scope;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.Provisioning.Map;

/// <summary>Shows what a mapping makes of a source user, outside of any cycle. TravelPerk is neither read nor written.
/// Thread-safe.</summary>
public sealed class MappingPreview
{
    private readonly BoundMapping _bound;
    private readonly CompiledScope _scope;

    private MappingPreview(BoundMapping bound, CompiledScope scope)
    {
        _bound = bound;
        _scope = scope;
    }

    /// <summary>Compiles a mapping and its scope against TravelPerk's attributes.</summary>
    /// <exception cref="MappingException">The mapping has a fault.</exception>
    public static MappingPreview Compile(SynchronizationSchema mapping)
    {
        var compiled = CompiledMapping.Compile(mapping, CompiledScope.AttributesOf(mapping));
        return new MappingPreview(BoundMapping.Bind(compiled), CompiledScope.Compile(mapping, compiled.Layout));
    }

    /// <summary>The source attributes that the mapping needs.</summary>
    public SourceLayout Layout => _bound.Mapping.Layout;

    /// <summary>Whether the scope takes the user in, and why.</summary>
    public ScopeDecision ScopeOf(SourceObject source) => _scope.Evaluate(source);

    /// <summary>The body that a create would send. A manager is a source id in it, because only a cycle knows the manager's TravelPerk
    /// user.</summary>
    /// <exception cref="MappingException">A value cannot be computed, or TravelPerk would refuse it: <c>MissingValues</c>,
    /// <c>InvalidValue</c>.</exception>
    public ScimUser Convert(SourceObject source)
    {
        ArgumentNullException.ThrowIfNull(source);
        object?[] values = new object?[_bound.Attributes.Count];
        _bound.Mapping.Map(source, values);
        BoundMapping.Normalize(values, source.Anchor);
        new DroppedValues(_bound).Drop(values);
        if (!Leaves(source) && ValueRules.FirstBroken(_bound, values) is var (code, message))
            throw new MappingException(code, $"User '{_bound.UserNameOf(values) ?? source.Anchor}': {message}");
        var body = new ScimResourceBuilder();
        foreach (TargetAttribute attribute in _bound.Attributes)
            body.Set(attribute.Path, Sent(attribute, values[attribute.Slot]), attribute.Definition);
        return new ScimUser(body.Build());
    }

    /// <summary>For each attribute its inputs, steps, result, and the rule that the result breaks.</summary>
    public IEnumerable<AttributePreview> Explain(SourceObject source)
    {
        ArgumentNullException.ThrowIfNull(source);
        foreach (TargetAttribute attribute in _bound.Attributes)
        {
            var preview = new AttributePreview
            {
                User = source["userPrincipalName"] is string { Length: > 0 } name ? name : source.Anchor,
                TargetAttribute = attribute.Flow.TargetName,
            };
            if (attribute.Flow.Expression is { } expression)
            {
                preview = preview with
                {
                    Expression = expression.ToString(),
                    Inputs = [.. expression.Attributes.Select(name => new AttributeInput(name, Shown(source[name])))],
                    Steps = [.. expression.Explain(source).Select(Shown)],
                };
            }
            yield return Evaluate(attribute, source, preview);
        }
    }

    private static ExpressionStep Shown(ExpressionStep step) =>
        step with
        {
            Expression = ShownText.Of(step.Expression),
            Value = Shown(step.Value),
        };

    private static object? Shown(object? value) => AttributePreview.Shown(Plain(value));

    private AttributePreview Evaluate(TargetAttribute attribute, SourceObject source, AttributePreview preview)
    {
        object? value;
        try
        {
            value = _bound.ValueOf(attribute, source);
        }
        catch (MappingException e)
        {
            return preview with { Problem = e.Message };
        }

        if (attribute.Flow.OnInvalid == InvalidValueAction.Drop && ValueRules.BrokenRule(attribute.Definition, value) is { } rule)
            return preview with { Problem = $"Left out, as the mapping says: it {rule}" };
        return preview with
        {
            Value = Sent(attribute, value),
            Problem = Leaves(source) ? null : ValueRules.Broken(attribute, value)?.Message,
        };
    }

    // No user is created inactive, and a disable of a leaver writes only `active`. No other value can be refused.
    private static bool Leaves(SourceObject source) => source["IsSoftDeleted"] is true;

    private static object? Sent(TargetAttribute attribute, object? value) => Plain(attribute.OnCreate(value));

    private static object? Plain(object? value) =>
        value switch
        {
            IgnoredFlow => null,
            SourceReference reference => reference.Anchor,
            _ => value,
        };
}

/// <summary>How the value of one TravelPerk attribute of one user comes about.</summary>
public sealed record AttributePreview
{
    /// <summary>The user: the userPrincipalName, or the source id where there is none.</summary>
    public required string User
    {
        get;
        init => field = ShownText.Of(value);
    }

    /// <summary>The TravelPerk attribute.</summary>
    public required string TargetAttribute { get; init; }

    /// <summary>The expression of the attribute's mapping; null for a constant or for no mapping.</summary>
    public string? Expression
    {
        get;
        init => field = ShownText.OfAny(value);
    }

    /// <summary>The source attributes that the expression reads, with their values.</summary>
    public IReadOnlyList<AttributeInput> Inputs
    {
        get;
        init => field = value.AsArray();
    } = [];

    /// <summary>The value of each part of the expression, inner parts first.</summary>
    public IReadOnlyList<ExpressionStep> Steps
    {
        get;
        init => field = value.AsArray();
    } = [];

    /// <summary>The value that a create would send, the default value included; null when no value is sent.</summary>
    public object? Value
    {
        get;
        init => field = Shown(value);
    }

    /// <summary>Why TravelPerk would refuse the value or why there is none, with the way out; null when there is no problem.</summary>
    public string? Problem
    {
        get;
        init => field = ShownText.OfAny(value);
    }

    // A directory's values reach a terminal, so control and direction characters are written out.
    internal static object? Shown(object? value) =>
        value switch
        {
            string text => ShownText.Of(text),
            IEnumerable<object?> list => list.Select(Shown).ToArray(),
            _ => value,
        };
}

/// <summary>One source attribute that an expression reads.</summary>
/// <param name="Name">The attribute's name in the expression.</param>
/// <param name="Value">The user's value.</param>
public sealed record AttributeInput(string Name, object? Value)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"[{Name}] = {Value}");
}

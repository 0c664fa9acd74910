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

/// <summary>What a mapping makes of a source user, outside of any cycle: nothing is read from TravelPerk or written to it.
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
    /// <exception cref="MappingException">What is wrong with it.</exception>
    public static MappingPreview Compile(SynchronizationSchema mapping)
    {
        CompiledMapping compiled = CompiledMapping.Compile(mapping, CompiledScope.AttributesOf(mapping));
        return new MappingPreview(BoundMapping.Bind(compiled), CompiledScope.Compile(mapping, compiled.Layout));
    }

    /// <summary>The source attributes to give.</summary>
    public SourceLayout Layout => _bound.Mapping.Layout;

    /// <summary>Whether the scope takes the user in, and why.</summary>
    public ScopeDecision ScopeOf(SourceObject source) => _scope.Evaluate(source);

    /// <summary>The body a create would send. A manager is their source id in it: which TravelPerk user that is, only a cycle
    /// knows.</summary>
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

    /// <summary>Attribute by attribute: inputs, steps, result, and the rule it breaks.</summary>
    public IEnumerable<AttributePreview> Explain(SourceObject source)
    {
        ArgumentNullException.ThrowIfNull(source);
        foreach (TargetAttribute attribute in _bound.Attributes)
        {
            MappingExpression? expression = attribute.Flow.Expression;
            var preview = new AttributePreview
            {
                User = source["userPrincipalName"] is string { Length: > 0 } name ? name : source.Anchor,
                TargetAttribute = attribute.Flow.TargetName,
                Expression = expression?.ToString(),
                Inputs =
                [
                    .. (expression?.Attributes ?? []).Select(name => new AttributeInput(name, AttributePreview.Shown(Plain(source[name])))),
                ],
                Steps =
                [
                    .. (expression?.Explain(source) ?? []).Select(step =>
                        step with
                        {
                            Expression = ShownText.Of(step.Expression),
                            Value = AttributePreview.Shown(Plain(step.Value)),
                        }
                    ),
                ],
            };
            yield return Evaluate(attribute, source, preview);
        }
    }

    private AttributePreview Evaluate(TargetAttribute attribute, SourceObject source, AttributePreview preview)
    {
        object?[] value = new object?[1];
        try
        {
            value[0] = _bound.Mapping.Map(attribute.Slot, source);
        }
        catch (MappingException e)
        {
            return preview with { Problem = e.Message };
        }

        BoundMapping.Normalize(value, source.Anchor);
        if (attribute.Flow.OnInvalid == InvalidValueAction.Drop && Unusable(attribute, value[0]) is { } rule)
            return preview with { Problem = $"Left out, as the mapping says: it {rule}" };
        return preview with
        {
            Value = Sent(attribute, value[0]),
            Problem = Leaves(source) ? null : ValueRules.Broken(attribute, value[0])?.Message,
        };
    }

    private static string? Unusable(TargetAttribute attribute, object? value) =>
        value is UnusableValue unusable ? unusable.Rule : ValueRules.BrokenRule(attribute.Definition, value);

    // Nobody is created inactive, and only `active` is written of who leaves: no other value can be refused.
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

/// <summary>How one TravelPerk attribute of one user comes about.</summary>
public sealed record AttributePreview
{
    /// <summary>Whose: the userPrincipalName, or the source id where there is none.</summary>
    public required string User
    {
        get;
        init => field = ShownText.Of(value);
    }

    /// <summary>The TravelPerk attribute.</summary>
    public required string TargetAttribute { get; init; }

    /// <summary>Where its value comes from; null for a constant or for no mapping.</summary>
    public string? Expression
    {
        get;
        init => field = ShownText.OfAny(value);
    }

    /// <summary>The source attributes the expression reads, with their values.</summary>
    public IReadOnlyList<AttributeInput> Inputs
    {
        get;
        init => field = value.AsArray();
    } = [];

    /// <summary>What each part of the expression gave, inner parts first.</summary>
    public IReadOnlyList<ExpressionStep> Steps
    {
        get;
        init => field = value.AsArray();
    } = [];

    /// <summary>What a create would send, the default value included; null when nothing is sent.</summary>
    public object? Value
    {
        get;
        init => field = Shown(value);
    }

    /// <summary>Why TravelPerk would refuse it or why there is no value, with the way out; null when all is well.</summary>
    public string? Problem
    {
        get;
        init => field = ShownText.OfAny(value);
    }

    // What a directory says reaches a terminal: control and direction characters are written out.
    internal static object? Shown(object? value) =>
        value switch
        {
            string text => ShownText.Of(text),
            IEnumerable<object?> list => list.Select(Shown).ToArray(),
            _ => value,
        };
}

/// <summary>One source attribute that an expression reads.</summary>
/// <param name="Name">As the expression names it.</param>
/// <param name="Value">The user's value.</param>
public sealed record AttributeInput(string Name, object? Value)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"[{Name}] = {Value}");
}

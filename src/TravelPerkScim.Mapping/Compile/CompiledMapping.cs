using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Compile;

/// <summary>An object mapping compiled to delegates: pure, thread-safe, no I/O.</summary>
public sealed class CompiledMapping
{
    // The engine reads these of every object, mapped or not: the identity, the name, and whether the object is still there.
    private static readonly string[] s_alwaysRead = ["objectId", "userPrincipalName", "displayName", "accountEnabled", "IsSoftDeleted"];

    private readonly CompiledAttribute[] _attributes;
    private readonly CompiledAttribute[] _ignoring;

    private CompiledMapping(ObjectMapping mapping, SourceLayout layout, CompiledAttribute[] attributes)
    {
        _attributes = attributes;
        _ignoring = [.. attributes.Where(attribute => attribute.Expression is { IgnoresObject: true })];
        Layout = layout;
        AllowsAdd = mapping.Allows("Add");
        AllowsUpdate = mapping.Allows("Update");
        AllowsDelete = mapping.Allows("Delete");
    }

    /// <summary>The source attributes to read: those the expressions use, <c>alsoRead</c>, and objectId, userPrincipalName, displayName,
    /// accountEnabled and IsSoftDeleted.</summary>
    public SourceLayout Layout { get; }

    /// <summary>The attribute mappings, in the order of the schema.</summary>
    public IReadOnlyList<CompiledAttribute> Attributes => _attributes;

    /// <summary>The object mapping's flowTypes hold Add. No flowTypes at all allow everything.</summary>
    public bool AllowsAdd { get; }

    /// <summary>The object mapping's flowTypes hold Update.</summary>
    public bool AllowsUpdate { get; }

    /// <summary>The object mapping's flowTypes hold Delete.</summary>
    public bool AllowsDelete { get; }

    /// <param name="schema">The schema; its mapping of users is compiled.</param>
    /// <param name="alsoRead">Further source attributes for the layout, such as those a scope reads.</param>
    /// <param name="timeProvider">The clock of <c>Now</c>. Default: the system's clock.</param>
    /// <exception cref="MappingException">An expression does not parse, a function or attribute is unknown, or no attribute matches
    /// objects.</exception>
    public static CompiledMapping Compile(
        SynchronizationSchema schema,
        IEnumerable<string>? alsoRead = null,
        TimeProvider? timeProvider = null
    )
    {
        ArgumentNullException.ThrowIfNull(schema);
        ObjectMapping mapping = schema.UserMapping;
        (AttributeMapping Mapping, MappingExpression? Expression)[] parsed =
        [
            .. mapping.AttributeMappings.Select(item => (item, Parse(item))),
        ];
        var attributes = new KnownAttributes(schema);
        foreach ((AttributeMapping item, MappingExpression? expression) in parsed)
            attributes.Check(item, expression);
        if (!parsed.Any(pair => pair.Mapping.MatchingPriority > 0))
            throw NoMatchingAttribute();

        SourceLayout layout = LayoutOf(alsoRead ?? [], parsed.Select(pair => pair.Expression));
        var compiler = new ExpressionCompiler(layout, timeProvider ?? TimeProvider.System);
        return new CompiledMapping(
            mapping,
            layout,
            [
                .. parsed.Select(pair =>
                    CompiledAttribute.Compile(pair.Mapping, pair.Expression, attributes.Target(pair.Mapping.TargetAttributeName), compiler)
                ),
            ]
        );
    }

    /// <summary>
    /// Evaluates every attribute into <paramref name="desired"/> (one slot per <see cref="Attributes"/>): null, string, bool, long,
    /// DateTimeOffset, SourceReference, IReadOnlyList of those, or <see cref="IgnoredFlow"/>.
    /// Values are converted to the target attribute's type. <c>IsSoftDeleted</c> is read from the source object like any attribute.
    /// </summary>
    /// <exception cref="MappingException">An attribute could not be evaluated or converted: names user, attribute and rule.</exception>
    public void Map(SourceObject source, Span<object?> desired)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!ReferenceEquals(source.Layout, Layout))
            throw new ArgumentException("The object was read for another mapping: its layout is not this mapping's.", nameof(source));
        int i = 0;
        try
        {
            for (; i < _attributes.Length; i++)
                desired[i] = _attributes[i].Evaluate(source);
        }
        catch (MappingException e)
        {
            throw e.For(_attributes[i].TargetName, source.DisplayName);
        }
    }

    /// <summary>
    /// The attribute mapping that gives <c>IgnoreObjectFlow</c> for the object, so that the whole object is left alone. A mapping that
    /// fails does not count here; <see cref="Map(SourceObject, Span{object?})"/> throws its error.
    /// </summary>
    public CompiledAttribute? IgnoredBy(SourceObject source)
    {
        // Asked for every user, so without a delegate.
        foreach (CompiledAttribute attribute in _ignoring)
        {
            if (IsIgnored(source, attribute))
                return attribute;
        }
        return null;
    }

    private static bool IsIgnored(SourceObject source, CompiledAttribute attribute)
    {
        try
        {
            attribute.Evaluate(source);
            return false;
        }
        catch (MappingException e)
        {
            return e.Failure == MappingFailure.UserIgnored;
        }
    }

    /// <summary>Evaluates one attribute alone, by its place in <see cref="Attributes"/>.</summary>
    /// <exception cref="MappingException">As for all of them.</exception>
    public object? Map(int attribute, SourceObject source)
    {
        ArgumentNullException.ThrowIfNull(source);
        try
        {
            return _attributes[attribute].Evaluate(source);
        }
        catch (MappingException e)
        {
            throw e.For(_attributes[attribute].TargetName, source.DisplayName);
        }
    }

    internal static MappingException NoMatchingAttribute() =>
        new(
            "NoMatchingAttribute",
            "No attribute mapping matches objects. Give one that identifies a user, such as userName, a matchingPriority of 1."
        );

    internal static SourceLayout LayoutOf(IEnumerable<string> alsoRead, IEnumerable<MappingExpression?> expressions) =>
        new([.. s_alwaysRead, .. alsoRead, .. expressions.SelectMany(expression => expression?.Attributes ?? [])]);

    /// <summary>The mapping's expression; null when it has no source.</summary>
    internal static MappingExpression? Parse(AttributeMapping mapping)
    {
        try
        {
            return mapping.IsNone ? null : mapping.Source!.ToExpression();
        }
        catch (MappingException e)
        {
            throw e.For(mapping.TargetAttributeName);
        }
    }
}

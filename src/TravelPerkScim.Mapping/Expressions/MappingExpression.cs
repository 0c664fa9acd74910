using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>A parsed expression of Entra's mapping language. Immutable.</summary>
public sealed class MappingExpression
{
    internal MappingExpression(ExpressionNode root)
    {
        Root = root;
        // Asked for each value of each user.
        string[] calls = [.. root.Descendants.OfType<CallNode>().Select(call => call.Name)];
        Volatile = calls.Any(name => ExpressionFunctions.Find(name) is { Volatile: true });
        Redacted = calls.Contains("Redact", StringComparer.Ordinal);
        IgnoresObject = calls.Contains("IgnoreObjectFlow", StringComparer.Ordinal);
        Attributes =
        [
            .. root
                .Descendants.OfType<AttributeNode>()
                .Select(node => node.Name)
                .DistinctBy(SourceAttributeNames.Canonical, StringComparer.OrdinalIgnoreCase),
        ];
    }

    /// <summary>Names of the source attributes the expression reads, as written.</summary>
    public IReadOnlyList<string> Attributes { get; }

    /// <summary>True when it calls a function that depends on the moment or on chance: <c>Now</c>, <c>Guid</c>,
    /// <c>RandomString</c>.</summary>
    public bool Volatile { get; }

    /// <summary>True when it asks for its value to be kept out of logs, with <c>Redact</c>.</summary>
    public bool Redacted { get; }

    /// <summary>True when it may leave the whole user alone, with <c>IgnoreObjectFlow</c>.</summary>
    public bool IgnoresObject { get; }

    internal ExpressionNode Root { get; }

    /// <summary>Parses an expression. Function names are case-sensitive, attribute names are not.</summary>
    /// <exception cref="MappingException"><c>ExpressionSyntax</c>, <c>ExpressionTooLong</c> (10,000 characters) or
    /// <c>ExpressionTooDeep</c>, with the column.</exception>
    public static MappingExpression Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new MappingExpression(ExpressionParser.Parse(text));
    }

    /// <summary>Compiles the expression, to be evaluated for objects of one layout.</summary>
    /// <param name="layout">Slots of the attributes; null: a layout of just the attributes the expression reads.</param>
    /// <param name="timeProvider">What <c>Now</c> reads. Default: the system's clock.</param>
    /// <exception cref="MappingException">A function is unknown, or an argument is missing, too many or of the wrong type; with the
    /// column.</exception>
    public CompiledExpression Compile(SourceLayout? layout = null, TimeProvider? timeProvider = null) =>
        Compile(new ExpressionCompiler(layout ?? new SourceLayout(Attributes), timeProvider ?? TimeProvider.System));

    /// <summary>Evaluates the expression for one object and tells every step, inner parts first. Branches that are not taken are no steps;
    /// an error is the last one.</summary>
    /// <param name="source">The object; its layout must hold <see cref="Attributes"/>.</param>
    /// <param name="timeProvider">What <c>Now</c> reads. Default: the system's clock.</param>
    /// <exception cref="MappingException">The expression does not compile.</exception>
    public IReadOnlyList<ExpressionStep> Explain(SourceObject source, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        var steps = new List<ExpressionStep>();
        var compiler = new ExpressionCompiler(source.Layout, timeProvider ?? TimeProvider.System)
        {
            Trace = (node, value) => steps.Add(new ExpressionStep(ExpressionPrinter.Print(node), value)),
        };
        CompiledExpression compiled = Compile(compiler);
        try
        {
            object? value = compiled.Evaluate(source);
            if (steps.Count == 0)
                steps.Add(new ExpressionStep(ToString(), value));
        }
        catch (MappingException e)
        {
            steps.Add(new ExpressionStep(ToString(), null, e.Message));
        }

        return steps;
    }

    /// <summary>The expression in canonical form.</summary>
    public override string ToString() => ExpressionPrinter.Print(Root);

    internal CompiledExpression Compile(ExpressionCompiler compiler) => new(this, compiler.Layout, compiler.Compile(Root).Evaluate);
}

/// <summary>One step of an evaluation.</summary>
/// <param name="Expression">The part of the expression.</param>
/// <param name="Value">What it gave.</param>
/// <param name="Error">Why it gave nothing, or null.</param>
public sealed record ExpressionStep(string Expression, object? Value, string? Error = null)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Expression} -> {Error ?? Value}");
}

/// <summary>An expression compiled to delegates: pure but for the clock and chance, thread-safe.</summary>
public sealed class CompiledExpression
{
    private readonly Evaluator _evaluator;

    internal CompiledExpression(MappingExpression expression, SourceLayout layout, Evaluator evaluator)
    {
        Expression = expression;
        Layout = layout;
        _evaluator = evaluator;
    }

    /// <summary>What was compiled.</summary>
    public MappingExpression Expression { get; }

    /// <summary>The layout that objects must have.</summary>
    public SourceLayout Layout { get; }

    /// <summary>The value for one object: null, string, bool, long, double, DateTimeOffset, SourceReference, a list of those, or
    /// <see cref="IgnoredFlow"/>.</summary>
    /// <exception cref="MappingException">The object's values do not fit a function: names function, argument and column.</exception>
    public object? Evaluate(SourceObject source) => _evaluator(source);
}

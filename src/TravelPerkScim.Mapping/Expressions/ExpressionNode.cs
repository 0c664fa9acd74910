using System.Collections.Immutable;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>A node of a parsed expression. Immutable.</summary>
/// <param name="Position">0-based index of the node's first character, or <see cref="NoPosition"/> when it came from a tree.</param>
internal abstract record ExpressionNode(int Position)
{
    public const int NoPosition = -1;

    /// <summary>The node and everything below it.</summary>
    public virtual IEnumerable<ExpressionNode> Descendants => [this];
}

/// <summary>A source attribute: <c>[givenName]</c>.</summary>
internal sealed record AttributeNode(string Name, int Position) : ExpressionNode(Position);

/// <summary>A constant: string, long or decimal.</summary>
internal sealed record ConstantNode(object Value, int Position) : ExpressionNode(Position);

/// <summary>A bare word: <c>True</c>, <c>False</c>, <c>vbTextCompare</c>, <c>vbBinaryCompare</c>.</summary>
internal sealed record KeywordNode(string Name, int Position) : ExpressionNode(Position);

/// <summary>A function call. An argument left empty (<c>, ,</c>) is null.</summary>
internal sealed record CallNode(string Name, ImmutableArray<ExpressionNode?> Arguments, int Position) : ExpressionNode(Position)
{
    /// <summary>It is written without parentheses: IgnoreAttributeFlow, IgnoreObjectFlow.</summary>
    public bool IsBare => ExpressionFunctions.Find(Name) is { Bare: true };

    public override IEnumerable<ExpressionNode> Descendants =>
        [this, .. Arguments.OfType<ExpressionNode>().SelectMany(argument => argument.Descendants)];
}

/// <summary>A comparison. It does not chain.</summary>
internal sealed record ComparisonNode(ComparisonOperator Operator, ExpressionNode Left, ExpressionNode Right, int Position)
    : ExpressionNode(Position)
{
    public override IEnumerable<ExpressionNode> Descendants => [this, .. Left.Descendants, .. Right.Descendants];
}

/// <summary>A comparison, as the orders of its two sides for which it holds.</summary>
[Flags]
internal enum ComparisonOperator
{
    Less = 1,
    Equal = 2,
    Greater = 4,
    LessOrEqual = Less | Equal,
    GreaterOrEqual = Greater | Equal,
    NotEqual = Less | Greater,
}

internal static class ComparisonSymbols
{
    private static readonly Dictionary<string, ComparisonOperator> s_bySymbol = new(StringComparer.Ordinal)
    {
        ["="] = ComparisonOperator.Equal,
        ["<>"] = ComparisonOperator.NotEqual,
        ["<"] = ComparisonOperator.Less,
        ["<="] = ComparisonOperator.LessOrEqual,
        [">"] = ComparisonOperator.Greater,
        [">="] = ComparisonOperator.GreaterOrEqual,
    };

    private static readonly Dictionary<ComparisonOperator, string> s_symbols = s_bySymbol.ToDictionary(
        pair => pair.Value,
        pair => pair.Key
    );

    public static string Symbol(this ComparisonOperator comparison) => s_symbols[comparison];

    public static bool TryRead(string symbol, out ComparisonOperator comparison) => s_bySymbol.TryGetValue(symbol, out comparison);
}

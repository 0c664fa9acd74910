using System.Collections.Immutable;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>Recursive descent over Entra's expression language: calls, attributes, constants and single comparisons, with parentheses around any of them.</summary>
internal sealed class ExpressionParser
{
    /// <summary>Longest expression, in characters (Entra's limit).</summary>
    public const int MaxLength = 10_000;

    /// <summary>Deepest nesting of calls and parentheses.</summary>
    public const int MaxDepth = 100;

    private static readonly string[] s_keywords = ["True", "False", "vbBinaryCompare", "vbTextCompare"];

    private ExpressionLexer _lexer;
    private Token _token;
    private int _depth;

    private ExpressionParser(string text)
    {
        _lexer = new ExpressionLexer(text);
        _token = _lexer.Next();
    }

    public static ExpressionNode Parse(string text)
    {
        if (text.Length > MaxLength)
            throw new MappingException("ExpressionTooLong", $"The expression has {text.Length} characters; the longest allowed has {MaxLength}.");
        var parser = new ExpressionParser(text);
        ExpressionNode root = parser.ReadExpression();
        return parser._token.Kind == TokenKind.End ? root : throw parser.Unexpected("the end of the expression");
    }

    public static MappingException Error(int position, string message, string errorId = "ExpressionSyntax") =>
        new(errorId, $"Column {position + 1}: {message}.") { Column = position + 1 };

    private ExpressionNode ReadExpression()
    {
        ExpressionNode left = ReadOperand();
        if (_token.Kind != TokenKind.Operator)
            return left;
        var comparison = (ComparisonOperator)_token.Value!;
        Advance();
        ExpressionNode right = ReadOperand();
        if (_token.Kind == TokenKind.Operator)
            throw Error(_token.Position, "comparisons do not chain, and there is no AND or OR. Nest IIF calls instead");
        return new ComparisonNode(comparison, left, right, left.Position);
    }

    private ExpressionNode ReadOperand()
    {
        Token token = _token;
        switch (token.Kind)
        {
            case TokenKind.Attribute:
                Advance();
                return new AttributeNode((string)token.Value!, token.Position);
            case TokenKind.String or TokenKind.Number:
                Advance();
                return new ConstantNode(token.Value!, token.Position);
            case TokenKind.Name:
                Advance();
                return _token.Kind == TokenKind.Open ? ReadCall(token) : ReadKeyword(token);
            case TokenKind.Open:
                Enter();
                ExpressionNode inner = ReadExpression();
                Leave();
                return inner;
            default:
                throw Unexpected("a function, an [attribute], a \"string\" or a number");
        }
    }

    private CallNode ReadCall(Token name)
    {
        Enter();
        var arguments = ImmutableArray.CreateBuilder<ExpressionNode?>();
        if (_token.Kind != TokenKind.Close)
        {
            arguments.Add(ReadArgument());
            while (_token.Kind == TokenKind.Comma)
            {
                Advance();
                arguments.Add(ReadArgument());
            }
        }

        if (_token.Kind != TokenKind.Close)
            throw Unexpected($"a comma or the closing parenthesis of {name.Value}");
        Leave();
        return new CallNode((string)name.Value!, arguments.ToImmutable(), name.Position);
    }

    private ExpressionNode? ReadArgument() => _token.Kind is TokenKind.Comma or TokenKind.Close ? null : ReadExpression();

    private static KeywordNode ReadKeyword(Token token) => s_keywords.Contains((string)token.Value!, StringComparer.Ordinal)
        ? new KeywordNode((string)token.Value!, token.Position)
        : throw Error(token.Position, $"'{token.Value}' is neither a function call nor a constant. Attributes are written [{token.Value}], strings \"{token.Value}\"");

    private void Enter()
    {
        if (++_depth > MaxDepth)
            throw Error(_token.Position, $"calls are nested deeper than {MaxDepth}", "ExpressionTooDeep");
        Advance();
    }

    private void Leave()
    {
        if (_token.Kind != TokenKind.Close)
            throw Unexpected("a closing parenthesis");
        _depth--;
        Advance();
    }

    private void Advance() => _token = _lexer.Next();

    private MappingException Unexpected(string expected) => Error(_token.Position, $"expected {expected}, but found {Describe(_token)}");

    private static string Describe(Token token) => token.Kind switch
    {
        TokenKind.End => "the end",
        TokenKind.Open => "(",
        TokenKind.Close => ")",
        TokenKind.Comma => "a comma",
        TokenKind.Attribute => $"[{token.Value}]",
        TokenKind.String => "a string",
        TokenKind.Operator => "a comparison",
        _ => $"'{token.Value}'",
    };
}

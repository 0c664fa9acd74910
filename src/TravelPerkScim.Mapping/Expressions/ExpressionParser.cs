using System.Collections.Immutable;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>Recursive descent over Entra's expression language: calls, attributes, constants and single comparisons, with parentheses
/// around any of them.</summary>
internal sealed class ExpressionParser
{
    /// <summary>Longest expression, in characters (Entra's limit).</summary>
    public const int MaxLength = 10_000;

    /// <summary>Deepest nesting of calls and parentheses.</summary>
    public const int MaxDepth = 100;

    private static readonly string[] s_keywords = ["True", "False", "vbBinaryCompare", "vbTextCompare", "Unicode", "UTF8", "ASCII"];

    private static readonly Dictionary<TokenKind, string> s_kinds = new()
    {
        [TokenKind.End] = "the end",
        [TokenKind.Open] = "(",
        [TokenKind.Close] = ")",
        [TokenKind.Comma] = "a comma",
        [TokenKind.String] = "a string",
        [TokenKind.Operator] = "a comparison",
    };

    private const string NoLogic = "comparisons do not chain, and there is no AND or OR. Nest IIF calls instead";

    private readonly string _text;
    private ExpressionLexer _lexer;
    private Token _token;
    private int _depth;

    private ExpressionParser(string text)
    {
        _text = text;
        _lexer = new ExpressionLexer(text);
        _token = _lexer.Next();
    }

    public static ExpressionNode Parse(string text)
    {
        if (text.Length > MaxLength)
        {
            throw new MappingException(
                "ExpressionTooLong",
                $"The expression has {text.Length} characters; the longest allowed has {MaxLength}."
            );
        }
        var parser = new ExpressionParser(text);
        ExpressionNode root = parser.ReadExpression();
        return parser._token.Kind == TokenKind.End ? root : throw parser.Unexpected("the end of the expression");
    }

    public static MappingException Error(int position, string message) => Error(position, message, "ExpressionSyntax");

    private static MappingException Error(int position, string message, string errorId) =>
        new(errorId, $"Column {position + 1}: {message}.") { Column = position + 1 };

    /// <summary>Visual Basic's operators for text, which Entra's own pages show, but its service does not have.</summary>
    public static MappingException NoJoining(int position, char written) =>
        Error(
            position,
            $"{written} does not join text here. Use Join or Append: Join(\"\", \"t-\", [mailNickname])"
                + (written == '&' ? ". A hexadecimal number is written &HF7" : "")
        );

    private ExpressionNode ReadExpression()
    {
        ExpressionNode left = ReadOperand();
        if (_token.Kind != TokenKind.Operator)
            return left;
        var comparison = (ComparisonOperator)_token.Value!;
        Advance();
        ExpressionNode right = ReadOperand();
        if (_token.Kind == TokenKind.Operator)
            throw Error(_token.Position, NoLogic);
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
        ImmutableArray<ExpressionNode?>.Builder arguments = ImmutableArray.CreateBuilder<ExpressionNode?>();
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

    private static ExpressionNode ReadKeyword(Token token)
    {
        string word = (string)token.Value!;
        if (s_keywords.Contains(word, StringComparer.Ordinal))
            return new KeywordNode(word, token.Position);
        if (ExpressionFunctions.Find(word) is { Bare: true })
            return new CallNode(word, [], token.Position);
        IEnumerable<string> bare = ExpressionFunctions.All.Where(function => function.Bare).Select(function => function.Name);
        string? near = NearestName.Of(word, s_keywords.Concat(bare));
        string hint = near is null ? "" : $". The nearest word is {near}";
        throw Error(
            token.Position,
            $"'{word}' is neither a function call nor a constant. Attributes are written [{word}], strings \"{word}\"{hint}"
        );
    }

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

    private MappingException Unexpected(string expected) =>
        _token switch
        {
            { Kind: TokenKind.Number, Position: var at } when _text[at] == '&' => NoJoining(at, '&'),
            { Kind: TokenKind.Name, Value: string word } when word.ToUpperInvariant() is "AND" or "OR" => Error(_token.Position, NoLogic),
            _ => Error(_token.Position, $"expected {expected}, but found {Describe(_token)}"),
        };

    private static string Describe(Token token)
    {
        if (token.Kind == TokenKind.Attribute)
            return $"[{token.Value}]";
        return s_kinds.GetValueOrDefault(token.Kind) ?? $"'{token.Value}'";
    }
}

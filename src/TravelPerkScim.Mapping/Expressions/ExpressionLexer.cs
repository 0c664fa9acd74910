using System.Globalization;

namespace TravelPerkScim.Mapping.Expressions;

internal enum TokenKind
{
    Name,
    Attribute,
    String,
    Number,
    Operator,
    Open,
    Close,
    Comma,
    End,
}

/// <param name="Kind">What it is.</param>
/// <param name="Position">0-based index of its first character.</param>
/// <param name="Value">The name, the unescaped string, the number, or the operator.</param>
internal readonly record struct Token(TokenKind Kind, int Position, object? Value = null);

/// <summary>Cuts an expression into tokens, one at a time.</summary>
internal struct ExpressionLexer(string text)
{
    private int _at;

    public Token Next()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
            _at++;
        if (_at == text.Length)
            return new Token(TokenKind.End, _at);
        int start = _at;
        char c = text[_at];
        switch (c)
        {
            case '(':
                return Single(TokenKind.Open);
            case ')':
                return Single(TokenKind.Close);
            case ',':
                return Single(TokenKind.Comma);
            case '[':
                return new Token(TokenKind.Attribute, start, ReadAttribute());
            case '"':
                return new Token(TokenKind.String, start, ReadString());
            case '&':
                return new Token(TokenKind.Number, start, ReadHexadecimal());
            case '+':
                throw ExpressionParser.NoJoining(start, '+');
            case '=' or '<' or '>':
                return new Token(TokenKind.Operator, start, ReadOperator());
            default:
                if (char.IsAsciiDigit(c) || c == '-')
                    return new Token(TokenKind.Number, start, ReadNumber());
                if (char.IsAsciiLetter(c) || c == '_')
                    return new Token(TokenKind.Name, start, ReadName());
                throw Unexpected(c, start);
        }
    }

    private static MappingException Unexpected(char c, int start)
    {
        bool isOtherQuote = c is '\u201C' or '\u201D' or '\'';
        string message = isOtherQuote
            ? $"unexpected character {c}. Strings are written in straight double quotes"
            : $"unexpected character '{c}'. Expected a function, an [attribute], a \"string\" or a number";
        return ExpressionParser.Error(start, message);
    }

    private Token Single(TokenKind kind) => new(kind, _at++);

    private string ReadAttribute()
    {
        int start = _at;
        string name =
            TokenText.ReadAttribute(text, ref _at) ?? throw ExpressionParser.Error(start, "the attribute has no closing bracket ]");
        return name.Length > 0 ? name : throw ExpressionParser.Error(start, "the brackets hold no attribute name");
    }

    private string ReadString()
    {
        int start = _at;
        return TokenText.ReadString(text, ref _at) ?? throw ExpressionParser.Error(start, "the string has no closing quote");
    }

    private long ReadHexadecimal()
    {
        int start = _at;
        if (_at + 2 >= text.Length || text[_at + 1] is not ('H' or 'h') || !char.IsAsciiHexDigit(text[_at + 2]))
            throw ExpressionParser.NoJoining(start, '&');
        _at += 2;
        int digits = _at;
        while (_at < text.Length && char.IsAsciiHexDigit(text[_at]))
            _at++;
        ReadOnlySpan<char> written = text.AsSpan(digits, _at - digits);
        if (!long.TryParse(written, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long value))
            throw ExpressionParser.Error(start, "expected 1 to 16 hexadecimal digits after &H");
        return value;
    }

    private object ReadNumber()
    {
        int start = _at++;
        SkipDigits();
        bool hasFraction = AtFraction;
        if (hasFraction)
        {
            _at++;
            SkipDigits();
        }

        const NumberStyles Fraction = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        ReadOnlySpan<char> digits = text.AsSpan(start, _at - start);
        if (!hasFraction && long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole))
            return whole;
        if (hasFraction && decimal.TryParse(digits, Fraction, CultureInfo.InvariantCulture, out decimal value))
            return value;
        throw ExpressionParser.Error(start, $"'{digits}' is not a number that can be held");
    }

    private readonly bool AtFraction => _at + 1 < text.Length && text[_at] == '.' && char.IsAsciiDigit(text[_at + 1]);

    private void SkipDigits()
    {
        while (_at < text.Length && char.IsAsciiDigit(text[_at]))
            _at++;
    }

    private string ReadName()
    {
        int start = _at;
        while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '_'))
            _at++;
        return text[start.._at];
    }

    private object ReadOperator()
    {
        char first = text[_at++];
        char second = _at < text.Length ? text[_at] : '\0';
        (ComparisonOperator Operator, int Length) found = (first, second) switch
        {
            ('=', _) => (ComparisonOperator.Equal, 1),
            ('<', '>') => (ComparisonOperator.NotEqual, 2),
            ('<', '=') => (ComparisonOperator.LessOrEqual, 2),
            ('>', '=') => (ComparisonOperator.GreaterOrEqual, 2),
            ('<', _) => (ComparisonOperator.Less, 1),
            _ => (ComparisonOperator.Greater, 1),
        };
        _at += found.Length - 1;
        return found.Operator;
    }
}

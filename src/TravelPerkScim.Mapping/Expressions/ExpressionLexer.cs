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
    private static readonly Dictionary<char, TokenKind> s_ofOneCharacter = new()
    {
        ['('] = TokenKind.Open,
        [')'] = TokenKind.Close,
        [','] = TokenKind.Comma,
    };

    private int _at;

    public Token Next()
    {
        TokenText.Skip(text, ref _at, char.IsWhiteSpace);
        if (_at == text.Length)
            return new Token(TokenKind.End, _at);
        int start = _at;
        char c = text[_at];
        if (s_ofOneCharacter.TryGetValue(c, out TokenKind kind))
            return new Token(kind, _at++);
        switch (c)
        {
            case '[':
                return new Token(TokenKind.Attribute, start, TokenText.ReadAttribute(text, ref _at, ExpressionParser.Error));
            case '"':
                return new Token(TokenKind.String, start, TokenText.ReadString(text, ref _at, ExpressionParser.Error));
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

    /// <summary>The character so many places further on; NUL behind the end.</summary>
    private readonly char Ahead(int places) => _at + places < text.Length ? text[_at + places] : '\0';

    private long ReadHexadecimal()
    {
        int start = _at;
        if (Ahead(1) is not ('H' or 'h') || !char.IsAsciiHexDigit(Ahead(2)))
            throw ExpressionParser.NoJoining(start, '&');
        _at += 2;
        int digits = _at;
        TokenText.Skip(text, ref _at, char.IsAsciiHexDigit);
        ReadOnlySpan<char> written = text.AsSpan(digits, _at - digits);
        if (!long.TryParse(written, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long value))
            throw ExpressionParser.Error(start, "expected 1 to 16 hexadecimal digits after &H");
        return value;
    }

    private object ReadNumber()
    {
        int start = _at++;
        TokenText.Skip(text, ref _at, char.IsAsciiDigit);
        if (Ahead(0) == '.' && char.IsAsciiDigit(Ahead(1)))
            return ReadFraction(start);
        string digits = text[start.._at];
        return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw NotHeld(start, digits);
    }

    private decimal ReadFraction(int start)
    {
        _at++;
        TokenText.Skip(text, ref _at, char.IsAsciiDigit);
        const NumberStyles Fraction = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        string digits = text[start.._at];
        return decimal.TryParse(digits, Fraction, CultureInfo.InvariantCulture, out decimal value) ? value : throw NotHeld(start, digits);
    }

    private static MappingException NotHeld(int start, string digits) =>
        ExpressionParser.Error(start, $"'{digits}' is not a number that can be held");

    private string ReadName()
    {
        int start = _at;
        TokenText.Skip(text, ref _at, IsOfName);
        return text[start.._at];
    }

    private static bool IsOfName(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private ComparisonOperator ReadOperator()
    {
        string first = text[_at].ToString();
        bool isPair = ComparisonSymbols.TryRead($"{first}{Ahead(1)}", out ComparisonOperator comparison);
        if (!isPair)
            ComparisonSymbols.TryRead(first, out comparison);
        _at += isPair ? 2 : 1;
        return comparison;
    }
}

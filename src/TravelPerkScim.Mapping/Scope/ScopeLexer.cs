using System.Text;

namespace TravelPerkScim.Mapping.Scope;

internal enum ScopeTokenKind
{
    Word,
    Attribute,
    String,
    Open,
    Close,
    Comma,
    Colon,
    End,
}

/// <param name="Kind">What it is.</param>
/// <param name="Position">0-based index of its first character.</param>
/// <param name="Text">The word, the name between brackets, or the unquoted string.</param>
internal readonly record struct ScopeToken(ScopeTokenKind Kind, int Position, string Text = "")
{
    private static readonly Dictionary<ScopeTokenKind, string> s_kinds = new()
    {
        [ScopeTokenKind.End] = "the end",
        [ScopeTokenKind.String] = "a string",
        [ScopeTokenKind.Open] = "(",
        [ScopeTokenKind.Close] = ")",
        [ScopeTokenKind.Comma] = "a comma",
        [ScopeTokenKind.Colon] = "a colon",
    };

    public bool Is(string word, string alternative) =>
        Kind == ScopeTokenKind.Word
        && (
            string.Equals(Text, word, StringComparison.OrdinalIgnoreCase)
            || string.Equals(Text, alternative, StringComparison.OrdinalIgnoreCase)
        );

    public override string ToString()
    {
        if (Kind == ScopeTokenKind.Attribute)
            return $"[{Text}]";
        return s_kinds.GetValueOrDefault(Kind) ?? $"'{Text}'";
    }
}

/// <summary>Cuts a scoping filter into tokens.</summary>
internal struct ScopeLexer(string text)
{
    private static readonly Dictionary<char, ScopeTokenKind> s_ofOneCharacter = new()
    {
        ['('] = ScopeTokenKind.Open,
        [')'] = ScopeTokenKind.Close,
        [','] = ScopeTokenKind.Comma,
        [':'] = ScopeTokenKind.Colon,
    };

    private int _at;

    public static List<ScopeToken> Read(string text)
    {
        var lexer = new ScopeLexer(text);
        var tokens = new List<ScopeToken>();
        do tokens.Add(lexer.Next());
        while (tokens[^1].Kind != ScopeTokenKind.End);
        return tokens;
    }

    private ScopeToken Next()
    {
        TokenText.Skip(text, ref _at, char.IsWhiteSpace);
        if (_at == text.Length)
            return new ScopeToken(ScopeTokenKind.End, _at);
        int start = _at;
        if (s_ofOneCharacter.TryGetValue(text[_at], out ScopeTokenKind kind))
            return new ScopeToken(kind, _at++);
        switch (text[_at])
        {
            case '"':
                return new ScopeToken(ScopeTokenKind.String, start, TokenText.ReadString(text, ref _at, ScopeParser.Error));
            case '\'':
                return new ScopeToken(ScopeTokenKind.String, start, ReadSingleQuoted());
            case '[':
                return new ScopeToken(ScopeTokenKind.Attribute, start, TokenText.ReadAttribute(text, ref _at, ScopeParser.Error));
            case '\u201C' or '\u201D' or '\u2018' or '\u2019':
                throw ScopeParser.Error(start, $"unexpected character {text[_at]}. Strings are written in straight quotes");
            default:
                TokenText.Skip(text, ref _at, IsOfWord);
                return new ScopeToken(ScopeTokenKind.Word, start, text[start.._at]);
        }
    }

    private static bool IsOfWord(char c) => !char.IsWhiteSpace(c) && c is not ('(' or ')' or ',' or '"' or '\'');

    /// <summary>As in PowerShell: nothing is escaped, and a quote in it is doubled.</summary>
    private string ReadSingleQuoted()
    {
        int start = _at++;
        var value = new StringBuilder();
        for (; _at < text.Length; _at++)
        {
            if (text[_at] == '\'')
            {
                _at++;
                if (_at == text.Length || text[_at] != '\'')
                    return value.ToString();
            }

            value.Append(text[_at]);
        }

        throw TokenText.Unclosed(start, ScopeParser.Error);
    }
}

using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Schema;

namespace TravelPerkScim.Mapping.Scope;

/// <summary>
/// Reads a scoping filter as an admin writes it. AND binds tighter than OR. Parentheses are multiplied out, because Entra's shape has none:
/// it has filters joined by OR, and each filter has clauses joined by AND.
/// </summary>
internal sealed class ScopeParser
{
    public const int MaxLength = 100_000;
    private const int MaxDepth = 50;
    private const int MaxGroups = 200;
    private const int MaxOperatorWords = 4;

    private readonly List<ScopeToken> _tokens;
    private readonly KnownAttributes _attributes;
    private int _at;
    private int _depth;

    private ScopeParser(string text, KnownAttributes attributes)
    {
        _tokens = ScopeLexer.Read(text);
        _attributes = attributes;
    }

    private ScopeToken Token => _tokens[_at];

    /// <exception cref="MappingException">With the column.</exception>
    public static IReadOnlyList<FilterGroup> Parse(string text, KnownAttributes attributes)
    {
        if (text.Length > MaxLength)
        {
            throw new MappingException(
                "ScopeFilterTooLong",
                $"The scoping filter has {text.Length} characters; the longest allowed has {MaxLength}."
            );
        }
        var parser = new ScopeParser(text, attributes);
        if (parser.Token.Kind == ScopeTokenKind.End)
            throw Error(0, "it is empty. Write clauses such as department EQUALS \"Sales\"");
        List<Alternative> alternatives = parser.ReadAlternatives();
        return parser.Token.Kind == ScopeTokenKind.End
            ? [.. alternatives.Select(alternative => new FilterGroup(alternative.Title, [.. alternative.Clauses]))]
            : throw parser.Unexpected("AND, OR or the end");
    }

    public static MappingException Error(int position, string message) => Error(position, message, "ScopeFilterSyntax");

    private static MappingException Error(int position, string message, string errorId) =>
        new(errorId, $"Scoping filter, column {position + 1}: {message}.") { Column = position + 1 };

    private List<Alternative> ReadAlternatives()
    {
        var alternatives = new List<Alternative>();
        do alternatives.AddRange(ReadAlternative());
        while (IsOr(Token) && Skip(ScopeTokenKind.Word));
        return alternatives;
    }

    private List<Alternative> ReadAlternative()
    {
        string title = _depth == 0 ? ReadTitle() : "";
        List<Alternative> alternatives = ReadTerm();
        while (IsAnd(Token))
        {
            int position = _tokens[_at++].Position;
            List<Alternative> further = ReadTerm();
            if (alternatives.Count * further.Count > MaxGroups)
            {
                throw Error(
                    position,
                    $"multiplied out, the parentheses make more than {MaxGroups} filters. "
                        + "List values of one attribute after one operator: department EQUALS \"Sales\", \"Buying\"",
                    "ScopeFilterTooLong"
                );
            }
            alternatives =
            [
                .. from left in alternatives from right in further select new Alternative("", [.. left.Clauses, .. right.Clauses]),
            ];
        }

        return title.Length == 0 ? alternatives : [.. alternatives.Select(alternative => alternative with { Title = title })];
    }

    /// <summary>A title as Entra's portal asks for, in quotes and with a colon: <c>"Sales people": department EQUALS "Sales"</c>.</summary>
    private string ReadTitle()
    {
        if (Token.Kind != ScopeTokenKind.String)
            return "";
        string title = _tokens[_at++].Text;
        return Skip(ScopeTokenKind.Colon)
            ? title
            : throw Unexpected("a colon after the filter's title. Attributes are written without quotes");
    }

    private List<Alternative> ReadTerm()
    {
        if (Token.Kind != ScopeTokenKind.Open)
            return [new Alternative("", [ReadClause()])];
        if (++_depth > MaxDepth)
            throw Error(Token.Position, $"parentheses are nested deeper than {MaxDepth}");
        _at++;
        List<Alternative> alternatives = ReadAlternatives();
        if (!Skip(ScopeTokenKind.Close))
            throw Unexpected("AND, OR or a closing parenthesis");
        _depth--;
        return alternatives;
    }

    private FilterClause ReadClause()
    {
        ScopeToken attribute = Token;
        if (attribute.Kind is not (ScopeTokenKind.Word or ScopeTokenKind.Attribute) || IsConnective(attribute))
            throw Unexpected("a source attribute such as department");
        At(attribute.Position, () => ScopeClause.CheckAttribute(attribute.Text, _attributes));
        _at++;

        ScopeOperator operation = ReadOperator();
        int position = Token.Position;
        string[] values = operation.Unary ? [] : ReadValues(operation);
        var clause = new FilterClause(attribute.Text, operation.Name, values);
        At(operation.Unary ? attribute.Position : position, () => ScopeClause.CheckWhenSet(clause, _attributes));
        return clause;
    }

    /// <summary>The longest run of words that is an operator: IS NOT NULL rather than IS.</summary>
    private ScopeOperator ReadOperator()
    {
        string[] words =
        [
            .. _tokens.Skip(_at).TakeWhile(token => token.Kind == ScopeTokenKind.Word).Take(MaxOperatorWords).Select(token => token.Text),
        ];
        for (int count = words.Length; count > 0; count--)
        {
            if (ScopeOperator.Find(string.Join(' ', words[..count])) is not { } found)
                continue;
            _at += count;
            return found;
        }

        throw Error(Token.Position, $"expected an operator, but found {Token}. Operators: {ScopeOperator.Names}", "UnknownScopeOperator");
    }

    private string[] ReadValues(ScopeOperator operation)
    {
        var values = new List<string>();
        do
        {
            if (Token.Kind is not (ScopeTokenKind.String or ScopeTokenKind.Word) || IsConnective(Token))
                throw Unexpected($"a value for {operation.Name}, such as \"Sales\"");
            values.Add(Token.Text);
            _at++;
        } while (Skip(ScopeTokenKind.Comma));
        return [.. values];
    }

    private bool Skip(ScopeTokenKind kind)
    {
        bool found = Token.Kind == kind;
        _at += found ? 1 : 0;
        return found;
    }

    private static bool IsAnd(ScopeToken token) => token.Is("AND", "-and");

    private static bool IsOr(ScopeToken token) => token.Is("OR", "-or");

    private static bool IsConnective(ScopeToken token) => IsAnd(token) || IsOr(token);

    private static void At(int position, Action check)
    {
        try
        {
            check();
        }
        catch (MappingException e)
        {
            throw new MappingException(e.ErrorId, $"Scoping filter, column {position + 1}: {e.Message}", e) { Column = position + 1 };
        }
    }

    private MappingException Unexpected(string expected) => Error(Token.Position, $"expected {expected}, but found {Token}");

    private sealed record Alternative(string Title, IReadOnlyList<FilterClause> Clauses);
}

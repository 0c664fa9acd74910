using System.Buffers;

namespace TravelPerkScim.Scim.Schema;

/// <summary>Recursive descent over the grammar of RFC 7644 figures 1 and 7. Names are ASCII; keywords have no case.</summary>
internal sealed class ScimParser
{
    /// <summary>Parentheses and brackets deeper than this are refused, so that no input can exhaust the stack.</summary>
    private const int MaxNesting = 64;

    private static readonly SearchValues<char> s_pathEnds = SearchValues.Create(" \t\r\n()[]\"");

    private readonly ScimLexer _in;
    private int _depth;
    private bool _inBrackets;

    private ScimParser(string text, bool inFilter) => _in = new ScimLexer(text) { InFilter = inFilter };

    public static ScimFilter ParseFilter(string text)
    {
        var parser = new ScimParser(text, inFilter: true);
        ScimFilter filter = parser.Disjunction();
        return parser._in.AtEnd
            ? filter
            : throw parser._in.Error($"'{parser._in.Current}' was not expected here; join conditions with 'and' or 'or'.");
    }

    public static AttributePath ParsePath(string text)
    {
        var parser = new ScimParser(text, inFilter: false);
        AttributePath path = parser.Path();
        return parser._in.AtEnd ? path : throw parser._in.Error($"'{parser._in.Current}' was not expected here.");
    }

    private ScimFilter Disjunction() => Chain("or", ScimConnective.Or, Conjunction);

    private ScimFilter Conjunction() => Chain("and", ScimConnective.And, Term);

    private ScimFilter Chain(string keyword, ScimConnective connective, Func<ScimFilter> next)
    {
        var terms = new List<ScimFilter> { next() };
        while (_in.TakeKeyword(keyword))
            terms.Add(next());
        return LogicalFilter.Of(connective, terms);
    }

    private ScimFilter Term()
    {
        _in.SkipSpace();
        if (_in.Current == '(')
            return Group();

        int start = _in.At;
        if (_in.TakeKeyword("not"))
        {
            _in.SkipSpace();
            if (_in.Current == '(')
                return new NotFilter(Group());
            _in.At = start;
        }

        return Condition();
    }

    private ScimFilter Group()
    {
        if (++_depth > MaxNesting)
            throw _in.Error($"it is nested deeper than {MaxNesting} levels.");
        _in.Take('(');
        ScimFilter filter = Disjunction();
        _in.SkipSpace();
        _in.Take(')');
        _depth--;
        _in.SkipSpace();
        return filter;
    }

    private ScimFilter Condition()
    {
        AttributePath path = Path();
        _in.SkipSpace();
        bool isWhole = path is { ValueFilter: not null, SubAttribute: null };
        if (isWhole && (_in.AtEnd || _in.Current == ')' || _in.PeekWord() is "and" or "or"))
            return new ValuePathFilter(path);

        int start = _in.At;
        string word = _in.Word();
        if (word.Equals("pr", StringComparison.OrdinalIgnoreCase))
        {
            _in.SkipSpace();
            return new PresenceFilter(path);
        }

        if (!ComparisonFilter.TryParseOperator(word, out ScimComparison comparison))
            throw _in.Error("an operator is missing; use eq, ne, co, sw, ew, gt, ge, lt, le or pr.", start);
        _in.SkipSpace();
        int valueStart = _in.At;
        object? value = _in.Value();
        // RFC 7644 table 3: ordering booleans is an invalidFilter; a substring can only be a string.
        bool allowed =
            comparison is ScimComparison.Equal or ScimComparison.NotEqual
            || value is string
            || (value is long or double && comparison >= ScimComparison.GreaterThan);
        if (!allowed)
            throw _in.Error($"'{word}' cannot compare with this kind of value.", valueStart);
        _in.SkipSpace();
        return new ComparisonFilter(path, comparison, value);
    }

    private AttributePath Path()
    {
        int length = _in.Rest.IndexOfAny(s_pathEnds);
        ReadOnlySpan<char> token = length < 0 ? _in.Rest : _in.Rest[..length];
        int colon = token.StartsWith("urn:", StringComparison.OrdinalIgnoreCase) ? token.LastIndexOf(':') : -1;
        string? urn = null;
        if (colon > 0)
        {
            urn = token[..colon].ToString();
            if (colon < "urn:x:y".Length || urn.AsSpan().ContainsAnyExceptInRange('!', '~'))
                throw _in.Error("the schema URN in front of the attribute is not complete.");
            _in.At += colon + 1;
        }

        string attribute = _in.Name();
        ScimFilter? filter = _in.Current == '[' ? Brackets() : null;
        string? subAttribute = null;
        if (_in.Current == '.')
        {
            _in.At++;
            subAttribute = _in.Name();
        }

        return new AttributePath(urn, attribute, filter, subAttribute);
    }

    private ScimFilter Brackets()
    {
        if (_inBrackets)
            throw _in.Error("a value filter cannot hold another one.");
        bool outer = _in.InFilter;
        _in.InFilter = _inBrackets = true;
        _in.At++;
        ScimFilter filter = Disjunction();
        _in.SkipSpace();
        _in.Take(']');
        _in.InFilter = outer;
        _inBrackets = false;
        return filter;
    }
}

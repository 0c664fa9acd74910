using System.Buffers;
using System.Text.Json;

namespace TravelPerkScim.Scim;

/// <summary>Recursive descent over the grammar of RFC 7644 figures 1 and 7. Names are ASCII; keywords have no case.</summary>
internal sealed class ScimParser
{
    /// <summary>Parentheses and brackets deeper than this are refused, so that no input can exhaust the stack.</summary>
    private const int MaxNesting = 64;

    private static readonly SearchValues<char> s_pathEnds = SearchValues.Create(" \t\r\n()[]\"");

    private readonly string _text;
    private int _at;
    private int _depth;
    private bool _inFilter;
    private bool _inBrackets;

    private ScimParser(string text, bool inFilter)
    {
        _text = text;
        _inFilter = inFilter;
    }

    private char Current => _at < _text.Length ? _text[_at] : '\0';

    private bool AtEnd => _at >= _text.Length;

    public static ScimFilter ParseFilter(string text)
    {
        var parser = new ScimParser(text, inFilter: true);
        var filter = parser.Disjunction();
        return parser.AtEnd ? filter : throw parser.Error($"'{parser.Current}' was not expected here; join conditions with 'and' or 'or'.");
    }

    public static AttributePath ParsePath(string text)
    {
        var parser = new ScimParser(text, inFilter: false);
        var path = parser.Path();
        return parser.AtEnd ? path : throw parser.Error($"'{parser.Current}' was not expected here.");
    }

    private ScimFilter Disjunction() => Chain("or", ScimConnective.Or, Conjunction);

    private ScimFilter Conjunction() => Chain("and", ScimConnective.And, Term);

    private ScimFilter Chain(string keyword, ScimConnective connective, Func<ScimFilter> next)
    {
        var terms = new List<ScimFilter> { next() };
        while (TakeKeyword(keyword))
            terms.Add(next());
        return LogicalFilter.Of(connective, terms);
    }

    private ScimFilter Term()
    {
        SkipSpace();
        if (Current == '(')
            return Group();

        var start = _at;
        if (TakeKeyword("not"))
        {
            SkipSpace();
            if (Current == '(')
                return new NotFilter(Group());
            _at = start;
        }

        return Condition();
    }

    private ScimFilter Group()
    {
        if (++_depth > MaxNesting)
            throw Error($"it is nested deeper than {MaxNesting} levels.");
        Take('(');
        var filter = Disjunction();
        SkipSpace();
        Take(')');
        _depth--;
        SkipSpace();
        return filter;
    }

    private ScimFilter Condition()
    {
        var path = Path();
        SkipSpace();
        if (path is { ValueFilter: not null, SubAttribute: null } && (AtEnd || Current == ')' || PeekWord() is "and" or "or"))
            return new ValuePathFilter(path);

        var start = _at;
        var word = Word();
        if (word.Equals("pr", StringComparison.OrdinalIgnoreCase))
        {
            SkipSpace();
            return new PresenceFilter(path);
        }

        if (!ComparisonFilter.TryParseOperator(word, out var comparison))
            throw Error("an operator is missing; use eq, ne, co, sw, ew, gt, ge, lt, le or pr.", start);
        SkipSpace();
        var valueStart = _at;
        var value = Value();
        // RFC 7644 table 3: ordering booleans is an invalidFilter; a substring can only be a string.
        var allowed = comparison is ScimComparison.Equal or ScimComparison.NotEqual || value is string
            || (value is long or double && comparison >= ScimComparison.GreaterThan);
        if (!allowed)
            throw Error($"'{word}' cannot compare with this kind of value.", valueStart);
        SkipSpace();
        return new ComparisonFilter(path, comparison, value);
    }

    private AttributePath Path()
    {
        var start = _at;
        var length = _text.AsSpan(start).IndexOfAny(s_pathEnds);
        var token = length < 0 ? _text.AsSpan(start) : _text.AsSpan(start, length);
        var colon = token.StartsWith("urn:", StringComparison.OrdinalIgnoreCase) ? token.LastIndexOf(':') : -1;
        string? urn = null;
        if (colon > 0)
        {
            urn = token[..colon].ToString();
            if (colon < "urn:x:y".Length || urn.AsSpan().ContainsAnyExceptInRange('!', '~'))
                throw Error("the schema URN in front of the attribute is not complete.");
            _at += colon + 1;
        }

        var attribute = Name();
        var filter = Current == '[' ? Brackets() : null;
        string? subAttribute = null;
        if (Current == '.')
        {
            _at++;
            subAttribute = Name();
        }

        return new AttributePath(urn, attribute, filter, subAttribute);
    }

    private ScimFilter Brackets()
    {
        if (_inBrackets)
            throw Error("a value filter cannot hold another one.");
        var outer = _inFilter;
        _inFilter = _inBrackets = true;
        _at++;
        var filter = Disjunction();
        SkipSpace();
        Take(']');
        _inFilter = outer;
        _inBrackets = false;
        return filter;
    }

    /// <summary>ATTRNAME of RFC 7643 2.1, and <c>$ref</c>.</summary>
    private string Name()
    {
        var start = _at;
        if (Current == '$')
            _at++;
        if (!char.IsAsciiLetter(Current))
            throw Error(AtEnd ? "an attribute name is missing." : $"an attribute name starts with a letter, not with '{Current}'.");
        while (char.IsAsciiLetterOrDigit(Current) || Current is '-' or '_')
            _at++;
        return _text[start.._at];
    }

    private object? Value()
    {
        if (Current == '"')
            return QuotedString();
        var start = _at;
        while (!AtEnd && !char.IsWhiteSpace(Current) && Current is not (')' or ']'))
            _at++;
        var literal = _text[start.._at];
        switch (literal)
        {
            case "true":
                return true;
            case "false":
                return false;
            case "null":
                return null;
        }

        try
        {
            using var number = JsonDocument.Parse(literal);
            if (number.RootElement.ValueKind == JsonValueKind.Number && JsonLookup.Number(literal) is var read and not double.PositiveInfinity and not double.NegativeInfinity)
                return read;
        }
        catch (JsonException)
        {
            // Not a JSON number; said below in the filter's own terms.
        }

        throw Error("a value is missing; write text in double quotes, or true, false, null or a number.", start);
    }

    private string QuotedString()
    {
        var start = _at++;
        while (Current != '"')
        {
            if (AtEnd)
                throw Error("the text that starts here has no closing quote.", start);
            _at += Current == '\\' && _at + 1 < _text.Length ? 2 : 1;
        }

        _at++;
        try
        {
            return JsonSerializer.Deserialize<string>(_text.AsSpan(start, _at - start))!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw Error("the text that starts here is not a JSON string; escape quotes, backslashes and control characters.", start);
        }
    }

    private void SkipSpace()
    {
        while (Current is ' ' or '\t' or '\r' or '\n')
            _at++;
    }

    private string PeekWord()
    {
        var start = _at;
        var word = Word();
        _at = start;
        return word.ToLowerInvariant();
    }

    private string Word()
    {
        var start = _at;
        while (char.IsAsciiLetter(Current))
            _at++;
        return _text[start.._at];
    }

    private bool TakeKeyword(string keyword)
    {
        SkipSpace();
        if (PeekWord() != keyword || (_at + keyword.Length is var end && end < _text.Length && (char.IsAsciiLetterOrDigit(_text[end]) || _text[end] is '.' or '-' or '_' or ':')))
            return false;
        _at += keyword.Length;
        return true;
    }

    private void Take(char expected)
    {
        if (Current != expected)
            throw Error(AtEnd ? $"'{expected}' is missing." : $"'{expected}' was expected, not '{Current}'.");
        _at++;
    }

    private ScimSyntaxException Error(string problem, int? position = null) =>
        new(_inFilter, problem, (position ?? _at) + 1);
}

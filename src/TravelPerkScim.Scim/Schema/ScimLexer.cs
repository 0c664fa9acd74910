using System.Text.Json;

namespace TravelPerkScim.Scim.Schema;

/// <summary>The words, names and values of SCIM's grammar, read one after another from a text.</summary>
internal sealed class ScimLexer(string text)
{
    private static readonly Dictionary<string, object?> s_literals = new(StringComparer.Ordinal)
    {
        ["true"] = true,
        ["false"] = false,
        ["null"] = null,
    };

    /// <summary>Zero-based index of the next character.</summary>
    public int At { get; set; }

    /// <summary>True while a filter is read, false while a path is read. The error says which.</summary>
    public bool InFilter { get; set; }

    /// <summary>The next character, or NUL at the end.</summary>
    public char Current => At < text.Length ? text[At] : '\0';

    public bool AtEnd => At >= text.Length;

    public ReadOnlySpan<char> Rest => text.AsSpan(At);

    /// <summary>ATTRNAME of RFC 7643 2.1, and <c>$ref</c>.</summary>
    public string Name()
    {
        int start = At;
        if (Current == '$')
            At++;
        if (!char.IsAsciiLetter(Current))
            throw Error(AtEnd ? "an attribute name is missing." : $"an attribute name starts with a letter, not with '{Current}'.");
        while (char.IsAsciiLetterOrDigit(Current) || Current is '-' or '_')
            At++;
        return text[start..At];
    }

    public object? Value()
    {
        if (Current == '"')
            return QuotedString();
        int start = At;
        while (!AtEnd && !char.IsWhiteSpace(Current) && Current is not (')' or ']'))
            At++;
        string literal = text[start..At];
        if (s_literals.TryGetValue(literal, out object? known))
            return known;
        return Number(literal) ?? throw Error("a value is missing; write text in double quotes, or true, false, null or a number.", start);
    }

    /// <summary>Null for text that is no number of JSON, or one that is too large.</summary>
    private static object? Number(string literal)
    {
        try
        {
            using var number = JsonDocument.Parse(literal);
            if (number.RootElement.ValueKind != JsonValueKind.Number)
                return null;
        }
        catch (JsonException)
        {
            return null;
        }
        object read = JsonLookup.Number(literal);
        return read is double.PositiveInfinity or double.NegativeInfinity ? null : read;
    }

    private string QuotedString()
    {
        int start = At++;
        while (Current != '"')
        {
            if (AtEnd)
                throw Error("the text that starts here has no closing quote.", start);
            At += Current == '\\' && At + 1 < text.Length ? 2 : 1;
        }

        At++;
        try
        {
            return JsonSerializer.Deserialize<string>(text.AsSpan(start, At - start))!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw Error("the text that starts here is not a JSON string; escape quotes, backslashes and control characters.", start);
        }
    }

    public void SkipSpace()
    {
        while (Current is ' ' or '\t' or '\r' or '\n')
            At++;
    }

    public string PeekWord()
    {
        int start = At;
        string word = Word();
        At = start;
        return word.ToLowerInvariant();
    }

    public string Word()
    {
        int start = At;
        while (char.IsAsciiLetter(Current))
            At++;
        return text[start..At];
    }

    public bool TakeKeyword(string keyword)
    {
        SkipSpace();
        int end = At + keyword.Length;
        bool isLonger = end < text.Length && IsOfName(text[end]);
        if (isLonger || PeekWord() != keyword)
            return false;
        At = end;
        return true;
    }

    private static bool IsOfName(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':';

    public void Take(char expected)
    {
        if (Current != expected)
            throw Error(AtEnd ? $"'{expected}' is missing." : $"'{expected}' was expected, not '{Current}'.");
        At++;
    }

    public ScimSyntaxException Error(string problem, int? position = null) => new(InFilter, problem, (position ?? At) + 1);
}

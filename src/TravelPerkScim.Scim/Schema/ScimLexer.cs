using System.Text.Json;

namespace TravelPerkScim.Scim.Schema;

/// <summary>The words, names and values of SCIM's grammar, read one after another from a text.</summary>
internal sealed class ScimLexer(string text)
{
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
            if (
                number.RootElement.ValueKind == JsonValueKind.Number
                && JsonLookup.Number(literal) is var read and not double.PositiveInfinity and not double.NegativeInfinity
            )
            {
                return read;
            }
        }
        catch (JsonException)
        {
            // Not a JSON number: the error below says so in the words of a filter.
        }

        throw Error("a value is missing; write text in double quotes, or true, false, null or a number.", start);
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
        if (
            PeekWord() != keyword
            || (
                At + keyword.Length is var end
                && end < text.Length
                && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '.' or '-' or '_' or ':')
            )
        )
        {
            return false;
        }
        At += keyword.Length;
        return true;
    }

    public void Take(char expected)
    {
        if (Current != expected)
            throw Error(AtEnd ? $"'{expected}' is missing." : $"'{expected}' was expected, not '{Current}'.");
        At++;
    }

    public ScimSyntaxException Error(string problem, int? position = null) => new(InFilter, problem, (position ?? At) + 1);
}

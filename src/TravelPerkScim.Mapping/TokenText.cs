using System.Text;

namespace TravelPerkScim.Mapping;

/// <summary>How strings and attribute names are written, in expressions and in scoping filters alike.</summary>
internal static class TokenText
{
    /// <summary>Passes over the characters of one kind.</summary>
    public static void Skip(string text, ref int at, Func<char, bool> isOfKind)
    {
        while (at < text.Length && isOfKind(text[at]))
            at++;
    }

    /// <summary>Reads a string in double quotes. A backslash escapes a backslash or a quote; before any other character it is itself, as
    /// people write <c>\d</c> in patterns.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="at">At the opening quote; left behind the closing one.</param>
    /// <param name="error">Makes the error at a position.</param>
    public static string ReadString(string text, ref int at, Func<int, string, MappingException> error)
    {
        int start = at;
        var value = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            char c = text[at];
            if (c == '"')
            {
                at++;
                return value.ToString();
            }

            if (c == '\\' && at + 1 < text.Length && text[at + 1] is '\\' or '"')
                c = text[++at];
            value.Append(c);
        }

        throw Unclosed(start, error);
    }

    /// <summary>Reads a name in brackets, which may hold balanced brackets itself: <c>[businessPhones[0]]</c>.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="at">At the opening bracket; left behind the closing one.</param>
    /// <param name="error">Makes the error at a position.</param>
    public static string ReadAttribute(string text, ref int at, Func<int, string, MappingException> error)
    {
        int start = at,
            depth = 0;
        for (; at < text.Length; at++)
        {
            if (text[at] == '[')
                depth++;
            else if (text[at] == ']' && --depth == 0)
                break;
        }

        if (at == text.Length)
            throw error(start, "the attribute has no closing bracket ]");
        string name = text[(start + 1)..at++].Trim();
        return name.Length > 0 ? name : throw error(start, "the brackets hold no attribute name");
    }

    public static MappingException Unclosed(int start, Func<int, string, MappingException> error) =>
        error(start, "the string has no closing quote");
}

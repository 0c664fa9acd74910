using System.Text;

namespace TravelPerkScim.Mapping;

/// <summary>How strings and attribute names are written, in expressions and in scoping filters alike.</summary>
internal static class TokenText
{
    /// <summary>Reads a string in double quotes. A backslash escapes a backslash or a quote; before any other character it is itself, as
    /// people write <c>\d</c> in patterns.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="at">At the opening quote; left behind the closing one.</param>
    /// <returns>Null when there is no closing quote.</returns>
    public static string? ReadString(string text, ref int at)
    {
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

        return null;
    }

    /// <summary>Reads a name in brackets, which may hold balanced brackets itself: <c>[businessPhones[0]]</c>.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="at">At the opening bracket; left behind the closing one.</param>
    /// <returns>Null when there is no closing bracket; empty when nothing is inside.</returns>
    public static string? ReadAttribute(string text, ref int at)
    {
        int start = at,
            depth = 0;
        for (; at < text.Length; at++)
        {
            if (text[at] == '[')
                depth++;
            else if (text[at] == ']' && --depth == 0)
                return text[(start + 1)..at++].Trim();
        }

        return null;
    }
}

using System.Globalization;
using System.Text;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>Reads distinguished names as RFC 4514 writes them.</summary>
internal static class DistinguishedName
{
    /// <summary>
    /// The values of the components from left to right, such as Joe and Staff for CN=Joe,OU=Staff; null when the text is no
    /// distinguished name.
    /// </summary>
    public static IReadOnlyList<string>? Values(string text)
    {
        var values = new List<string>();
        foreach (string component in Split(text, ",;"))
        {
            int equals = component.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1)
                return null;
            // A component of several pairs, joined by +, is named by its first.
            values.Add(Unescape(Split(component[(equals + 1)..], "+").First()));
        }

        return values;
    }

    /// <summary>The parts between separators that are neither escaped nor quoted.</summary>
    private static IEnumerable<string> Split(string text, string separators)
    {
        int start = 0;
        bool quoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == '"')
            {
                quoted = !quoted;
            }
            else if (!quoted && separators.Contains(text[i], StringComparison.Ordinal))
            {
                yield return text[start..i];
                start = i + 1;
            }
        }

        yield return text[start..];
    }

    private static string Unescape(string written)
    {
        string text = written.TrimStart(' ');
        var bytes = new List<byte>(text.Length);
        int kept = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '"')
                continue;
            bool escaped = text[i] == '\\' && i + 1 < text.Length;
            if (
                escaped
                && i + 2 < text.Length
                && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte octet)
            )
            {
                bytes.Add(octet);
                i += 2;
            }
            else
            {
                int at = escaped ? i + 1 : i;
                int length = char.IsSurrogatePair(text, at) ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(text.Substring(at, length)));
                i = at + length - 1;
            }

            // A blank at the end counts only when it is escaped.
            if (escaped || text[i] != ' ')
                kept = bytes.Count;
        }

        return Encoding.UTF8.GetString([.. bytes[..kept]]);
    }
}

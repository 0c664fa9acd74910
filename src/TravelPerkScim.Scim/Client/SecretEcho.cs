using System.Globalization;
using System.Text;

namespace TravelPerkScim.Scim.Client;

/// <summary>
/// Takes a secret out of a text that came from outside, in the forms in which services and proxies repeat what they got: in any case,
/// percent-encoded, JSON-escaped, in hexadecimal, and within Base64, such as a whole header.
/// </summary>
public static class SecretEcho
{
    private const string Hidden = "***";

    // Fewer letters of Base64 or hexadecimal than this can stand in a text by chance.
    private const int ShortestCode = 8;

    /// <summary>The text without the secrets. Empty secrets are skipped.</summary>
    public static string Hide(string text, params IEnumerable<string> secrets)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(secrets);
        foreach (string secret in secrets.Where(secret => secret.Length > 0))
        {
            // The plain form first: a secret that holds a percent sign is not encoded.
            text = text.Replace(secret, Hidden, StringComparison.OrdinalIgnoreCase);
            foreach (Form form in Forms(secret))
                text = Replace(text, form);
        }

        return text;
    }

    private static IEnumerable<Form> Forms(string secret)
    {
        yield return new Form(secret, IgnoreCase: true, Base64: false);
        byte[] bytes = Encoding.UTF8.GetBytes(secret);
        byte[] wide = Encoding.Unicode.GetBytes(secret);
        string hexadecimal = Convert.ToHexString(bytes);
        if (hexadecimal.Length >= ShortestCode)
        {
            yield return new Form(hexadecimal, IgnoreCase: true, Base64: false);
            yield return new Form(BitConverter.ToString(bytes), IgnoreCase: true, Base64: false);
        }

        IEnumerable<string> codes = Enumerable.Range(0, 3).SelectMany(offset => new[] { Within(bytes, offset), Within(wide, offset) });
        foreach (string code in codes.Where(code => code.Length >= ShortestCode))
        {
            yield return new Form(code, IgnoreCase: false, Base64: true);
            yield return new Form(code.Replace('+', '-').Replace('/', '_'), IgnoreCase: false, Base64: true);
        }
    }

    /// <summary>
    /// The letters that these bytes give in the Base64 of a longer text, when they begin at this offset of a group of three. Letters in
    /// which a neighbouring byte has a part are left out.
    /// </summary>
    private static string Within(byte[] bytes, int offset)
    {
        string code = Convert.ToBase64String([.. new byte[offset], .. bytes]);
        int first = offset == 0 ? 0 : offset + 1;
        int end = (offset + bytes.Length) * 8 / 6;
        return first < end ? code[first..end] : "";
    }

    private static string Replace(string text, Form form)
    {
        StringBuilder? result = null;
        int copied = 0;
        for (int i = 0; i < text.Length; i++)
        {
            int end = form.MatchAt(text, i);
            if (end < 0)
                continue;
            int start = i;
            if (form.Base64)
            {
                // The letters beside the match hold the rest of the secret.
                while (start > copied && IsBase64(text[start - 1]))
                    start--;
                while (end < text.Length && IsBase64(text[end]))
                    end++;
            }

            (result ??= new StringBuilder()).Append(text, copied, start - copied).Append(Hidden);
            copied = end;
            i = end - 1;
        }

        return result is null ? text : result.Append(text, copied, text.Length - copied).ToString();
    }

    private static bool IsBase64(char c) => char.IsAsciiLetterOrDigit(c) || c is '+' or '/' or '-' or '_' or '=' or '%' or '\\';

    /// <param name="Text">The text to look for. Each of its letters may be percent-encoded or JSON-escaped.</param>
    /// <param name="IgnoreCase">Case does not count.</param>
    /// <param name="Base64">The text stands within a longer Base64 text.</param>
    private readonly record struct Form(string Text, bool IgnoreCase, bool Base64)
    {
        /// <summary>Where the form ends that begins here, or -1.</summary>
        public int MatchAt(string text, int at)
        {
            foreach (char c in Text)
            {
                if (at >= text.Length)
                    return -1;
                // The encoded form first, because a percent sign or backslash may be the begin of one.
                int end = Decoded(text, at, c);
                if (end < 0)
                    end = Plain(text, at, c);
                if (end < 0)
                    return -1;
                at = end;
            }

            return at;
        }

        private int Decoded(string text, int at, char expected) =>
            text[at] switch
            {
                '%' => Percent(text, at, expected),
                '\\' => Escaped(text, at, expected),
                _ => -1,
            };

        /// <summary>%41, and %2541, which a proxy makes of %41.</summary>
        private int Percent(string text, int at, char expected)
        {
            for (at++; ; at += 2)
            {
                int end = IsAt(text, at, "2525") ? -1 : Code(text, at, 2, expected);
                if (end > 0)
                    return end;
                if (!IsAt(text, at, "25"))
                    return -1;
            }
        }

        /// <summary>\u0041, \A, and either with more backslashes, as texts within texts have them.</summary>
        private int Escaped(string text, int at, char expected)
        {
            int first = at;
            while (IsAt(text, at, "\\"))
                at++;
            if (expected == '\\')
                return at - first > 1 ? at : -1;
            int end = IsAt(text, at, "u") ? Code(text, at + 1, 4, expected) : -1;
            return end > 0 ? end : Plain(text, at, expected);
        }

        private int Code(string text, int at, int digits, char expected)
        {
            int end = at + digits;
            if (end > text.Length)
                return -1;
            ReadOnlySpan<char> written = text.AsSpan(at, digits);
            bool isCode = ushort.TryParse(written, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code);
            return isCode && Same((char)code, expected) ? end : -1;
        }

        private int Plain(string text, int at, char expected) => at < text.Length && Same(text[at], expected) ? at + 1 : -1;

        private static bool IsAt(string text, int at, string sought) =>
            at <= text.Length && text.AsSpan(at).StartsWith(sought, StringComparison.Ordinal);

        private bool Same(char found, char expected) =>
            found == expected || (IgnoreCase && char.ToUpperInvariant(found) == char.ToUpperInvariant(expected));
    }
}

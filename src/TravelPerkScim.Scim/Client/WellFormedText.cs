using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace TravelPerkScim.Scim.Client;

/// <summary>
/// Mends text that a reader of JSON refuses: bytes that are not UTF-8, and half surrogate pairs, such as an emoji that a length limit cut
/// in two. Each becomes U+FFFD. So one value of one user is wrong, and the answer with all other users can be read.
/// </summary>
internal static class WellFormedText
{
    private const int EscapeLength = 6;

    public static ReadOnlySpan<byte> Mend(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
            json = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json));
        // Nearly every answer ends here: surrogates are the only escapes that begin like this.
        return json.IndexOf("\\ud"u8) < 0 && json.IndexOf("\\uD"u8) < 0 ? json : MendEscapes(json);
    }

    private static byte[] MendEscapes(ReadOnlySpan<byte> json)
    {
        byte[] mended = json.ToArray();
        for (int at = json.IndexOf((byte)'\\'); at >= 0 && at + 1 < mended.Length; at = Next(mended, at))
        {
            if (SurrogateAt(mended, at) is not { } half)
            {
                // An escaped backslash does not begin another escape.
                at += 2;
                continue;
            }
            bool whole = char.IsHighSurrogate(half) && SurrogateAt(mended, at + EscapeLength) is { } other && char.IsLowSurrogate(other);
            if (!whole)
                "\\ufffd"u8.CopyTo(mended.AsSpan(at));
            at += whole ? 2 * EscapeLength : EscapeLength;
        }
        return mended;
    }

    private static int Next(byte[] json, int from) =>
        from < json.Length && json.AsSpan(from).IndexOf((byte)'\\') is var next and >= 0 ? from + next : -1;

    private static char? SurrogateAt(byte[] json, int at)
    {
        if (at + EscapeLength > json.Length || !json.AsSpan(at).StartsWith("\\u"u8))
            return null;
        bool isCode = Utf8Parser.TryParse(json.AsSpan(at + 2, 4), out ushort code, out int read, 'x') && read == 4;
        return isCode && char.IsSurrogate((char)code) ? (char)code : null;
    }
}

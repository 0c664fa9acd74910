using System.Buffers;
using TravelPerkScim.Sandbox.Protocol;

namespace TravelPerkScim.Sandbox.Behaviors;

/// <summary>
/// Cuts texts in the middle of a character, as services do that count units or bytes. It works on the bytes of the answer, because no JSON
/// writer writes half a character.
/// </summary>
internal abstract class CutText : Behavior
{
    public override SandboxResponse AfterHandling(SandboxRequest request, SandboxResponse response)
    {
        if (response.ContentType != SandboxResponse.ScimMediaType || response.Body.IsEmpty)
            return response;
        byte[] cut = Cut(response.Body.Span);
        if (cut.Length == response.Length)
            return response;
        Hit();
        return response with { Body = cut };
    }

    /// <summary>What is left of a character that begins here, when the text is cut in it; null when it is not.</summary>
    protected abstract byte[]? HalfOf(ReadOnlySpan<byte> rest);

    private byte[] Cut(ReadOnlySpan<byte> body)
    {
        ArrayBufferWriter<byte> kept = new(body.Length);
        bool inText = false,
            skipping = false;
        for (int i = 0; i < body.Length; i++)
        {
            ReadOnlySpan<byte> rest = body[i..];
            int length = inText && rest[0] == '\\' ? 2 : 1;
            if (rest[0] == '"')
            {
                inText = !inText;
                skipping = false;
            }
            else if (inText && !skipping && HalfOf(rest) is { } half)
            {
                kept.Write(half);
                skipping = true;
            }
            if (!skipping)
                kept.Write(rest[..length]);
            i += length - 1;
        }
        return kept.WrittenSpan.ToArray();
    }
}

internal sealed class TextCutInSurrogatePair : CutText
{
    // JSON writes such a character as two escapes, each of a backslash, a u and four digits; the first begins with d8 to db.
    protected override byte[]? HalfOf(ReadOnlySpan<byte> rest)
    {
        if (rest.Length <= 6 || !rest.StartsWith("\\u"u8))
            return null;
        bool high = (rest[2] | 0x20) == 'd' && (char)(rest[3] | 0x20) is '8' or '9' or 'a' or 'b';
        return high ? rest[..6].ToArray() : null;
    }
}

internal sealed class TextCutInUtf8Sequence : CutText
{
    private const byte FirstLead = 0xC2;

    protected override byte[]? HalfOf(ReadOnlySpan<byte> rest)
    {
        if (rest[0] < FirstLead)
            return null;
        int length = rest[0] switch
        {
            >= 0xF0 => 4,
            >= 0xE0 => 3,
            _ => 2,
        };
        return rest[..(length - 1)].ToArray();
    }
}

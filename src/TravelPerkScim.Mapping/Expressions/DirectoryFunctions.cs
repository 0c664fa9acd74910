using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>What Active Directory keeps: distinguished names, references, security identifiers.</summary>
internal static class DirectoryFunctions
{
    private const int SidHeader = 8;

    public static ExpressionFunction[] All { get; } =
    [
        new("CRef(value)", "The text as a reference.", call => call.OfText(0, (anchor, _) => new SourceReference(anchor))),
        new("DNComponent(dn, componentNumber)", "A component of a distinguished name, 1 being the leftmost, or null.", Component),
        // Microsoft's list writes the one name, the description below it the other.
        new("StringFromSID(objectSID)", "A binary security identifier, in Base64, as S-1-5-21-...", Sid),
        new("StringFromSid(objectSID)", "A binary security identifier, in Base64, as S-1-5-21-...", Sid),
    ];

    private static Evaluator Component(FunctionCall call)
    {
        Func<SourceObject, string?> name = call.Text(0);
        Func<SourceObject, long?> number = call.Integer(1);
        return source =>
        {
            string? text = name(source);
            if (string.IsNullOrEmpty(text) || number(source) is not { } at)
                return null;
            if (at < 1)
                throw call.Wrong(1, "must be 1 or more", at, "WrongArgumentValue");
            IReadOnlyList<string> values =
                DistinguishedName.Values(text)
                ?? throw call.Wrong(0, "must be a distinguished name such as CN=Joe,OU=Staff", text, "WrongArgumentValue");
            return at <= values.Count ? values[(int)at - 1] : null;
        };
    }

    private static Evaluator Sid(FunctionCall call)
    {
        Func<SourceObject, string?> identifier = call.Text(0);
        return source =>
        {
            string? text = identifier(source);
            if (string.IsNullOrEmpty(text) || text.StartsWith("S-1-", StringComparison.OrdinalIgnoreCase))
                return text;
            return FromBytes(text) ?? throw call.Wrong(0, "must be a security identifier in Base64", text, "WrongArgumentValue");
        };
    }

    /// <summary>Revision, count of sub-authorities, a 48-bit authority, and the sub-authorities (MS-DTYP 2.4.2.2).</summary>
    private static string? FromBytes(string base64)
    {
        byte[] bytes = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, bytes, out int length) || length < SidHeader)
            return null;
        int subAuthorities = bytes[1];
        if (length != SidHeader + 4 * subAuthorities)
            return null;
        long authority = BinaryPrimitives.ReadInt64BigEndian(bytes) & 0xFFFF_FFFF_FFFF;
        StringBuilder text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"S-{bytes[0]}-{authority}");
        for (int at = SidHeader; at < length; at += 4)
            text.Append(CultureInfo.InvariantCulture, $"-{BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at))}");
        return text.ToString();
    }
}

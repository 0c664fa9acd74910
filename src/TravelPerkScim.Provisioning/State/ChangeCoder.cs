using System.Text;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.State;

/// <summary>Modified properties of a log entry as bytes. Attribute names are numbers. A value that the entry has elsewhere or that is
/// common (userName, source id, True, [Redact]) is one byte.</summary>
internal static class ChangeCoder
{
    private enum Kind : byte
    {
        None,
        Text,
        Identity,
        Anchor,
        True,
        False,
        Redacted,
    }

    public static byte[]? Write(ProvisioningOutcome entry, Func<string, long> number)
    {
        if (entry.ModifiedProperties.Count == 0)
            return null;
        using var stream = new MemoryStream(128);
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        foreach (AttributeChange change in entry.ModifiedProperties)
        {
            writer.Write7BitEncodedInt64(number(change.Attribute));
            Kind before = KindOf(change.OldValue, entry),
                after = KindOf(change.NewValue, entry);
            writer.Write((byte)((int)before | ((int)after << 4)));
            if (before == Kind.Text)
                writer.Write(change.OldValue!);
            if (after == Kind.Text)
                writer.Write(change.NewValue!);
        }
        writer.Flush();
        return stream.ToArray();
    }

    public static IReadOnlyList<AttributeChange> Read(byte[] bytes, ProvisioningOutcome entry, IReadOnlyDictionary<long, string> words)
    {
        var changes = new List<AttributeChange>();
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        while (reader.BaseStream.Position < bytes.Length)
        {
            string attribute = words.TryGetValue(reader.Read7BitEncodedInt64(), out string? name) ? name[1..] : "?";
            byte kinds = reader.ReadByte();
            string? before = Value((Kind)(kinds & 15), reader, entry);
            changes.Add(new AttributeChange(attribute, before, Value((Kind)(kinds >> 4), reader, entry)));
        }
        return changes;
    }

    private static Kind KindOf(string? value, ProvisioningOutcome entry) =>
        value switch
        {
            null => Kind.None,
            "True" => Kind.True,
            "False" => Kind.False,
            AttributeChange.RedactedText => Kind.Redacted,
            _ when value == entry.Identity => Kind.Identity,
            _ when value == entry.SourceId => Kind.Anchor,
            _ => Kind.Text,
        };

    private static string? Value(Kind kind, BinaryReader reader, ProvisioningOutcome entry) =>
        kind switch
        {
            Kind.None => null,
            Kind.Text => reader.ReadString(),
            Kind.Identity => entry.Identity,
            Kind.Anchor => entry.SourceId,
            Kind.True => "True",
            Kind.False => "False",
            Kind.Redacted => AttributeChange.RedactedText,
            _ => throw new FormatException("A change in the log is of an unknown kind."),
        };
}

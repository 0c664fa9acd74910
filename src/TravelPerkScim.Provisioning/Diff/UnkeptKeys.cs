using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Diff;

/// <summary>Makes the keys of <see cref="UnkeptValue"/>. Values that are equal by meaning have equal keys, and a key shows no
/// value.</summary>
internal sealed class UnkeptKeys(byte[] salt)
{
    public ulong Of(TargetAttribute attribute, object? sent, object? shown)
    {
        string text = string.Join(
            '\0',
            attribute.Flow.TargetName,
            AttributeDiff.ComparedText(attribute, sent),
            AttributeDiff.ComparedText(attribute, shown)
        );
        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(text)]));
    }
}

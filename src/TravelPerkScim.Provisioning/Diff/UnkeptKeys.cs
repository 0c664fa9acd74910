using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.Provisioning.Diff;

/// <summary>The keys of <see cref="UnkeptValue"/>: equal for values that are equal by meaning, and nothing to read.</summary>
internal sealed class UnkeptKeys(byte[] salt)
{
    public ulong Of(TargetAttribute attribute, object? sent, object? shown)
    {
        string text = string.Join(
            '\0',
            attribute.Flow.TargetName,
            AttributeDiff.Reduced(attribute, sent),
            AttributeDiff.Reduced(attribute, shown)
        );
        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(text)]));
    }
}

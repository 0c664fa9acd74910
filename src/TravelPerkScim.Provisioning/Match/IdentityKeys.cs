using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TravelPerkScim.Provisioning.Map;

namespace TravelPerkScim.Provisioning.Match;

/// <summary>
/// Keyed hashes of the values that tell users apart (the matching attributes and externalId), 8 bytes each: enough to find a user again in the target, and nothing to read.
/// </summary>
internal sealed class IdentityKeys(TargetShape shape, byte[] salt)
{
    public const int Size = 8;

    private readonly TargetAttribute[] _attributes = [.. shape.Matching.Concat(shape.Attributes.Where(a => a.IsCore("externalId"))).Distinct()];

    /// <summary>Place of externalId in the keys; -1 when it is not mapped.</summary>
    public int ExternalId => Array.FindIndex(_attributes, a => a.IsCore("externalId"));

    public int Count => _attributes.Length;

    /// <summary>One key per attribute; zeros where there is no value.</summary>
    public byte[] Of(object?[] values)
    {
        byte[] keys = new byte[_attributes.Length * Size];
        for (int i = 0; i < _attributes.Length; i++)
        {
            if (MatchKey.Of(_attributes[i], values[_attributes[i].Slot]) is not { } key)
                continue;
            SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes($"{_attributes[i].Flow.TargetName}\n{key}")]).AsSpan(0, Size).CopyTo(keys.AsSpan(i * Size));
        }
        return keys;
    }

    /// <summary>The key at a place; 0 when there is none.</summary>
    public static ulong At(byte[] keys, int place) => place >= 0 && (place + 1) * Size <= keys.Length ? BinaryPrimitives.ReadUInt64LittleEndian(keys.AsSpan(place * Size)) : 0;
}

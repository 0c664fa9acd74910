using System.Buffers.Binary;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>The identity keys of a user as the state holds them: one after the other, zeros where there is no value. The room Match makes
/// them (IdentityKeys).</summary>
internal static class StoredKeys
{
    /// <summary>Bytes of a key.</summary>
    public const int Size = 6;

    /// <summary>At least one key stands for a value.</summary>
    public static bool Any(byte[] keys) => keys.AsSpan().ContainsAnyExcept((byte)0);

    /// <summary>The two users have a key in common. The place does not matter, because the attribute is part of what a key
    /// hashes.</summary>
    public static bool Share(byte[] some, byte[] others)
    {
        for (int i = 0; i < some.Length / Size; i++)
        {
            if (At(some, i) is not 0 and var key && Contains(others, key))
                return true;
        }
        return false;
    }

    /// <summary>The keys contain this key.</summary>
    public static bool Contains(byte[] keys, ulong key)
    {
        for (int i = 0; i < keys.Length / Size; i++)
        {
            if (At(keys, i) == key)
                return true;
        }
        return false;
    }

    /// <summary>The keys contain all of the wanted keys.</summary>
    public static bool ContainsAll(byte[] keys, byte[] wanted)
    {
        for (int i = 0; i < wanted.Length / Size; i++)
        {
            if (At(wanted, i) is not 0 and var key && !Contains(keys, key))
                return false;
        }
        return true;
    }

    /// <summary>The key at a place; 0 when there is none.</summary>
    public static ulong At(byte[] keys, int place)
    {
        if (place < 0 || (place + 1) * Size > keys.Length)
            return 0;
        Span<byte> key = stackalloc byte[sizeof(ulong)];
        key.Clear();
        keys.AsSpan(place * Size, Size).CopyTo(key);
        return BinaryPrimitives.ReadUInt64LittleEndian(key);
    }
}

using System.Buffers.Binary;
using System.Data.Common;

namespace TravelPerkScim.Provisioning.State;

/// <summary>How the state writes hashes and times.</summary>
internal static class StateValue
{
    public static byte[] Hash(ulong hash)
    {
        byte[] bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, hash);
        return bytes;
    }

    // A state of an earlier version has 16 bytes, of which these are the first.
    public static ulong Hash(DbDataReader row, int column) => BinaryPrimitives.ReadUInt64LittleEndian((byte[])row.GetValue(column));

    public static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    public static object OrNull(object? value) => value ?? DBNull.Value;
}

using System.Buffers.Binary;
using Microsoft.Data.Sqlite;

namespace TravelPerkScim.Provisioning.State;

/// <summary>How the state writes anchors, hashes and times.</summary>
internal static class StateValue
{
    // Entra object ids are GUIDs: 16 bytes instead of 36.
    public static object Anchor(string anchor) =>
        Guid.TryParseExact(anchor, "D", out Guid guid) && string.Equals(guid.ToString("D"), anchor, StringComparison.Ordinal)
            ? guid.ToByteArray()
            : anchor;

    public static string Anchor(SqliteDataReader row, int column) =>
        row.GetValue(column) is byte[] bytes ? new Guid(bytes).ToString("D") : row.GetString(column);

    public static byte[] Hash(ulong hash)
    {
        byte[] bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, hash);
        return bytes;
    }

    // A state of an earlier version has 16 bytes, of which these are the first.
    public static ulong Hash(SqliteDataReader row, int column) => BinaryPrimitives.ReadUInt64LittleEndian((byte[])row.GetValue(column));

    public static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    public static object OrNull(object? value) => value ?? DBNull.Value;
}

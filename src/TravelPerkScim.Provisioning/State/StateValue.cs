using System.Buffers.Binary;
using System.Data.Common;
using System.Text;

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

    /// <summary>The text as every store can keep it: without the character 0, and without halves of surrogate pairs.</summary>
    public static string InEveryStore(string text) =>
        text.Contains('\0', StringComparison.Ordinal) || text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') >= 0
            ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD')
            : text;
}

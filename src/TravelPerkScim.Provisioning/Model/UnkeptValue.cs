using System.Buffers.Binary;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>Hash of a value that was written and that TravelPerk does not show. The state holds no values.</summary>
/// <param name="Key">Keyed hash of the attribute, the value that was sent and the one that is shown in its place.</param>
/// <param name="Sure">True when the answer showed that the value was not kept. False when the answer showed nothing: the next read
/// decides.</param>
/// <param name="Written">The day of the write, UTC.</param>
internal readonly record struct UnkeptValue(ulong Key, bool Sure, DateOnly Written)
{
    private const int Size = sizeof(ulong) + sizeof(int);

    /// <summary>The values as one blob of the state: for each the key and the day. A negative day marks a value that is not sure.</summary>
    public static byte[] Write(IReadOnlyCollection<UnkeptValue> values)
    {
        byte[] bytes = new byte[values.Count * Size];
        int at = 0;
        foreach (UnkeptValue value in values)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), value.Key);
            BinaryPrimitives.WriteInt32LittleEndian(
                bytes.AsSpan(at + sizeof(ulong)),
                value.Sure ? value.Written.DayNumber : -value.Written.DayNumber
            );
            at += Size;
        }
        return bytes;
    }

    public static IEnumerable<UnkeptValue> Read(byte[] bytes)
    {
        for (int at = 0; at + Size <= bytes.Length; at += Size)
        {
            int day = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + sizeof(ulong)));
            yield return new UnkeptValue(
                BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at)),
                day > 0,
                DateOnly.FromDayNumber(Math.Abs(day))
            );
        }
    }
}

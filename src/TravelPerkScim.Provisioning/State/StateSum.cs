using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace TravelPerkScim.Provisioning.State;

/// <summary>How many rows a table has, and a checksum of them. The order of the rows does not count, because each store has its
/// own.</summary>
/// <param name="Rows">The number of rows.</param>
/// <param name="Checksum">The sum of the rows' digests.</param>
internal readonly record struct StateSum(long Rows, UInt128 Checksum)
{
    private const byte Nothing = 0,
        Number = 1,
        Text = 2,
        Bytes = 3;

    /// <summary>The sum of a table as the store has it.</summary>
    public static StateSum Of(StateTable table, StateDatabase state, CancellationToken cancellationToken = default)
    {
        StateSum sum = default;
        foreach (object?[] values in table.Read(state))
        {
            cancellationToken.ThrowIfCancellationRequested();
            sum = sum.With(values);
        }
        return sum;
    }

    /// <summary>The sum with one more row.</summary>
    public StateSum With(object?[] values)
    {
        using var row = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (object? value in values)
            Add(row, value);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        row.GetHashAndReset(digest);
        return new StateSum(Rows + 1, unchecked(Checksum + BinaryPrimitives.ReadUInt128LittleEndian(digest)));
    }

    // Kind and length stand before each value, so that two different rows are never the same bytes.
    private static void Add(IncrementalHash row, object? value)
    {
        (byte kind, byte[] bytes) = value switch
        {
            null => (Nothing, []),
            long number => (Number, BitConverter.GetBytes(number)),
            string text => (Text, Encoding.UTF8.GetBytes(text)),
            _ => (Bytes, (byte[])value),
        };
        Span<byte> head = stackalloc byte[1 + sizeof(int)];
        head[0] = kind;
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], bytes.Length);
        row.AppendData(head);
        row.AppendData(bytes);
    }
}

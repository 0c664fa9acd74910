using System.Buffers;
using System.Buffers.Binary;
using System.Collections;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TravelPerkScim.Mapping;

namespace TravelPerkScim.Provisioning.Map;

/// <summary>
/// Reduces a desired user to 16 bytes, so that state can tell a change without keeping attribute values.
/// Keyed by the job's random salt: equal values of two jobs do not show as equal. Not thread-safe.
/// </summary>
internal sealed class DesiredHasher(TargetShape shape, byte[] salt)
{
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);

    // The attribute names are part of it: the same value under another name is another state.
    private readonly byte[] _prefix = [.. salt, .. Encoding.UTF8.GetBytes(string.Join('\n', shape.Attributes.Where(a => a.FlowsOnUpdate).Select(a => a.Flow.TargetName)))];

    /// <param name="values">The mapped values.</param>
    /// <param name="resolve">Target id of a source anchor, or null while it has none.</param>
    public UInt128 Hash(ReadOnlySpan<object?> values, Func<string, string?> resolve)
    {
        _buffer.ResetWrittenCount();
        _buffer.Write(_prefix);
        foreach (TargetAttribute attribute in shape.Attributes)
        {
            if (attribute.FlowsOnUpdate)
                Append(values[attribute.Slot], resolve);
        }
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_buffer.WrittenSpan, digest);
        return BinaryPrimitives.ReadUInt128LittleEndian(digest);
    }

    private void Append(object? value, Func<string, string?> resolve)
    {
        switch (value)
        {
            case null: Tag('n'); break;
            case IgnoredFlow: Tag('i'); break;
            case bool b: Tag(b ? 't' : 'f'); break;
            case string s: Tag('s'); Text(s); break;
            case SourceReference r:
                string? id = resolve(r.Anchor);
                Tag(id is null ? 'u' : 'r');
                if (id is not null)
                    Text(id);
                break;
            case IEnumerable list:
                Tag('[');
                foreach (object? item in list)
                    Append(item, resolve);
                Tag(']');
                break;
            default: Tag('v'); Text(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""); break;
        }
    }

    private void Tag(char c)
    {
        Span<byte> span = _buffer.GetSpan(1);
        span[0] = (byte)c;
        _buffer.Advance(1);
    }

    // Length first: "ab","c" and "a","bc" must differ.
    private void Text(string text)
    {
        Span<byte> length = _buffer.GetSpan(4);
        BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
        _buffer.Advance(4);
        Encoding.UTF8.GetBytes(text, _buffer);
    }
}

using System.Buffers.Binary;
using System.Collections;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Source;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.Provisioning.Map;

/// <summary>
/// Reduces a desired user to 8 bytes, so that state can tell a change without keeping attribute values.
/// Keyed by the job's random salt: equal values of two jobs do not show as equal. Not thread-safe.
/// </summary>
internal sealed class DesiredHasher(BoundMapping bound, byte[] salt)
{
    // The attribute names are part of it: the same value under another name is another state. They are reduced once, because this runs for
    // every user of every cycle.
    private readonly byte[] _prefix = SHA256.HashData([
        .. salt,
        .. Encoding.UTF8.GetBytes(string.Join('\n', bound.Attributes.Where(a => a.FlowsOnUpdate).Select(Named))),
    ]);

    private readonly TargetAttribute[] _attributes = [.. bound.Attributes.Where(a => a.FlowsOnUpdate)];
    private byte[] _buffer = new byte[1024];
    private int _length;

    /// <param name="values">The mapped values.</param>
    /// <param name="resolve">Target id of a source anchor, or null while it has none.</param>
    public ulong Hash(ReadOnlySpan<object?> values, Func<string, string?> resolve)
    {
        _length = 0;
        _prefix.CopyTo(Reserve(_prefix.Length));
        _length += _prefix.Length;
        foreach (TargetAttribute attribute in _attributes)
            Append(values[attribute.Slot], resolve);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_buffer.AsSpan(0, _length), digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }

    // Where null begins to flow, or case begins to count, the same value has another outcome: the target has to be looked at once more.
    private static string Named(TargetAttribute attribute)
    {
        string how = attribute.Flow.FlowNullValues ? "|null" : "";
        if (attribute.Flow.FlowType != AttributeFlowType.Always)
            how += $"|{attribute.Flow.FlowType}";
        if (attribute.Definition.CaseExact != (TravelPerkSchema.Find(attribute.Path)?.CaseExact ?? false))
            how += attribute.Definition.CaseExact ? "|case" : "|any case";
        return attribute.Flow.TargetName + how;
    }

    private void Append(object? value, Func<string, string?> resolve)
    {
        switch (value)
        {
            case null:
                Tag('n');
                break;
            case IgnoredFlow ignored:
                // Whether the source has no value or does not say is known only when a file was read to its end, and by then users are
                // compared.
                Tag(ReferenceEquals(ignored, IgnoredFlow.NotGiven) ? 'n' : 'i');
                break;
            case bool b:
                Tag(b ? 't' : 'f');
                break;
            case string s:
                Tag('s');
                Text(s);
                break;
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
            default:
                Tag('v');
                Text(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
                break;
        }
    }

    private void Tag(char c)
    {
        Reserve(1)[0] = (byte)c;
        _length++;
    }

    // Length first: "ab","c" and "a","bc" must differ.
    private void Text(string text)
    {
        Span<byte> space = Reserve(sizeof(int) + Encoding.UTF8.GetMaxByteCount(text.Length));
        BinaryPrimitives.WriteInt32LittleEndian(space, text.Length);
        _length += sizeof(int) + Encoding.UTF8.GetBytes(text, space[sizeof(int)..]);
    }

    private Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _length < count)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
        return _buffer.AsSpan(_length);
    }
}

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
/// Makes an 8-byte hash of a desired user, so that the state can tell a change without keeping attribute values. The hash is keyed by the
/// job's random salt, so that equal values of two jobs do not show as equal. Not thread-safe.
/// </summary>
internal sealed class DesiredHasher(BoundMapping bound, byte[] salt)
{
    // The hash covers the attribute names, because the same value under another name is another state. The names are hashed once, because
    // the class runs for every user of every cycle.
    private readonly byte[] _prefix = SHA256.HashData([
        .. salt,
        .. Encoding.UTF8.GetBytes(string.Join('\n', bound.Updating.Select(Named))),
    ]);

    // An array is walked without an allocation.
    private readonly TargetAttribute[] _attributes = [.. bound.Updating];
    private byte[] _buffer = new byte[1024];
    private int _length;

    /// <param name="values">The mapped values.</param>
    /// <param name="resolve">Gives the target id of a source anchor, or null while it has none.</param>
    public ulong Hash(ReadOnlySpan<object?> values, Func<string, string?> resolve)
    {
        _prefix.CopyTo(_buffer, 0);
        _length = _prefix.Length;
        foreach (TargetAttribute attribute in _attributes)
            Append(values[attribute.Slot], resolve);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_buffer.AsSpan(0, _length), digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }

    // Where null begins to flow, or case begins to count, the same value has another outcome. The hash must then differ, so that the user
    // is compared with the target again.
    private static string Named(TargetAttribute attribute)
    {
        string how = attribute.Flow.FlowNullValues ? "|null" : "";
        if (attribute.Flow.FlowType != AttributeFlowType.Always)
            how += $"|{attribute.Flow.FlowType}";
        if (attribute.Definition.CaseExact != TravelPerkSchema.Find(attribute.Path) is { CaseExact: true })
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
            case string s:
                Text('s', s);
                break;
            case IgnoredFlow ignored:
                // Only the end of a file tells whether the source has no value or does not give the attribute. Users are hashed before
                // that.
                Tag(ReferenceEquals(ignored, IgnoredFlow.NotGiven) ? 'n' : 'i');
                break;
            case bool b:
                Tag(b ? 't' : 'f');
                break;
            case SourceReference r when resolve(r.Anchor) is { } id:
                Text('r', id);
                break;
            case SourceReference:
                Tag('u');
                break;
            case IEnumerable list:
                Tag('[');
                foreach (object? item in list)
                    Append(item, resolve);
                Tag(']');
                break;
            default:
                Text('v', Convert.ToString(value, CultureInfo.InvariantCulture)!);
                break;
        }
    }

    private void Tag(char tag)
    {
        Reserve(1);
        _buffer[_length++] = (byte)tag;
    }

    // The length comes before the text, because "ab","c" and "a","bc" must differ.
    private void Text(char tag, string text)
    {
        Reserve(1 + sizeof(int) + Encoding.UTF8.GetMaxByteCount(text.Length));
        _buffer[_length++] = (byte)tag;
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(_length), text.Length);
        _length += sizeof(int);
        _length += Encoding.UTF8.GetBytes(text, 0, text.Length, _buffer, _length);
    }

    private void Reserve(int count)
    {
        if (_buffer.Length - _length < count)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
    }
}

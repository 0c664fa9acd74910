using System.Text.Json;

namespace TravelPerkScim.Provisioning.Disk;

/// <summary>Refuses JSON in which an object has one name twice. A reviewer would read the first value, and a parser takes the
/// last.</summary>
internal static class DoubledNames
{
    /// <param name="json">UTF-8, without a byte order mark.</param>
    /// <param name="options">How the JSON is read; by default strictly (RFC 8259).</param>
    /// <exception cref="JsonException">A name is there twice, whatever its case, or the text is not JSON.</exception>
    public static void Refuse(ReadOnlySpan<byte> json, JsonReaderOptions options = default)
    {
        var reader = new Utf8JsonReader(json, options);
        var open = new Stack<HashSet<string>>();
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                open.Push(new HashSet<string>(StringComparer.OrdinalIgnoreCase));
            }
            else if (reader.TokenType == JsonTokenType.EndObject)
            {
                open.Pop();
            }
            else if (reader.TokenType == JsonTokenType.PropertyName && !open.Peek().Add(Name(ref reader)))
            {
                throw new JsonException(
                    $"The name '{reader.GetString()}' is there twice.",
                    null,
                    LineOf(json, reader.TokenStartIndex),
                    null
                );
            }
        }
    }

    private static string Name(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("A name is not text.", e);
        }
    }

    private static long LineOf(ReadOnlySpan<byte> json, long position) => json[..(int)position].Count((byte)'\n');
}

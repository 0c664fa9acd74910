using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TravelPerkScim.Scim.Client;

/// <summary>Reads an answer's body within a bound and as JSON.</summary>
internal static class ResponseReader
{
    private const int ChunkSize = 16 * 1024;

    private static ReadOnlySpan<byte> Bom => [0xEF, 0xBB, 0xBF];

    /// <summary>The whole body, or null when it is longer than <paramref name="limit"/> bytes. Then reading stops at the limit.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpContent content, long limit, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > limit)
            return null;
        Stream stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            // An announced length is believed up to a chunk: the body may be compressed, or the length wrong.
            using var buffer = new MemoryStream((int)Math.Min(content.Headers.ContentLength ?? 0, ChunkSize));
            byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkSize);
            int most = 0;
            try
            {
                int read;
                while ((read = await stream.ReadAsync(chunk, cancellationToken).ConfigureAwait(false)) > 0)
                {
                    most = Math.Max(most, read);
                    if (buffer.Length + read > limit)
                        return null;
                    buffer.Write(chunk, 0, read);
                }
            }
            finally
            {
                // Bodies hold personal data, which the next renter has no business with. An answer fills a small part of the chunk.
                chunk.AsSpan(0, most).Clear();
                ArrayPool<byte>.Shared.Return(chunk);
            }

            return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        }
    }

    /// <summary>What a body is: JSON, nothing, JSON that stops too early, or something else.</summary>
    public static BodyKind Parse(ReadOnlySpan<byte> body, out JsonNode? json)
    {
        json = null;
        body = WellFormedText.Mend(body.StartsWith(Bom) ? body[Bom.Length..] : body);
        if (body.TrimStart(" \t\r\n"u8).IsEmpty)
            return BodyKind.Empty;
        try
        {
            json = ReadWhole(body);
            return BodyKind.Json;
        }
        catch (JsonException)
        {
            return IsPrefixOfJson(body) ? BodyKind.Truncated : BodyKind.Other;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException)
        {
            json = null;
            return BodyKind.Other;
        }
    }

    /// <summary>True for the media types of SCIM, plain and problem JSON, and when none is given.</summary>
    public static bool IsJson(HttpContent content) =>
        content.Headers.ContentType?.MediaType is not { } type || type.Contains("json", StringComparison.OrdinalIgnoreCase);

    /// <summary>A page made for people: a login form, a proxy's notice.</summary>
    public static bool IsHtml(HttpContent content, ReadOnlySpan<byte> body) =>
        content.Headers.ContentType?.MediaType is { } type && type.Contains("html", StringComparison.OrdinalIgnoreCase)
        || body.TrimStart(" \t\r\n"u8).StartsWith("<"u8);

    // Built at once, where JsonNode.Parse builds on first use. So duplicate names are noticed, and threads can share the nodes.
    private static JsonNode? ReadWhole(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        reader.Read();
        JsonNode? whole = ReadNode(ref reader);
        // Nothing may follow.
        reader.Read();
        return whole;
    }

    private static JsonNode? ReadNode(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var complex = new JsonObject();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    string name = reader.GetString()!;
                    reader.Read();
                    complex.Add(name, ReadNode(ref reader));
                }

                return complex;
            case JsonTokenType.StartArray:
                var array = new JsonArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    array.Add(ReadNode(ref reader));
                return array;
            case JsonTokenType.String:
                return JsonValue.Create(reader.GetString());
            case JsonTokenType.True or JsonTokenType.False:
                return JsonValue.Create(reader.GetBoolean());
            case JsonTokenType.Null:
                return null;
            default:
                // A number stays as it was written.
                return JsonValue.Create(JsonElement.ParseValue(ref reader));
        }
    }

    private static bool IsPrefixOfJson(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, isFinalBlock: false, default);
        try
        {
            while (reader.Read()) { }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

internal enum BodyKind
{
    Empty,
    Json,
    Truncated,
    Other,
}

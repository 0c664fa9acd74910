using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using TravelPerkScim.Provisioning.Disk;
using TravelPerkScim.Scim;

namespace TravelPerkScim.Provisioning.Review;

/// <summary>The JSON of plan files. Unknown names are refused. Equal content has one canonical form, whatever program wrote it.</summary>
internal static class PlanJson
{
    /// <summary>The forms in which PowerShell's ConvertTo-Json writes moments.</summary>
    private static readonly string[] s_moments = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];

    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(allowIntegerValues: false) },
    };

    private static readonly JsonSerializerOptions s_compact = new(Options) { WriteIndented = false };

    /// <summary>Reads a plan in UTF-8, or in UTF-16 or UTF-32 with a byte order mark.</summary>
    /// <exception cref="JsonException">The JSON is no plan, or has a name twice in one object: a reviewer may have read the other
    /// value.</exception>
    public static PlanDocument? Read(byte[] content)
    {
        using var reader = new StreamReader(new MemoryStream(content), Encoding.UTF8, detectEncodingFromByteOrderMarks: true);
        byte[] json = Encoding.UTF8.GetBytes(reader.ReadToEnd());
        DoubledNames.Refuse(json);
        return JsonSerializer.Deserialize<PlanDocument>(json, Options);
    }

    /// <summary>Writes a plan in UTF-8, with hidden characters written out.</summary>
    public static void Write(Stream stream, PlanDocument document)
    {
        using var writer = new StreamWriter(stream, leaveOpen: true);
        writer.Write(ShownText.OfJson(JsonSerializer.Serialize(document, Options)));
    }

    /// <summary>The canonical bytes of a value, equal for equal content. Moments are equal whatever their offsets.</summary>
    public static byte[] Canonical(object value)
    {
        JsonNode node = JsonSerializer.SerializeToNode(value, s_compact)!;
        return JsonSerializer.SerializeToUtf8Bytes(InUtc(node) ?? node, s_compact);
    }

    // The new text of a node that is a moment; null when the node stays.
    private static JsonValue? InUtc(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                foreach ((string name, JsonNode? value) in members.ToList())
                {
                    if (InUtc(value) is { } moment)
                        members[name] = moment;
                }
                return null;
            case JsonArray elements:
                for (int i = 0; i < elements.Count; i++)
                {
                    if (InUtc(elements[i]) is { } moment)
                        elements[i] = moment;
                }
                return null;
            case JsonValue value when value.TryGetValue(out string? text) && IsMoment(text, out DateTimeOffset time):
                return JsonValue.Create(time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
            default:
                return null;
        }
    }

    private static bool IsMoment(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, s_moments, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
}

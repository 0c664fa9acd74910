using System.Buffers;
using System.Text.Json;

namespace TravelPerkScim.GraphStandIn.Protocol;

/// <summary>JSON as Graph writes it.</summary>
internal static class GraphWriter
{
    public static GraphResponse Object(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return new GraphResponse(200, buffer.WrittenMemory);
    }

    public static GraphResponse Page(string? linkName, string? link, Action<Utf8JsonWriter> items) =>
        Object(json =>
        {
            if (link is not null)
                json.WriteString(linkName!, link);
            json.WriteStartArray("value");
            items(json);
            json.WriteEndArray();
        });

    public static void Value(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case bool truth:
                json.WriteBooleanValue(truth);
                break;
            case int or long:
                json.WriteNumberValue(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
            case double number:
                json.WriteNumberValue(number);
                break;
            case IReadOnlyDictionary<string, object?> members:
                json.WriteStartObject();
                foreach ((string name, object? member) in members)
                {
                    json.WritePropertyName(name);
                    Value(json, member);
                }
                json.WriteEndObject();
                break;
            case System.Collections.IEnumerable list:
                json.WriteStartArray();
                foreach (object? item in list)
                    Value(json, item);
                json.WriteEndArray();
                break;
            default:
                throw new NotSupportedException($"{value.GetType()} is no value of a Graph property.");
        }
    }

    public static void Reference(Utf8JsonWriter json, StandInDirectory directory, string id, bool removed = false)
    {
        json.WriteStartObject();
        json.WriteString("@odata.type", directory.Group(id) is null ? "#microsoft.graph.user" : "#microsoft.graph.group");
        json.WriteString("id", id);
        if (removed)
            Removed(json, "deleted");
        json.WriteEndObject();
    }

    public static void Removed(Utf8JsonWriter json, string reason)
    {
        json.WriteStartObject("@removed");
        json.WriteString("reason", reason);
        json.WriteEndObject();
    }
}

using System.Text.Json;

namespace TravelPerkScim.Provisioning.Read;

/// <summary>Compares names in JSON that may have half of a character in them, for which the JSON reader throws an exception.</summary>
internal static class JsonText
{
    /// <param name="reader">On a name or a text.</param>
    /// <param name="utf8">The name. Its case counts.</param>
    public static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        try
        {
            return reader.ValueTextEquals(utf8);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Passes from a name to the end of its value. False when the bytes at hand end before the value does.</summary>
    public static bool TryReadValue(ref Utf8JsonReader reader) => reader.Read() && reader.TrySkip();

    /// <param name="reader">On a name.</param>
    /// <param name="names">The names. Their case does not count.</param>
    public static bool IsOneOf(ref Utf8JsonReader reader, IEnumerable<string> names)
    {
        try
        {
            return reader.GetString() is { } name && names.Contains(name, StringComparer.OrdinalIgnoreCase);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}

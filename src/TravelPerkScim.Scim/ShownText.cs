using System.Buffers;
using System.Globalization;
using System.Text;

namespace TravelPerkScim.Scim;

/// <summary>
/// Text of directories and services as people see it. What a terminal obeys (control characters) and what nobody sees (direction marks,
/// zero-width characters, tags)
/// is written as <c>\u001b</c>, so that a reviewer reads what is there. Data keeps its text: only what is made for people goes through
/// here,
/// which are the messages of exceptions and warnings, plans, outcomes, the log, the status, and the views.
/// </summary>
public static class ShownText
{
    /// <summary>One line, in which everything can be seen. Text that was made visible before stays as it is.</summary>
    public static string Of(string text) => IsVisible(text) ? text : Escaped(text, layout: false);

    /// <summary>The same where there may be no text.</summary>
    public static string? OfAny(string? text) => text is null ? null : Of(text);

    /// <summary>JSON with the same content, in which everything can be seen. Its line ends stay.</summary>
    public static string OfJson(string json) => IsVisible(json) ? json : Escaped(json, layout: true);

    /// <summary>A character that has no look of its own, or a look that it gives to others.</summary>
    public static bool IsHidden(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator;

    // Nearly all text is, and is not copied.
    private static bool IsVisible(string text)
    {
        for (int i = 0; i < text.Length; )
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(i), out Rune rune, out int length) != OperationStatus.Done || IsHidden(rune))
                return false;
            i += length;
        }
        return true;
    }

    private static string Escaped(string text, bool layout)
    {
        var shown = new StringBuilder(text.Length + 16);
        for (int i = 0; i < text.Length; )
        {
            // Half a surrogate pair is no character.
            bool broken = Rune.DecodeFromUtf16(text.AsSpan(i), out Rune rune, out int length) != OperationStatus.Done;
            bool hidden = broken || (IsHidden(rune) && !(layout && text[i] is ('\r' or '\n' or '\t')));
            foreach (char c in text.AsSpan(i, length))
                _ = hidden ? shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : shown.Append(c);
            i += length;
        }
        return shown.ToString();
    }
}

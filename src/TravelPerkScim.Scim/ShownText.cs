using System.Buffers;
using System.Globalization;
using System.Text;

namespace TravelPerkScim.Scim;

/// <summary>
/// Text of directories and services as people see it. Characters that a terminal obeys (control characters) and characters that are
/// invisible (direction marks, zero-width characters, tags) are written as <c>\u001b</c>, so that a reviewer reads the true text. Data keep
/// their text. Only text for people goes through here: messages of exceptions and warnings, plans, outcomes, the log, the status, and the
/// views.
/// </summary>
public static class ShownText
{
    /// <summary>The text in one line, with every hidden character made visible. A text that was made visible before stays as it
    /// is.</summary>
    public static string Of(string text) => IsVisible(text) ? text : Escaped(text, layout: false);

    /// <summary>As <see cref="Of"/>; null for null.</summary>
    public static string? OfAny(string? text) => text is null ? null : Of(text);

    /// <summary>JSON with the same content and every hidden character made visible. The line ends stay.</summary>
    public static string OfJson(string json) => IsVisible(json) ? json : Escaped(json, layout: true);

    /// <summary>True for a character that is invisible, or that changes how other characters look.</summary>
    public static bool IsHidden(Rune rune) => IsHidden(Rune.GetUnicodeCategory(rune));

    internal static bool IsHidden(UnicodeCategory category) =>
        category
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator;

    // Nearly every text is visible, and is then not copied.
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
            bool isLayout = layout && text[i] is '\r' or '\n' or '\t';
            bool hidden = broken || (IsHidden(rune) && !isLayout);
            foreach (char c in text.AsSpan(i, length))
                _ = hidden ? shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : shown.Append(c);
            i += length;
        }
        return shown.ToString();
    }
}

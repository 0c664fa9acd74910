namespace TravelPerkScim.Provisioning.Job;

/// <summary>Names that every store, path and setting takes.</summary>
internal static class PlainText
{
    /// <summary>The text has no character but ASCII letters, digits and the given marks.</summary>
    public static bool HasOnlyLettersDigitsOr(this string text, string marks) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || marks.Contains(c, StringComparison.Ordinal));
}

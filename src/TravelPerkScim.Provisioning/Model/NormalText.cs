using System.Text;

namespace TravelPerkScim.Provisioning.Model;

/// <summary>
/// Text without what services change before they keep a text: blanks at its ends, runs of blanks and line ends, Unicode's normal form. Two
/// texts that are equal in this form are equal values. The value that is sent stays as the source has it.
/// </summary>
internal static class NormalText
{
    public static bool Same(string? one, string other) => one is not null && Of(one) == Of(other);

    public static string Of(string text)
    {
        string composed = Composed(text);
        return IsPlain(composed) ? composed : string.Join(' ', composed.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>Unicode's normal form. A text with half a surrogate pair has none, and is compared as it is.</summary>
    public static string Composed(string text)
    {
        if (Ascii.IsValid(text))
            return text;
        try
        {
            return text.Normalize(NormalizationForm.FormC);
        }
        catch (ArgumentException)
        {
            return text;
        }
    }

    // Nearly every value is plain, and is not copied.
    private static bool IsPlain(string text)
    {
        bool blank = true;
        foreach (char c in text)
        {
            bool white = char.IsWhiteSpace(c);
            if (white && (blank || c != ' '))
                return false;
            blank = white;
        }
        return !blank || text.Length == 0;
    }
}

using System.Globalization;
using System.Text;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>NormalizeDiacritics: Entra's table, which is Unicode's decomposition of Latin letters and nine letters that do not
/// decompose.</summary>
internal static class Diacritics
{
    private static readonly Dictionary<char, string> s_letters = new()
    {
        ['ß'] = "ss",
        ['æ'] = "ae",
        ['Æ'] = "AE",
        ['ø'] = "oe",
        ['œ'] = "oe",
        ['Ø'] = "OE",
        ['Œ'] = "OE",
        ['ł'] = "l",
        ['Ł'] = "L",
        ['ı'] = "i",
    };

    public static Evaluator Normalize(FunctionCall call)
    {
        Func<SourceObject, string?> text = call.Text(0);
        return source =>
        {
            string? found = text(source);
            if (found is null || Ascii.IsValid(found))
                return found;
            try
            {
                return call.Bounded(Strip(found.Normalize(NormalizationForm.FormD)).Normalize(NormalizationForm.FormC));
            }
            catch (ArgumentException)
            {
                throw call.Wrong(0, "must be valid Unicode", found, "WrongArgumentValue");
            }
        };
    }

    /// <summary>Removes marks from Latin letters only. In other scripts a mark makes another letter (й, が).</summary>
    private static string Strip(string decomposed)
    {
        var result = new StringBuilder(decomposed.Length);
        bool latin = false;
        foreach (char c in decomposed)
        {
            if (CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark)
            {
                if (!latin)
                    result.Append(c);
                continue;
            }

            string? replacement = s_letters.GetValueOrDefault(c);
            latin = replacement is not null || char.IsAsciiLetter(c);
            result.Append(replacement ?? c.ToString());
        }

        return result.ToString();
    }
}

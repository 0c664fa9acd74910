using System.Globalization;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>Text in, text out. Null in is null out, save where Entra's reference says otherwise (Left, Word).</summary>
internal static class TextFunctions
{
    public static ExpressionFunction[] All { get; } =
    [
        new("Append(source, suffix)", "The source with the suffix at its end.", Append),
        new(
            "InStr(value1, value2, start?, compareType?)",
            "1-based position of value2 in value1, or 0. Case-sensitive unless vbTextCompare.",
            InStr
        ),
        new("Left(string, numChars)", "The first characters. 0 gives \"\", a negative count the whole string, null \"\".", Left),
        new("Mid(source, start, length)", "Characters from a 1-based start.", Mid),
        new("NormalizeDiacritics(source)", "Latin letters without their marks, by Entra's table.", Diacritics.Normalize),
        new("PCase(source, wordSeparators?)", "Each word with a capital first letter.", ProperCase),
        new("Prepend(prefix, source)", "The source with the prefix before it.", Append),
        new("StripSpaces(source)", "The source without its spaces.", Map(text => text.Replace(" ", "", StringComparison.Ordinal))),
        new(
            "ToLower(source, culture?)",
            "Lower case, by the culture named or the invariant one.",
            Case((culture, text) => culture.ToLower(text))
        ),
        new(
            "ToUpper(source, culture?)",
            "Upper case, by the culture named or the invariant one.",
            Case((culture, text) => culture.ToUpper(text))
        ),
        new("Trim(value)", "The value without white space at its ends; of a multi-valued attribute, each value.", Trim),
        new("Word(string, wordNumber, delimiters)", "The nth word between any of the delimiters, or \"\".", Word),
    ];

    public static Func<FunctionCall, Evaluator> Map(Func<string, string> map) =>
        call => call.OfText(0, (text, _) => call.Bounded(map(text)));

    private static Evaluator Append(FunctionCall call)
    {
        Func<SourceObject, string?> first = call.Text(0),
            second = call.Text(1);
        return source => call.Bounded(string.Concat(first(source), second(source)));
    }

    private static Evaluator Trim(FunctionCall call)
    {
        Evaluator value = call.Any(0);
        return source =>
            value(source) switch
            {
                string text => text.Trim(),
                IReadOnlyList<object?> list => list.Select(item => call.TextOf(0, item)?.Trim()).ToArray(),
                var other => call.TextOf(0, other)?.Trim(),
            };
    }

    private static Evaluator Left(FunctionCall call)
    {
        Func<SourceObject, string> text = call.TextOrEmpty(0);
        Func<SourceObject, long?> count = call.Integer(1);
        return source =>
        {
            string found = text(source);
            return count(source) is >= 0 and var length && length < found.Length ? found[..(int)length] : found;
        };
    }

    private static Evaluator Mid(FunctionCall call)
    {
        Func<SourceObject, string?> text = call.Text(0);
        Func<SourceObject, long?> start = call.Integer(1),
            length = call.Integer(2);
        return source =>
        {
            string? found = text(source);
            if (found is null || start(source) is not { } from || length(source) is not { } count)
                return null;
            if (from < 1)
                throw call.Wrong(1, "must be 1 or more", from, "WrongArgumentValue");
            if (count < 0)
                throw call.Wrong(2, "must not be negative", count, "WrongArgumentValue");
            if (from > found.Length)
                return "";
            int first = (int)from - 1;
            return found.Substring(first, (int)Math.Min(count, found.Length - first));
        };
    }

    private static Evaluator InStr(FunctionCall call)
    {
        Func<SourceObject, string> text = call.TextOrEmpty(0),
            sought = call.TextOrEmpty(1);
        Func<SourceObject, long?> start = call.Integer(2);
        Func<SourceObject, StringComparison> comparison = call.Meaning(3, name => CompareType(call, name));
        return source =>
        {
            string found = text(source),
                part = sought(source);
            long from = start(source) ?? 1;
            if (from < 1)
                throw call.Wrong(2, "must be 1 or more", from, "WrongArgumentValue");
            return from > found.Length ? 0L : found.IndexOf(part, (int)from - 1, comparison(source)) + 1L;
        };
    }

    private static StringComparison CompareType(FunctionCall call, string? name) =>
        name switch
        {
            null or "vbBinaryCompare" or "0" => StringComparison.Ordinal,
            "vbTextCompare" or "1" => StringComparison.OrdinalIgnoreCase,
            _ => throw call.Wrong(3, "must be vbTextCompare or vbBinaryCompare", name, "WrongArgumentValue"),
        };

    /// <summary>Without separators .NET's ToTitleCase decides what a word is; with them, they alone.</summary>
    private static Evaluator ProperCase(FunctionCall call)
    {
        Func<SourceObject, string> separators = call.TextOrEmpty(1);
        TextInfo invariant = CultureInfo.InvariantCulture.TextInfo;
        return call.OfText(
            0,
            (text, source) =>
            {
                string lower = invariant.ToLower(text);
                string between = separators(source);
                return between.Length == 0 ? invariant.ToTitleCase(lower) : string.Create(lower.Length, (lower, between), Capitalize);
            }
        );
    }

    private static void Capitalize(Span<char> result, (string Lower, string Between) given)
    {
        bool first = true;
        for (int i = 0; i < result.Length; i++)
        {
            char c = given.Lower[i];
            result[i] = first ? char.ToUpperInvariant(c) : c;
            first = given.Between.Contains(c, StringComparison.Ordinal);
        }
    }

    private static Evaluator Word(FunctionCall call)
    {
        Func<SourceObject, string> text = call.TextOrEmpty(0),
            delimiters = call.TextOrEmpty(2);
        Func<SourceObject, long?> number = call.Integer(1);
        return source =>
        {
            string found = text(source),
                between = delimiters(source);
            // Without a delimiter .NET would split at white space.
            char[] delimiter = between.Length == 0 ? ['\0'] : between.ToCharArray();
            string[] words = found.Split(delimiter, StringSplitOptions.RemoveEmptyEntries);
            long wanted = number(source) ?? 0;
            return wanted >= 1 && wanted <= words.Length ? words[wanted - 1] : "";
        };
    }

    private static Func<FunctionCall, Evaluator> Case(Func<TextInfo, string, string> change) =>
        call =>
        {
            Func<SourceObject, TextInfo> culture = call.Meaning(1, name => Culture(call, name));
            return call.OfText(0, (text, source) => change(culture(source), text));
        };

    private static TextInfo Culture(FunctionCall call, string? name)
    {
        if (string.IsNullOrEmpty(name))
            return CultureInfo.InvariantCulture.TextInfo;
        try
        {
            return CultureInfo.GetCultureInfo(name, predefinedOnly: true).TextInfo;
        }
        catch (CultureNotFoundException)
        {
            throw call.Wrong(1, "must be a culture such as en-US", name, "UnknownCulture");
        }
    }
}

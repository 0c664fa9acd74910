using System.Globalization;

namespace TravelPerkScim.Mapping.Expressions.Functions;

/// <summary>Text in, text out. Null in is null out, save where Entra's reference says otherwise (Left, Word).</summary>
internal static class TextFunctions
{
    public static ExpressionFunction[] All { get; } =
    [
        new("Append(source, suffix)", "The source with the suffix at its end.", Append),
        new("Left(string, numChars)", "The first characters. 0 gives \"\", a negative count the whole string, null \"\".", Left),
        new("Mid(source, start, length)", "Characters from a 1-based start.", Mid),
        new("StripSpaces(source)", "The source without its spaces.", Map(text => text.Replace(" ", "", StringComparison.Ordinal))),
        new("ToLower(source, culture?)", "Lower case, by the culture named or the invariant one.", Case((culture, text) => culture.ToLower(text))),
        new("ToUpper(source, culture?)", "Upper case, by the culture named or the invariant one.", Case((culture, text) => culture.ToUpper(text))),
    ];

    public static Func<FunctionCall, Evaluator> Map(Func<string, string> map) => call =>
    {
        Func<SourceObject, string?> text = call.Text(0);
        return source => text(source) is { } found ? call.Bounded(map(found)) : null;
    };

    private static Evaluator Append(FunctionCall call)
    {
        Func<SourceObject, string?> text = call.Text(0), suffix = call.Text(1);
        return source => call.Bounded(string.Concat(text(source), suffix(source)));
    }

    private static Evaluator Left(FunctionCall call)
    {
        Func<SourceObject, string?> text = call.Text(0);
        Func<SourceObject, long?> count = call.Integer(1);
        return source =>
        {
            string found = text(source) ?? "";
            return count(source) is >= 0 and var length && length < found.Length ? found[..(int)length] : found;
        };
    }

    private static Evaluator Mid(FunctionCall call)
    {
        Func<SourceObject, string?> text = call.Text(0);
        Func<SourceObject, long?> start = call.Integer(1), length = call.Integer(2);
        return source =>
        {
            if (text(source) is not { } found || start(source) is not { } from || length(source) is not { } count)
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

    private static Func<FunctionCall, Evaluator> Case(Func<TextInfo, string, string> change) => call =>
    {
        Func<SourceObject, string?> text = call.Text(0);
        Func<SourceObject, string?> name = call.Text(1);
        TextInfo? constant = call.TryConstant(1, out _) || !call.Has(1) ? Culture(call, name(null!)) : null;
        return source => text(source) is { } found ? change(constant ?? Culture(call, name(source)), found) : null;
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

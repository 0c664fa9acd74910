using System.Text;
using System.Text.RegularExpressions;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Expressions;

/// <summary>Replace, which does one of five things by which of its arguments are given.</summary>
internal static class ReplaceFunction
{
    private const int Source = 0,
        OldValue = 1,
        Pattern = 2,
        GroupName = 3,
        Replacement = 4,
        ReplacementAttribute = 5,
        Template = 6;

    public static ExpressionFunction[] All { get; } =
    [
        new(
            "Replace(source, oldValue?, regexPattern?, regexGroupName?, replacementValue?, replacementAttributeName?, template?)",
            "Replaces text, or what a regular expression matches, or fills a template; by which arguments are given.",
            Replace
        ),
    ];

    private static Evaluator Replace(FunctionCall call)
    {
        if (call.Has(OldValue, Template))
            return ReplaceText(call, Template, Source);
        if (call.Has(OldValue, Replacement))
            return ReplaceText(call, Source, Replacement);
        if (call.Has(Pattern, GroupName, ReplacementAttribute))
            return ExtractWhenEmpty(call);
        if (call.Has(Pattern, Replacement))
            return ReplaceMatches(call);
        throw call.Fail(
            "MissingArgument",
            "give oldValue with replacementValue or template, or regexPattern with "
                + "replacementValue, or regexPattern with regexGroupName and replacementAttributeName"
        );
    }

    private static Evaluator ReplaceText(FunctionCall call, int within, int with)
    {
        Func<SourceObject, string?> text = call.Text(within),
            old = call.Text(OldValue),
            replacement = call.Text(with);
        bool fillsTemplate = within == Template;
        return source =>
        {
            string? found = text(source),
                value = replacement(source);
            if (found is null || (fillsTemplate && value is null))
                return null;
            string? sought = old(source);
            return string.IsNullOrEmpty(sought) ? found : ReplaceText(call, found, sought, value ?? "");
        };
    }

    private static string ReplaceText(FunctionCall call, string text, string sought, string value)
    {
        int longer = value.Length - sought.Length;
        long growth = longer > 0 ? (long)text.AsSpan().Count(sought) * longer : 0;
        if (text.Length + growth > Values.MaxText)
            throw call.TooLarge();
        return text.Replace(sought, value, StringComparison.Ordinal);
    }

    private static Evaluator ExtractWhenEmpty(FunctionCall call)
    {
        Evaluator value = call.Any(Source);
        Func<SourceObject, string?> other = call.Text(ReplacementAttribute);
        Func<SourceObject, (SafeRegex Regex, string? Group)> pattern = CompilePattern(call);
        return source =>
        {
            object? found = value(source);
            if (!Values.IsNullOrEmpty(found) || other(source) is not { } text)
                return found;
            (SafeRegex regex, string? group) = pattern(source);
            Match match = WithCallContext(call, () => regex.FirstMatch(text));
            return match.Success && match.Groups[group!] is { Success: true } captured ? captured.Value : null;
        };
    }

    private static Evaluator ReplaceMatches(FunctionCall call)
    {
        Func<SourceObject, string> replacement = call.TextOrEmpty(Replacement);
        Func<SourceObject, (SafeRegex Regex, string? Group)> pattern = CompilePattern(call);
        return call.OfText(
            Source,
            (text, source) =>
            {
                (SafeRegex regex, string? group) = pattern(source);
                string value = replacement(source);
                return WithCallContext(call, () => ReplaceMatches(call, regex, group, text, value));
            }
        );
    }

    private static string ReplaceMatches(FunctionCall call, SafeRegex regex, string? group, string text, string replacement)
    {
        // Each $ may stand for the whole text, so the largest possible result is known before it is built.
        long largest = (long)replacement.AsSpan().Count('$') * text.Length + replacement.Length;
        if (group is null && largest > 16L * Values.MaxText)
            throw call.TooLarge();
        StringBuilder? result = null;
        int copied = 0;
        foreach (Match match in regex.Matches(text))
        {
            // A match is its own whole group.
            Group span = group is null ? match : match.Groups[group];
            if (!span.Success)
                continue;
            string value = group is null ? match.Result(replacement) : replacement;
            result ??= new StringBuilder();
            result.Append(text, copied, span.Index - copied).Append(value);
            copied = span.Index + span.Length;
            if (result.Length > Values.MaxText)
                throw call.TooLarge();
        }

        return result is null ? text : call.Bounded(result.Append(text, copied, text.Length - copied).ToString());
    }

    /// <summary>A pattern that is written in the expression is compiled once.</summary>
    private static Func<SourceObject, (SafeRegex Regex, string? Group)> CompilePattern(FunctionCall call)
    {
        Func<SourceObject, string> pattern = call.TextOrEmpty(Pattern),
            group = call.TextOrEmpty(GroupName);
        if (!call.IsFixed(Pattern) || !call.IsFixed(GroupName))
            return Create;
        (SafeRegex, string?) constant = Create(null!);
        return _ => constant;

        (SafeRegex Regex, string? Group) Create(SourceObject source)
        {
            SafeRegex regex = WithCallContext(call, () => SafeRegex.Create(pattern(source)));
            if (!call.Has(GroupName))
                return (regex, null);
            string name = group(source);
            if (!regex.HasGroup(name))
                throw call.Wrong(GroupName, "must name a group of regexPattern", name, "WrongArgumentValue");
            return (regex, name);
        }
    }

    /// <summary>Turns an error of the pattern into an error that names the call.</summary>
    private static T WithCallContext<T>(FunctionCall call, Func<T> use)
    {
        try
        {
            return use();
        }
        catch (MappingException e) when (e.Failure == MappingFailure.PatternUnusable)
        {
            throw call.Fail(e.ErrorId, char.ToLowerInvariant(e.Message[0]) + e.Message[1..].TrimEnd('.'));
        }
    }
}

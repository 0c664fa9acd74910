using System.Management.Automation;
using System.Management.Automation.Language;

namespace TravelPerkScim.PowerShell.Completion;

/// <summary>Quoting around what completers offer.</summary>
internal static class Completions
{
    public static string Unquote(string? word) => (word ?? "").Trim('\'', '"');

    /// <summary>Results that are quoted where PowerShell would not read them as one word.</summary>
    public static IEnumerable<CompletionResult> Of(IEnumerable<string> values) =>
        values.Select(value => new CompletionResult(Quote(value), value, CompletionResultType.ParameterValue, value));

    /// <summary>What is typed so far of a quoted text that may hold quotes itself.</summary>
    public static string Unwrap(string? word) =>
        (word ?? "") switch
        {
            ['\'', .. var text] => text.TrimEnd('\'').Replace("''", "'", StringComparison.Ordinal),
            ['"', .. var text] => text.TrimEnd('"'),
            var text => text,
        };

    /// <summary>A result that is listed by a shorter text than it completes to.</summary>
    public static CompletionResult Of(string value, string listed, string toolTip) =>
        new(Quote(value), listed, CompletionResultType.ParameterValue, toolTip);

    private static string Quote(string value) =>
        value.Length > 0 && value[0] != '@' && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '@' or '/' or ':')
            ? value
            : $"'{CodeGeneration.EscapeSingleQuotedStringContent(value)}'";
}

using System.Management.Automation;
using System.Management.Automation.Language;

namespace TravelPerkScim.PowerShell.Completion;

/// <summary>Quoting of completion results.</summary>
internal static class Completions
{
    public static string Unquote(string? word) => (word ?? "").Trim('\'', '"');

    /// <summary>Completion results, quoted where PowerShell would read several words.</summary>
    public static IEnumerable<CompletionResult> Of(IEnumerable<string> values) =>
        values.Select(value => new CompletionResult(Quote(value), value, CompletionResultType.ParameterValue, value));

    /// <summary>The typed part of a quoted text, which may hold quotes itself.</summary>
    public static string Unwrap(string? word) =>
        (word ?? "") switch
        {
            ['\'', .. var text] => text.TrimEnd('\'').Replace("''", "'", StringComparison.Ordinal),
            ['"', .. var text] => text.TrimEnd('"'),
            var text => text,
        };

    /// <summary>A result with a shorter text in the list.</summary>
    public static CompletionResult Of(string value, string listed, string toolTip) =>
        new(Quote(value), listed, CompletionResultType.ParameterValue, toolTip);

    private static string Quote(string value) =>
        value.Length > 0 && value[0] != '@' && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '@' or '/' or ':')
            ? value
            : $"'{CodeGeneration.EscapeSingleQuotedStringContent(value)}'";
}

using System.Buffers;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace TravelPerkScim.PowerShell.Completion;

/// <summary>Quoting of completion results.</summary>
internal static class Completions
{
    // Characters of a word that PowerShell reads without quotes.
    private static readonly SearchValues<char> s_ofOneWord = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_@/:"
    );

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

    private static string Quote(string value) => IsOneWord(value) ? value : $"'{CodeGeneration.EscapeSingleQuotedStringContent(value)}'";

    private static bool IsOneWord(string value)
    {
        bool isSplat = value.StartsWith('@');
        return value.Length > 0 && !isSplat && !value.AsSpan().ContainsAnyExcept(s_ofOneWord);
    }
}

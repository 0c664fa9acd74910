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

    private static string Quote(string value) =>
        value.Length > 0 && value[0] != '@' && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '@' or '/' or ':')
            ? value
            : $"'{CodeGeneration.EscapeSingleQuotedStringContent(value)}'";
}

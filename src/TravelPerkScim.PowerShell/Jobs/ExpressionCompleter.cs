using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.PowerShell.Completion;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Completes the last word of an expression: a function, or a source attribute after an opening bracket.</summary>
public sealed class ExpressionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    )
    {
        string text = Completions.Unwrap(wordToComplete);
        int bracket = text.LastIndexOf('[');
        if (bracket > text.LastIndexOf(']'))
            return Attributes(text[..(bracket + 1)], text[(bracket + 1)..], "]");
        int start = text.Length;
        while (start > 0 && char.IsAsciiLetterOrDigit(text[start - 1]))
            start--;
        return ExpressionFunctions
            .All.Where(function => function.Name.StartsWith(text[start..], StringComparison.OrdinalIgnoreCase))
            .Select(function =>
                Completions.Of(
                    text[..start] + function.Name + (function.Bare ? "" : "("),
                    function.Name,
                    $"{function.Signature}\n{function.Summary}"
                )
            );
    }

    /// <summary>The source attributes that begin with a word, between the texts that stand before and after it.</summary>
    internal static IEnumerable<CompletionResult> Attributes(string before, string word, string after) =>
        SynchronizationSchema
            .Default.SourceAttributes.Where(name => name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Select(name => Completions.Of(before + name + after, name, name));
}

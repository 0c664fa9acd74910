using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using TravelPerkScim.Mapping.Scope;
using TravelPerkScim.PowerShell.Completion;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Completes the last word of a scoping filter: an attribute where a clause begins, an operator after the attribute.</summary>
public sealed class ScopeCompleter : IArgumentCompleter
{
    private static readonly string[] s_beforeClause = ["", "AND", "OR", "-and", "-or"];

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
        int start = text.LastIndexOfAny([' ', '(']) + 1;
        (string head, string word) = (text[..start], text[start..]);
        string[] before = head.Split([' ', '('], StringSplitOptions.RemoveEmptyEntries);
        if (IsClauseStart(before.LastOrDefault() ?? "") || head.EndsWith('('))
            return ExpressionCompleter.Attributes(head, word, "");
        return IsClauseStart(before.SkipLast(1).LastOrDefault() ?? "")
            ? ScopeOperator
                .All.Where(operation => operation.Name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                .Select(operation => Completions.Of(head + operation.Name, operation.Name, operation.Summary))
            : [];
    }

    private static bool IsClauseStart(string previous) => s_beforeClause.Contains(previous, StringComparer.OrdinalIgnoreCase);
}

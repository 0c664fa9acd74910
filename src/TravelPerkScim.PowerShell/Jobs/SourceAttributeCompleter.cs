using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.PowerShell.Completion;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Completes Entra's attributes of users from the built-in schema.</summary>
public sealed class SourceAttributeCompleter : IArgumentCompleter
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
        string word = Completions.Unquote(wordToComplete);
        return Completions.Of(
            SynchronizationSchema.Default.SourceAttributes.Where(name => name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
        );
    }
}

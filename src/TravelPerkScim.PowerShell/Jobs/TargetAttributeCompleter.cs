using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Completes TravelPerk's attributes from the built-in schema.</summary>
public sealed class TargetAttributeCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string word = Completions.Unquote(wordToComplete);
        return Completions.Of(TravelPerkSchema.UserAttributes.Select(a => a.Path.ToString())
            .Where(path => path.Contains(word, StringComparison.OrdinalIgnoreCase)));
    }
}

using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Offers the kinds of places. A validated set would show the given value in its error, and that value may be the secret
/// itself.</summary>
public sealed class SecretFromCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    ) =>
        Completions.Of(
            Enum.GetNames<SecretFrom>()
                .Where(name => name.StartsWith(Completions.Unquote(wordToComplete), StringComparison.OrdinalIgnoreCase))
        );
}

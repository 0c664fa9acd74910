using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Completion;

/// <summary>Base of the completers that offer whole values. They read memory and a job's files, and send no request: a Tab must not wait
/// for a network.</summary>
public abstract class ValueCompleter : IArgumentCompleter
{
    private protected ValueCompleter() { }

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
        try
        {
            IEnumerable<string> values = Values(parameterName, fakeBoundParameters ?? new Hashtable());
            return Completions.Of(values.Where(value => Matches(value, word)).Take(MostValues)).ToArray();
        }
        catch (Exception e) when (e is ProvisioningException or IOException or UnauthorizedAccessException)
        {
            // Files that cannot be read offer nothing.
            return [];
        }
    }

    /// <summary>All values of the parameter.</summary>
    /// <param name="parameter">Name of the parameter.</param>
    /// <param name="bound">The parameters that are typed already.</param>
    private protected abstract IEnumerable<string> Values(string parameter, IDictionary bound);

    private protected virtual int MostValues => int.MaxValue;

    private protected virtual bool Matches(string value, string word) => value.StartsWith(word, StringComparison.OrdinalIgnoreCase);
}

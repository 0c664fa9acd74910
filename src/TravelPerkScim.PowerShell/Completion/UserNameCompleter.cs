using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using TravelPerkScim.PowerShell.Connection;

namespace TravelPerkScim.PowerShell.Completion;

/// <summary>Offers the userNames that the connection has seen. It sends no request: a Tab must not wait for a network.</summary>
public sealed class UserNameCompleter : IArgumentCompleter
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
        TravelPerkConnection? connection = fakeBoundParameters?["Connection"] as TravelPerkConnection ?? SessionHoldings.Current.Connection;
        return connection is null ? [] : Completions.Of(connection.RecentUsers.StartingWith(Completions.Unquote(wordToComplete)));
    }
}

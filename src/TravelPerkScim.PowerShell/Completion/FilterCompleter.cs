using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using TravelPerkScim.PowerShell.Users;

namespace TravelPerkScim.PowerShell.Completion;

/// <summary>Offers the start of a filter for each attribute that has one plain value.</summary>
public sealed class FilterCompleter : IArgumentCompleter
{
    private static readonly UserAttribute[] s_filterable =
    [
        UserAttribute.UserName,
        UserAttribute.ExternalId,
        UserAttribute.Active,
        UserAttribute.Title,
    ];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    )
    {
        string prefix = Completions.Unquote(wordToComplete);
        return Completions.Of(
            s_filterable
                .Select(attribute => attribute == UserAttribute.Active ? "active eq true" : $"{attribute.Path} eq \"\"")
                .Where(text => text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        );
    }
}

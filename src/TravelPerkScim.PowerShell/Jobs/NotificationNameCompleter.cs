using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Offers the notification channels in the job's job.json.</summary>
public sealed class NotificationNameCompleter : IArgumentCompleter
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
        try
        {
            return Completions
                .Of(
                    (JobUserCompleter.JobOf(fakeBoundParameters)?.Settings.Notifications?.Channels ?? [])
                        .Select(channel => channel.Name)
                        .Where(name => name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                )
                .ToArray();
        }
        catch (Exception e) when (e is ProvisioningException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}

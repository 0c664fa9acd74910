using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Completes the job folders at the current location.</summary>
public sealed class JobPathCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        string here = shell.AddScript("$ExecutionContext.SessionState.Path.CurrentFileSystemLocation.ProviderPath").Invoke<string>().FirstOrDefault() ?? "";
        string word = Completions.Unquote(wordToComplete);
        return Completions.Of(JobsAt(here).Select(Path.GetFileName).OfType<string>()
            .Where(name => name.StartsWith(word, StringComparison.OrdinalIgnoreCase)));
    }

    internal static IEnumerable<string> JobsAt(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateDirectories(folder).Where(ProvisioningJob.Exists).Order(StringComparer.OrdinalIgnoreCase) : [];
}

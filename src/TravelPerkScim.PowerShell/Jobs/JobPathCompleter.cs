using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Completes job folders, or any path where there is no job folder.</summary>
public sealed class JobPathCompleter : IArgumentCompleter
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
        string here = CurrentLocation();
        string word = Completions.Unquote(wordToComplete);
        int name = word.LastIndexOfAny(['/', Path.DirectorySeparatorChar]) + 1;
        CompletionResult[] jobs =
        [
            .. Completions.Of(
                JobsAt(Path.Combine(here, word[..name]))
                    .Select(Path.GetFileName)
                    .OfType<string>()
                    .Where(folder => folder.StartsWith(word[name..], StringComparison.OrdinalIgnoreCase))
                    .Select(folder => word[..name] + folder)
            ),
        ];
        return jobs.Length > 0 ? jobs : CompletionCompleters.CompleteFilename(wordToComplete);
    }

    /// <summary>The folder that relative paths start from.</summary>
    internal static string CurrentLocation()
    {
        using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        return shell
                .AddScript("$ExecutionContext.SessionState.Path.CurrentFileSystemLocation.ProviderPath")
                .Invoke<string>()
                .FirstOrDefault()
            ?? "";
    }

    internal static IEnumerable<string> JobsAt(string folder) =>
        Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder).Where(ProvisioningJob.Exists).Order(StringComparer.OrdinalIgnoreCase)
            : [];
}

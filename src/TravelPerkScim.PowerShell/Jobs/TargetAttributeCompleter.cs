using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Completes the attributes that TravelPerk publishes, and those that the job's mapping defines. It sends no request.</summary>
public sealed class TargetAttributeCompleter : IArgumentCompleter
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
        IEnumerable<string> known = Mapping(fakeBoundParameters?["Job"]) is { } schema ? TargetAttributeName.Known(schema) : Published;
        return Completions.Of(known.Where(path => path.Contains(word, StringComparison.OrdinalIgnoreCase)));
    }

    private static IEnumerable<string> Published => TravelPerkSchema.UserAttributes.Select(attribute => attribute.Path.ToString());

    /// <summary>The job's mapping; null when it cannot be read.</summary>
    private static SynchronizationSchema? Mapping(object? job)
    {
        try
        {
            string here = JobPathCompleter.CurrentLocation();
            string path = job is null ? here : LanguagePrimitives.ConvertTo<ProvisioningJobIdentity>(job).Path;
            SynchronizationSchema schema = MappingPlace.Open(Path.GetFullPath(path, here)).File.Read();
            return schema.HasUserMapping ? schema : null;
        }
        catch (Exception e)
            when (e is ProvisioningException or MappingException or PSInvalidCastException or ArgumentException or IOException)
        {
            return null;
        }
    }
}

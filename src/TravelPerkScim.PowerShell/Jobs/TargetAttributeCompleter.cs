using System.Collections;
using System.Management.Automation;
using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.Provisioning.Model;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Completes the attributes that TravelPerk publishes, and those that the job's mapping defines. It sends no request.</summary>
public sealed class TargetAttributeCompleter : ValueCompleter
{
    private protected override IEnumerable<string> Values(string parameter, IDictionary bound) =>
        Mapping(bound["Job"]) is { } schema ? TargetAttributeName.Known(schema) : Published;

    private protected override bool Matches(string value, string word) => value.Contains(word, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<string> Published => TravelPerkSchema.UserAttributes.Select(attribute => attribute.Path.ToString());

    /// <summary>The job's mapping; null when it cannot be read.</summary>
    private static SynchronizationSchema? Mapping(object? job)
    {
        try
        {
            string here = JobPathCompleter.CurrentLocation();
            string path = job is null ? here : LanguagePrimitives.ConvertTo<ProvisioningJobIdentity>(job).Path;
            SynchronizationSchema schema = MappingLocation.Open(Path.GetFullPath(path, here)).Read();
            return schema.HasUserMapping ? schema : null;
        }
        catch (Exception e)
            when (e is ProvisioningException or MappingException or PSInvalidCastException or ArgumentException or IOException)
        {
            return null;
        }
    }
}

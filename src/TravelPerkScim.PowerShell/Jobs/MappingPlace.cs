using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Check;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Map;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Where a mapping is: in a job, or in a file of its own, such as one that Entra downloaded or one that is to be tried before a
/// job gets it.</summary>
internal sealed record MappingPlace(string Path, MappingFile File)
{
    /// <param name="path">A job's folder or a mapping file, absolute.</param>
    public static MappingPlace Open(string path) =>
        new(path, System.IO.File.Exists(path) ? new MappingFile(path) : ProvisioningJob.Open(path).Mapping);

    /// <summary>Refuses a mapping with an error in it, and tells the first one.</summary>
    /// <exception cref="MappingException">What is wrong.</exception>
    public static void Check(SynchronizationSchema schema)
    {
        MappingFinding[] errors = [.. MappingTest.Run(schema).Where(finding => finding.Severity == MappingFindingSeverity.Error)];
        if (errors.Length == 0)
            return;
        string more = errors.Length > 1 ? $" It is one of {errors.Length} errors: Test-ScimMapping lists them." : "";
        throw new MappingException(errors[0].FindingId, errors[0].Message + more)
        {
            TargetAttribute = errors[0].TargetAttribute,
            Column = errors[0].Column,
        };
    }
}

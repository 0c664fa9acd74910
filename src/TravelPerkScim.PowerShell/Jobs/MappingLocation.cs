using TravelPerkScim.Mapping;
using TravelPerkScim.Mapping.Check;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Provisioning.Job;
using TravelPerkScim.Provisioning.Map;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Where a mapping is: in a job, or in a file of its own, such as one that Entra downloaded or one that is to be tried before a
/// job gets it.</summary>
internal sealed record MappingLocation(string Path, MappingFile File)
{
    /// <param name="path">A job's folder or a mapping file, absolute.</param>
    public static MappingLocation Open(string path) =>
        new(path, System.IO.File.Exists(path) ? new MappingFile(path) : ProvisioningJob.Open(path).Mapping);

    /// <param name="path">A mapping file, absolute.</param>
    public static MappingLocation OfFile(string path) => new(path, new MappingFile(path));

    /// <summary>Reads the mapping. An error names the file.</summary>
    /// <exception cref="Provisioning.Model.ProvisioningException"><c>MappingNotFound</c>, <c>MappingUnreadable</c>.</exception>
    /// <exception cref="MappingException">The file is not a synchronization schema.</exception>
    public SynchronizationSchema Read()
    {
        try
        {
            return File.Read();
        }
        catch (MappingException e)
        {
            throw InFile(e);
        }
    }

    /// <summary>The same error with the file's name.</summary>
    public MappingException InFile(MappingException e) =>
        new(e.ErrorId, $"{File.Path}: {e.Message}", e) { TargetAttribute = e.TargetAttribute, Column = e.Column };

    /// <summary>Refuses a mapping with an error, and tells the first one.</summary>
    /// <returns>The warnings about the mapping.</returns>
    /// <exception cref="MappingException">The first error.</exception>
    public static IReadOnlyList<string> Check(SynchronizationSchema schema)
    {
        ILookup<MappingFindingSeverity, MappingFinding> findings = MappingTest.Run(schema).ToLookup(finding => finding.Severity);
        MappingFinding[] errors = [.. findings[MappingFindingSeverity.Error]];
        if (errors.Length == 0)
            return [.. findings[MappingFindingSeverity.Warning].Select(Text)];
        string more = errors.Length > 1 ? $" It is one of {errors.Length} errors: Test-ScimMapping lists them." : "";
        throw new MappingException(errors[0].FindingId, errors[0].Message + more)
        {
            TargetAttribute = errors[0].TargetAttribute,
            Column = errors[0].Column,
        };
    }

    private static string Text(MappingFinding finding) =>
        finding.TargetAttribute is null ? finding.Message : $"{finding.TargetAttribute}: {finding.Message}";
}

using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Names a mapping to compare: a mapping file, a job's folder, a job, or a hosted job. PowerShell converts each to this
/// type.</summary>
public sealed class ScimMappingIdentity
{
    /// <param name="path">A mapping file or a job's folder, absolute or relative to the current location.</param>
    public ScimMappingIdentity(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Path = path;
    }

    /// <param name="job">As Get-ProvisioningJob gives it.</param>
    public ScimMappingIdentity(ProvisioningJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        Path = job.Path;
    }

    /// <param name="place">A folder or mapping file as Get-Item gives it.</param>
    public ScimMappingIdentity(FileSystemInfo place)
    {
        ArgumentNullException.ThrowIfNull(place);
        Path = place.FullName;
    }

    /// <param name="job">As Get-EntraProvisioningJob gives it.</param>
    public ScimMappingIdentity(EntraProvisioningJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        Hosted = new EntraApplicationIdentity(job);
    }

    internal string? Path { get; }

    internal EntraApplicationIdentity? Hosted { get; }

    /// <inheritdoc/>
    public override string ToString() => Path ?? Hosted!.ToString();
}

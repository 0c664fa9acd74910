using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Names a job: its folder or the job object. Where a command needs only a mapping, a mapping file works too. PowerShell converts
/// each to this type.</summary>
public sealed class ProvisioningJobIdentity
{
    /// <summary>A job folder, absolute or relative to the current location.</summary>
    public ProvisioningJobIdentity(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Path = path;
    }

    /// <summary>A job as New-ProvisioningJob and Get-ProvisioningJob give it.</summary>
    public ProvisioningJobIdentity(ProvisioningJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        Path = job.Path;
    }

    /// <summary>A folder or mapping file as Get-Item gives it.</summary>
    public ProvisioningJobIdentity(FileSystemInfo folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        Path = folder.FullName;
    }

    /// <summary>The job's folder or the mapping file.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public override string ToString() => Path;

    internal static ProvisioningJobIdentity Here { get; } = new(".");
}

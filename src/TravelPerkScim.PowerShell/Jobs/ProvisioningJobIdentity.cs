using TravelPerkScim.Provisioning.Job;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Names a job: its folder, or the job object; where only a mapping is asked for, also a mapping file. PowerShell converts each to
/// this type.</summary>
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

    /// <summary>Where the job is.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public override string ToString() => Path;

    internal static ProvisioningJobIdentity Here { get; } = new(".");
}

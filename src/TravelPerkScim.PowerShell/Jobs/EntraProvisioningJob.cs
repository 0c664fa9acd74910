using TravelPerkScim.Entra.Hosting;

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>The provisioning job of an enterprise application that Microsoft hosts, as Get-EntraProvisioningJob shows it.</summary>
public sealed class EntraProvisioningJob
{
    // The Entra room is loaded when there is such an object: cmdlets may mention this type, but not the types of its properties.
    internal EntraProvisioningJob(HostedJob hosted, EntraEnterpriseApplication application)
    {
        Hosted = hosted;
        EnterpriseApplication = application;
    }

    /// <summary>Name of the application.</summary>
    public string Application => Hosted.Application;

    /// <summary>Object id of the application's service principal.</summary>
    public string ApplicationId => Hosted.ApplicationId;

    /// <summary>The job's id.</summary>
    public string Id => Hosted.Id;

    /// <summary>The job's synchronization template.</summary>
    public string? Template => Hosted.Template;

    /// <summary>NotConfigured, Off, On or Quarantine.</summary>
    public HostedJobStatus Status => Hosted.Status;

    /// <summary>Time between two cycles, which the service decides; null while the job is not scheduled.</summary>
    public TimeSpan? Interval => Hosted.Interval;

    /// <summary>The last cycle; null before the first one.</summary>
    public HostedCycle? LastCycle => Hosted.LastCycle;

    /// <summary>The last cycle without a failure; null before the first one.</summary>
    public HostedCycle? LastSuccessfulCycle => Hosted.LastSuccessfulCycle;

    /// <summary>The progress of the current cycle.</summary>
    public IReadOnlyList<HostedProgress> Progress => Hosted.Progress;

    /// <summary>Number of entries that the job provisions, by kind.</summary>
    public IReadOnlyDictionary<string, long> Entries => Hosted.Entries;

    /// <summary>The reason of a quarantine, its meaning and the way out; null outside of a quarantine.</summary>
    public HostedQuarantine? Quarantine => Hosted.Quarantine;

    /// <summary>Cycles in a row that failed as a whole.</summary>
    public long FailuresInARow => Hosted.FailuresInARow;

    /// <summary>The address to which a quarantine is mailed; null when no mail is sent.</summary>
    public string? NotificationEmail => Hosted.Settings?.NotificationEmail;

    /// <summary>The most disables and deletes of one cycle; null without a threshold.</summary>
    public int? DeleteThreshold => Hosted.Settings?.DeleteThreshold;

    /// <summary>Assigned, or All; null when the sign-in may not read the settings.</summary>
    public HostedScope? Scope => Hosted.Settings?.Scope;

    /// <summary>Users who leave the scope are not disabled; null when the sign-in may not read the settings.</summary>
    public bool? SkipOutOfScopeDeletions => Hosted.Settings?.SkipOutOfScopeDeletions;

    /// <summary>Address of the SCIM service; null where the gallery application knows it.</summary>
    public string? BaseAddress => Hosted.Settings?.BaseAddress;

    /// <summary>Whether credentials are saved; null when the sign-in may not read the settings.</summary>
    public bool? CredentialsSaved => Hosted.Settings?.CredentialsSaved;

    internal HostedJob Hosted { get; }

    internal EntraEnterpriseApplication EnterpriseApplication { get; }

    /// <inheritdoc/>
    public override string ToString() => Application;
}

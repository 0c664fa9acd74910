namespace TravelPerkScim.Provisioning.Job;

/// <summary>The limit of a job that a cycle exceeds with its disables and deletes.</summary>
public enum DeleteLimit
{
    /// <summary>The cycle exceeds no limit.</summary>
    None,

    /// <summary>The number, <see cref="JobSettings.DeleteThreshold"/>.</summary>
    Number,

    /// <summary>The share of the linked users and groups, <see cref="JobSettings.DeleteThresholdShare"/>.</summary>
    Share,
}

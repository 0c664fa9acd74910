using TravelPerkScim.Scim;

namespace TravelPerkScim.Entra.Hosting;

/// <summary>Settings of a hosted job, which the service keeps beside its credentials (Graph synchronization secrets). No secret is
/// here.</summary>
public sealed record HostedSettings
{
    /// <summary>Where a quarantine is mailed to; null when nothing is mailed.</summary>
    public string? NotificationEmail
    {
        get;
        init => field = ShownText.OfAny(value);
    }

    /// <summary>How many disables and deletes of one cycle put the job in quarantine instead; null when none do.</summary>
    public int? DeleteThreshold { get; init; }

    /// <summary>Whom the job provisions.</summary>
    public HostedScope Scope { get; init; }

    /// <summary>Users who leave the scope are left as they are, and not disabled.</summary>
    public bool SkipOutOfScopeDeletions { get; init; }

    /// <summary>Address of the SCIM service; null where the gallery application knows it.</summary>
    public string? BaseAddress
    {
        get;
        init => field = ShownText.OfAny(value);
    }

    /// <summary>Names of the credentials that are saved, such as SecretToken or Oauth2AccessToken; their values are never shown.</summary>
    public IReadOnlyList<string> Credentials { get; init; } = [];

    /// <summary>Whether credentials are saved.</summary>
    public bool CredentialsSaved => Credentials.Count > 0;
}

/// <summary>What is to change in the settings of a hosted job; null leaves a setting as it is.</summary>
public sealed record HostedSettingsChange
{
    /// <summary>Where a quarantine is mailed to; empty mails nothing.</summary>
    public string? NotificationEmail { get; init; }

    /// <summary>How many disables and deletes of one cycle are too many; 0 takes the threshold away.</summary>
    public int? DeleteThreshold { get; init; }

    /// <summary>Whom the job provisions.</summary>
    public HostedScope? Scope { get; init; }

    /// <summary>Whether users who leave the scope are left as they are.</summary>
    public bool? SkipOutOfScopeDeletions { get; init; }

    /// <summary>Address of the SCIM service.</summary>
    public Uri? BaseAddress { get; init; }

    /// <summary>Whether anything is to change.</summary>
    public bool IsEmpty => this == new HostedSettingsChange();
}

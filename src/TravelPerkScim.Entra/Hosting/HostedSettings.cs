using TravelPerkScim.Scim;

namespace TravelPerkScim.Entra.Hosting;

/// <summary>Settings of a hosted job, which the service keeps beside its credentials (Graph synchronization secrets). They hold no
/// secret.</summary>
public sealed record HostedSettings
{
    /// <summary>The address that gets mail about a quarantine; null when no mail is sent.</summary>
    public string? NotificationEmail
    {
        get;
        init => field = ShownText.OfAny(value);
    }

    /// <summary>The number of disables and deletes in one cycle that puts the job in quarantine; null for no threshold.</summary>
    public int? DeleteThreshold { get; init; }

    /// <summary>The users that the job provisions.</summary>
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

/// <summary>A change of the settings of a hosted job. A property that is null leaves its setting as it is.</summary>
public sealed record HostedSettingsChange
{
    /// <summary>The address that gets mail about a quarantine; empty sends no mail.</summary>
    public string? NotificationEmail { get; init; }

    /// <summary>The number of disables and deletes in one cycle that puts the job in quarantine; 0 removes the threshold.</summary>
    public int? DeleteThreshold { get; init; }

    /// <summary>The users that the job provisions.</summary>
    public HostedScope? Scope { get; init; }

    /// <summary>Whether users who leave the scope are left as they are.</summary>
    public bool? SkipOutOfScopeDeletions { get; init; }

    /// <summary>Address of the SCIM service.</summary>
    public Uri? BaseAddress { get; init; }

    /// <summary>Whether anything is to change.</summary>
    public bool IsEmpty => this == new HostedSettingsChange();
}

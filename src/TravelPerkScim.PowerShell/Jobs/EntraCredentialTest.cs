namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>Whether a hosted job signs in to TravelPerk, as Test-EntraProvisioningJob found.</summary>
public sealed class EntraCredentialTest
{
    internal EntraCredentialTest(string application, string credentials, bool success, string? reason, string? advice) =>
        (Application, Credentials, Success, Reason, Advice) = (application, credentials, success, reason, advice);

    /// <summary>Name of the application.</summary>
    public string Application { get; }

    /// <summary>Saved or Given.</summary>
    public string Credentials { get; }

    /// <summary>Whether TravelPerk accepts them.</summary>
    public bool Success { get; }

    /// <summary>Why not; null on success.</summary>
    public string? Reason { get; }

    /// <summary>What to do; null on success.</summary>
    public string? Advice { get; }
}

namespace TravelPerkScim.PowerShell.Jobs;

/// <summary>The result of Test-EntraProvisioningJob.</summary>
public sealed class EntraCredentialTest
{
    internal EntraCredentialTest(string application, string credentials, bool success, string? reason, string? advice) =>
        (Application, Credentials, Success, Reason, Advice) = (application, credentials, success, reason, advice);

    /// <summary>Name of the application.</summary>
    public string Application { get; }

    /// <summary>Saved or Given.</summary>
    public string Credentials { get; }

    /// <summary>Whether TravelPerk accepts the credentials.</summary>
    public bool Success { get; }

    /// <summary>The reason of a refusal; null on success.</summary>
    public string? Reason { get; }

    /// <summary>The advice; null on success.</summary>
    public string? Advice { get; }
}

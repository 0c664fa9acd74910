using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Applications;

/// <summary>How a check of Test-EntraSingleSignOn ended.</summary>
public enum EntraCheckStatus : long
{
    /// <summary>As it should be.</summary>
    Passed,

    /// <summary>People can sign in now, and may not later; or it could not be checked.</summary>
    Warning,

    /// <summary>People cannot sign in.</summary>
    Failed,
}

/// <summary>One thing that Test-EntraSingleSignOn looked at.</summary>
public sealed class EntraSingleSignOnCheck
{
    internal EntraSingleSignOnCheck(string application, string check, EntraCheckStatus status, string message, string? advice)
    {
        Application = application;
        Check = check;
        Status = status;
        Message = message;
        Advice = advice;
    }

    /// <summary>Display name of the enterprise application.</summary>
    public string Application { get; }

    /// <summary>
    /// What was looked at: Mode, Addresses, SignOnUrl, Certificate, OtherCertificates, Notification, Claims, Metadata, MetadataCertificate
    /// or Assignments.
    /// </summary>
    public string Check { get; }

    /// <summary>Passed, Warning or Failed.</summary>
    public EntraCheckStatus Status { get; }

    /// <summary>What was seen.</summary>
    public string Message { get; }

    /// <summary>What to do; null when there is nothing to be done.</summary>
    public string? Advice { get; }

    /// <summary>A text of Entra's, as a terminal may show it.</summary>
    public static string? Shown(string? text) => ShownText.OfAny(text);

    /// <inheritdoc/>
    public override string ToString() => $"{Check}: {Status}";
}

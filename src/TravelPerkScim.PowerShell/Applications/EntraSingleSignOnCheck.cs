using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Applications;

/// <summary>Status of a check of Test-EntraSingleSignOn.</summary>
public enum EntraCheckStatus : long
{
    /// <summary>The setting is right.</summary>
    Passed,

    /// <summary>People can sign in now but perhaps not later, or the check was not possible.</summary>
    Warning,

    /// <summary>People cannot sign in.</summary>
    Failed,
}

/// <summary>One check of Test-EntraSingleSignOn.</summary>
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
    /// The name of the check: Mode, Addresses, SignOnUrl, Certificate, OtherCertificates, Notification, Claims, Metadata,
    /// MetadataCertificate or Assignments.
    /// </summary>
    public string Check { get; }

    /// <summary>Passed, Warning or Failed.</summary>
    public EntraCheckStatus Status { get; }

    /// <summary>The finding.</summary>
    public string Message { get; }

    /// <summary>The advice; null when there is nothing to do.</summary>
    public string? Advice { get; }

    /// <summary>A text from Entra with its control characters escaped, for the views.</summary>
    public static string? Shown(string? text) => ShownText.OfAny(text);

    /// <inheritdoc/>
    public override string ToString() => $"{Check}: {Status}";
}

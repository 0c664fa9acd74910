namespace TravelPerkScim.PowerShell.Applications;

/// <summary>A step of the change from one signing certificate to the next.</summary>
public enum EntraCertificateStep : long
{
    /// <summary>A certificate is made, and not active.</summary>
    Create,

    /// <summary>Entra signs with it.</summary>
    Activate,

    /// <summary>Those before it are removed.</summary>
    RemoveOld,
}

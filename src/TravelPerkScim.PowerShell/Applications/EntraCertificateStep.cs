namespace TravelPerkScim.PowerShell.Applications;

/// <summary>A step of the change from one signing certificate to the next.</summary>
public enum EntraCertificateStep : long
{
    /// <summary>Makes a certificate that is not active yet.</summary>
    Create,

    /// <summary>Makes Entra sign with the certificate.</summary>
    Activate,

    /// <summary>Removes the older certificates.</summary>
    RemoveOld,
}

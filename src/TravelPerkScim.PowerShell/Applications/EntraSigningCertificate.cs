using TravelPerkScim.Scim;

namespace TravelPerkScim.PowerShell.Applications;

/// <summary>A certificate that Entra signs the sign-ins of an enterprise application with. Its private key stays in Entra.</summary>
public sealed class EntraSigningCertificate
{
    internal EntraSigningCertificate(string thumbprint, string name, DateTimeOffset notBefore, DateTimeOffset notAfter, bool isActive)
    {
        Thumbprint = thumbprint;
        Name = name;
        NotBefore = notBefore;
        NotAfter = notAfter;
        IsActive = isActive;
    }

    /// <summary>SHA-1 of the certificate, in capital hexadecimal digits.</summary>
    public string Thumbprint { get; }

    /// <summary>Its subject.</summary>
    public string Name { get; }

    /// <summary>From when it is valid.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>Until when it is valid.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>Whether Entra signs with it.</summary>
    public bool IsActive { get; }

    /// <summary>The text to paste into TravelPerk, in PEM; null when Graph did not give it.</summary>
    public string? Certificate { get; init; }

    /// <summary>What comes next in a change of certificates; null outside of one.</summary>
    public string? NextStep { get; init; }

    /// <summary>A text of Entra's, as a terminal may show it.</summary>
    public static string? Shown(string? text) => ShownText.OfAny(text);

    /// <inheritdoc/>
    public override string ToString() => Thumbprint;
}

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

    /// <summary>The certificate's subject.</summary>
    public string Name { get; }

    /// <summary>The begin of its validity.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>The end of its validity.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>Whether Entra signs with this certificate.</summary>
    public bool IsActive { get; }

    /// <summary>The text to paste into TravelPerk, in PEM; null when Graph did not give it.</summary>
    public string? Certificate { get; init; }

    /// <summary>The next step of a change of certificates; null outside of a change.</summary>
    public string? NextStep { get; init; }

    /// <summary>A text from Entra with its control characters escaped, for the views.</summary>
    public static string? Shown(string? text) => ShownText.OfAny(text);

    /// <inheritdoc/>
    public override string ToString() => Thumbprint;
}

using System.Management.Automation;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell.Connection;

/// <summary>Finds and checks certificates to sign in with.</summary>
internal static class Certificates
{
    /// <summary>A certificate of the personal store of the user, else of the machine.</summary>
    /// <exception cref="CommandException"><c>CertificateNotFound</c>.</exception>
    public static X509Certificate2 Find(string thumbprint)
    {
        // A thumbprint that was copied from a dialog has spaces, and often an invisible mark before it.
        string wanted = string.Concat(thumbprint.Where(char.IsAsciiHexDigit));
        return new[] { StoreLocation.CurrentUser, StoreLocation.LocalMachine }
                .Select(location => Find(location, wanted))
                .FirstOrDefault(found => found is not null)
            ?? throw new CommandException(
                "CertificateNotFound",
                ErrorCategory.ObjectNotFound,
                $"There is no certificate with the thumbprint '{thumbprint}' in the personal store of this user or machine. "
                    + "Import it there, or give the certificate itself with -Certificate."
            );
    }

    /// <exception cref="CommandException"><c>InvalidCertificate</c>.</exception>
    public static X509Certificate2 Check(X509Certificate2 certificate, TimeProvider time)
    {
        return Fault(certificate, time.GetUtcNow().UtcDateTime) is not { } fault
            ? certificate
            : throw new CommandException(
                "InvalidCertificate",
                ErrorCategory.AuthenticationError,
                $"The certificate {certificate.Thumbprint} cannot be used: {fault}"
            );
    }

    private static string? Fault(X509Certificate2 certificate, DateTime now)
    {
        if (!certificate.HasPrivateKey)
            return "it has no private key here. Load it from a .pfx file, or from a store that has the key.";
        if (certificate.NotAfter.ToUniversalTime() is var end && end < now)
        {
            return FormattableString.Invariant(
                $"it ended on {end:yyyy-MM-dd}. Make a new one and upload its public part to the application."
            );
        }

        if (certificate.NotBefore.ToUniversalTime() is var start && start > now)
            return FormattableString.Invariant($"it is valid from {start:yyyy-MM-dd HH:mm}Z on. Check the clock of this machine.");
        return null;
    }

    private static X509Certificate2? Find(StoreLocation location, string thumbprint)
    {
        try
        {
            using var store = new X509Store(StoreName.My, location, OpenFlags.ReadOnly | OpenFlags.OpenExistingOnly);
            return store.Certificates.FirstOrDefault(certificate =>
                string.Equals(certificate.Thumbprint, thumbprint, StringComparison.OrdinalIgnoreCase)
            );
        }
        catch (CryptographicException)
        {
            // Not every platform has every store.
            return null;
        }
    }
}

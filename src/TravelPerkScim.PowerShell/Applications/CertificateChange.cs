using System.Management.Automation;
using TravelPerkScim.Entra.Reading;
using TravelPerkScim.Entra.SingleSignOn;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.Provisioning.Model;

namespace TravelPerkScim.PowerShell.Applications;

/// <summary>The steps from one signing certificate of an application to the next.</summary>
/// <param name="application">The application.</param>
/// <param name="certificates">Its certificates in Entra.</param>
/// <param name="confirm">Asked before each change.</param>
internal sealed class CertificateChange(
    EntraEnterpriseApplication application,
    SigningCertificates certificates,
    Func<string, Task<bool>> confirm
)
{
    private readonly EntraApplication _application = application.ToEntra();
    private IReadOnlyList<SigningCertificate> _existing = [];

    private SigningCertificate? Next => certificates.Next(_existing);

    private SigningCertificate? Active => _existing.FirstOrDefault(one => one.IsActive);

    public static EntraSigningCertificate Shown(SigningCertificate certificate, string? nextStep = null) =>
        new(certificate.Thumbprint, certificate.Name, certificate.NotBefore, certificate.NotAfter, certificate.IsActive)
        {
            Certificate = certificate.Pem,
            NextStep = nextStep,
        };

    public async Task ReadAsync(CancellationToken cancellationToken) =>
        _existing = await certificates.ReadAsync(_application, cancellationToken).ConfigureAwait(false);

    public async Task<EntraSigningCertificate?> CreateAsync(CancellationToken cancellationToken)
    {
        SigningCertificate? next = Next;
        if (next is null && !await confirm("Make a signing certificate, valid for three years and not active").ConfigureAwait(false))
            return null;
        next ??= await certificates.CreateAsync(_application, cancellationToken).ConfigureAwait(false);
        return Shown(
            next,
            "Paste Certificate into TravelPerk under Settings, Integrations, SSO, SAML. "
                + "Then run Update-EntraSigningCertificate -Step Activate at once: TravelPerk takes one certificate at a time."
        );
    }

    public async Task<EntraSigningCertificate?> ActivateAsync(CancellationToken cancellationToken)
    {
        if (Next is not { } next)
        {
            return Active is { } active
                ? Shown(active, "This certificate is active already, and no certificate comes after it.")
                : throw Missing(
                    $"The application '{application.DisplayName}' has no certificate to activate. "
                        + "Run Update-EntraSigningCertificate -Step Create."
                );
        }

        if (!await confirm($"Sign with the certificate {Named(next)}").ConfigureAwait(false))
            return null;
        return Shown(
            await certificates.ActivateAsync(_application, next, cancellationToken).ConfigureAwait(false),
            "Sign in as one user, run Test-EntraSingleSignOn, and then Update-EntraSigningCertificate -Step RemoveOld."
        );
    }

    public async Task<EntraSigningCertificate?> RemoveOldAsync(CancellationToken cancellationToken)
    {
        if (Active is not { } active || !active.IsValid(TimeProvider.System.GetUtcNow()))
        {
            throw Missing(
                $"No certificate was removed: no valid certificate of the application '{application.DisplayName}' is active. "
                    + "Run Update-EntraSigningCertificate -Step Activate first."
            );
        }

        var confirmed = new List<SigningCertificate>();
        foreach (SigningCertificate old in certificates.Old(_existing))
        {
            if (await confirm($"Remove the certificate {Named(old)}").ConfigureAwait(false))
                confirmed.Add(old);
        }
        await certificates.RemoveAsync(_application, confirmed, cancellationToken).ConfigureAwait(false);
        return Shown(active);
    }

    private static string Named(SigningCertificate certificate) =>
        $"{certificate.Thumbprint}, valid until {ShownTime.Text(certificate.NotAfter)}";

    private static CommandException Missing(string message) => new("EntraCertificateMissing", ErrorCategory.ObjectNotFound, message);
}

using System.Management.Automation;
using TravelPerkScim.PowerShell.Applications;
using TravelPerkScim.PowerShell.Jobs;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Changes the signing certificate of an enterprise application, step by step.</summary>
/// <remarks>
/// <para>Create makes the next certificate, which is not active yet, and writes the text to paste into TravelPerk. Activate makes Entra
/// sign with the certificate: people can then sign in only when TravelPerk has it. RemoveOld removes the older certificates. A step can be
/// repeated without a change: Create then writes the certificate that is not active yet, and Activate the active one.</para>
/// <para>Private keys are made in Entra and never leave it. Needs Application.Read.All and Application.ReadWrite.All.</para>
/// </remarks>
/// <example>
/// <para>Make the next certificate and copy its text</para>
/// <code>(Update-EntraSigningCertificate TravelPerk -Step Create).Certificate | Set-Clipboard</code>
/// <para>Nothing changes for people who sign in.</para>
/// </example>
/// <example>
/// <para>Switch over, and tidy up when people sign in</para>
/// <code>Update-EntraSigningCertificate TravelPerk -Step Activate
/// Test-EntraSingleSignOn TravelPerk
/// Update-EntraSigningCertificate TravelPerk -Step RemoveOld</code>
/// <para>Run Activate directly after the certificate was pasted into TravelPerk.</para>
/// </example>
/// <seealso>Test-EntraSingleSignOn</seealso>
/// <seealso>Get-EntraSingleSignOn</seealso>
[Cmdlet(VerbsData.Update, "EntraSigningCertificate", SupportsShouldProcess = true, HelpUri = HelpPages.SigningCertificates)]
[OutputType(typeof(EntraSigningCertificate))]
public sealed class UpdateEntraSigningCertificateCommand : EntraApplicationCommand
{
    /// <summary>Create, Activate or RemoveOld.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    public EntraCertificateStep Step { get; set; }

    private protected override async Task ProcessApplicationAsync(CancellationToken cancellationToken)
    {
        EntraEnterpriseApplication found = await EntraApplicationCalls
            .FindAsync(Entra, Application, writes: true, cancellationToken)
            .ConfigureAwait(false);
        EntraSigningCertificate? certificate = await EntraSingleSignOnCalls
            .StepAsync(
                Entra,
                found,
                Step,
                action => ShouldProcessAsync(found.ToString(), action),
                WaitProgress("Update-EntraSigningCertificate"),
                cancellationToken
            )
            .ConfigureAwait(false);
        if (certificate is not null)
            await WriteObjectAsync(certificate).ConfigureAwait(false);
    }
}

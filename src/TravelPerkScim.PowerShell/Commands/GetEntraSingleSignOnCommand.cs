using System.Management.Automation;
using TravelPerkScim.PowerShell.Applications;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Gets the single sign-on settings of an enterprise application, and the values that TravelPerk needs.</summary>
/// <remarks>
/// <para>Writes addresses, claims and certificates, and the three values to paste into TravelPerk: entity id, login URL and X.509
/// certificate of the identity provider. Needs Application.Read.All and Policy.Read.All; claims that may not be read are left out.</para>
/// </remarks>
/// <example>
/// <para>See the values to paste</para>
/// <code>Get-EntraSingleSignOn TravelPerk</code>
/// <para>Shows the values as a list, with the switches to set in TravelPerk.</para>
/// </example>
/// <example>
/// <para>Write the certificate to a file</para>
/// <code>(Get-EntraSingleSignOn TravelPerk).IdentityProviderCertificate | Set-Content ./travelperk.pem</code>
/// <para>The certificate is public; its private key stays in Entra.</para>
/// </example>
/// <seealso>Set-EntraSingleSignOn</seealso>
/// <seealso>Test-EntraSingleSignOn</seealso>
[Cmdlet(VerbsCommon.Get, "EntraSingleSignOn", HelpUri = HelpPages.SingleSignOn)]
[OutputType(typeof(EntraSingleSignOn))]
public sealed class GetEntraSingleSignOnCommand : EntraApplicationCommand
{
    private protected override async Task ProcessApplicationAsync(CancellationToken cancellationToken) =>
        await WriteObjectAsync(await EntraSingleSignOnCalls.ReadAsync(Entra, Application, cancellationToken).ConfigureAwait(false))
            .ConfigureAwait(false);
}

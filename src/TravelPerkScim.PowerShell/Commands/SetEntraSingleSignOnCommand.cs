using System.Management.Automation;
using TravelPerkScim.Entra.SingleSignOn;
using TravelPerkScim.PowerShell.Applications;
using TravelPerkScim.PowerShell.Jobs;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Sets up SAML single sign-on with TravelPerk.</summary>
/// <remarks>
/// <para>Sets the mode, the identifier and reply URL, the sign-on URL, the claims and a signing certificate of the enterprise application,
/// and activates the certificate. The command reads the settings and changes only those that differ, one at a time. It can be run again
/// after an interruption, and once more to see that nothing differs. Addresses of another TravelPerk integration are replaced; all others
/// stay. A certificate is made only when there is no valid one.</para>
/// <para>The command sets the claims that TravelPerk reads: emailaddress, name and the unique identifier from the userPrincipalName,
/// givenname and surname. Other claims stay. A claims mapping policy overrides claims, so the command refuses and changes nothing while a
/// policy is assigned. National clouds have no interface for claims; there, set them in the Entra admin center.</para>
/// <para>The command writes the three values to paste into TravelPerk, and the switches to set there by hand. Needs
/// Application.ReadWrite.All, Policy.Read.All and Policy.ReadWrite.ApplicationConfiguration.</para>
/// </remarks>
/// <example>
/// <para>Set up single sign-on</para>
/// <code>$travelPerk = @{ Company = 'contoso'; ApplicationId = '5f0c1e7a' }
/// Set-EntraSingleSignOn TravelPerk @travelPerk -NotificationEmail it@contoso.com</code>
/// <para>The application id stands at the end of the SP entity id that TravelPerk shows for a new SAML integration. Shows the values to
/// paste there.</para>
/// </example>
/// <example>
/// <para>See the differences</para>
/// <code>$entityId = 'https://contoso.travelperk.com/accounts/saml2/metadata/5f0c1e7a'
/// Set-EntraSingleSignOn TravelPerk -Company contoso -ApplicationId $entityId -WhatIf</code>
/// <para>Names each change and makes none. The whole entity id works too.</para>
/// </example>
/// <seealso>Get-EntraSingleSignOn</seealso>
/// <seealso>Test-EntraSingleSignOn</seealso>
/// <seealso>Update-EntraSigningCertificate</seealso>
[Cmdlet(VerbsCommon.Set, "EntraSingleSignOn", SupportsShouldProcess = true, HelpUri = HelpPages.SingleSignOn)]
[OutputType(typeof(EntraSingleSignOn))]
public sealed class SetEntraSingleSignOnCommand : EntraApplicationCommand
{
    /// <summary>The company's name in its TravelPerk address: contoso of https://contoso.travelperk.com.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Company { get; set; } = "";

    /// <summary>TravelPerk's application id: the end of the SP entity id that its settings show, or that entity id whole.</summary>
    [Parameter(Mandatory = true, Position = 2)]
    [ValidateNotNullOrEmpty]
    public string ApplicationId { get; set; } = "";

    /// <summary>The addresses, five at most, that get mail 60, 30 and 7 days before the certificate ends. Default: no change.</summary>
    [Parameter]
    [ValidateCount(1, 5)]
    [ValidatePattern("^[^@\\s]{1,64}@[^@\\s]{1,255}$")]
    public string[]? NotificationEmail { get; set; }

    private protected override async Task ProcessApplicationAsync(CancellationToken cancellationToken)
    {
        SignOnSettings settings = EntraSingleSignOnCalls.SettingsOf(Entra, Company, ApplicationId, NotificationEmail);
        EntraEnterpriseApplication found = await EntraSingleSignOnCalls
            .FindForChangeAsync(Entra, Application, cancellationToken)
            .ConfigureAwait(false);
        if (!settings.SetsClaims)
        {
            await WriteWarningAsync(
                    "The claims were not set: this cloud has no interface for claims. "
                        + "In the Entra admin center, set emailaddress, name and Unique User Identifier to user.userprincipalname."
                )
                .ConfigureAwait(false);
        }

        EntraSingleSignOn set = await EntraSingleSignOnCalls
            .SetAsync(
                Entra,
                found,
                settings,
                (name, to) => ShouldProcessAsync(found.ToString(), $"Set {name} to {to}"),
                WaitProgress("Set-EntraSingleSignOn"),
                cancellationToken
            )
            .ConfigureAwait(false);
        await WriteObjectAsync(set).ConfigureAwait(false);
    }
}

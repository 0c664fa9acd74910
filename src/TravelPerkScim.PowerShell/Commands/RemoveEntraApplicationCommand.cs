using System.Management.Automation;
using TravelPerkScim.PowerShell.Applications;
using TravelPerkScim.PowerShell.Jobs;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Removes an enterprise application from Entra.</summary>
/// <remarks>
/// <para>Removes the application object and its service principal, with assignments, single sign-on and the hosted provisioning job. For 30
/// days both can be restored from the recycle bin of the Entra admin center. Users at TravelPerk are left as they are.</para>
/// <para>The command asks before each application. In a script, which cannot answer, give -Confirm:$false. Needs Application.Read.All and
/// Application.ReadWrite.All.</para>
/// </remarks>
/// <example>
/// <para>Remove the application for tests</para>
/// <code>Remove-EntraApplication 'TravelPerk test'</code>
/// <para>Asks, then removes the application and waits until the directory no longer shows it.</para>
/// </example>
/// <example>
/// <para>See what would be removed</para>
/// <code>Get-EntraApplication TravelPerk | Remove-EntraApplication -WhatIf</code>
/// <para>Names each application of that name and removes none.</para>
/// </example>
/// <seealso>New-EntraApplication</seealso>
[Cmdlet(
    VerbsCommon.Remove,
    "EntraApplication",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.High,
    HelpUri = HelpPages.Tutorial
)]
public sealed class RemoveEntraApplicationCommand : EntraCommand
{
    /// <summary>The application: its name, application id or object id, or what Get-EntraApplication found.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "Name")]
    [ValidateNotNull]
    public EntraApplicationIdentity Application { get; set; } = null!;

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        AttemptAsync(
            Application,
            async () =>
            {
                EntraEnterpriseApplication found = await EntraApplicationCalls
                    .FindAsync(Entra, Application, writes: true, cancellationToken)
                    .ConfigureAwait(false);
                if (
                    await ShouldProcessAsync($"{found.DisplayName} ({found.Id})", $"Remove the enterprise application from tenant {Entra}")
                        .ConfigureAwait(false)
                )
                {
                    await EntraApplicationCalls
                        .RemoveAsync(Entra, found, WaitProgress("Remove-EntraApplication"), cancellationToken)
                        .ConfigureAwait(false);
                }
            }
        );
}

using System.Management.Automation;
using TravelPerkScim.PowerShell.Applications;
using TravelPerkScim.PowerShell.Jobs;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Makes an enterprise application from Microsoft's gallery, if it does not exist yet.</summary>
/// <remarks>
/// <para>Finds the gallery application by its name and makes the tenant's own application from it, with its service principal, as New
/// application does in the Entra admin center. An application that was already made from it under the same name is written as it is. The
/// command can therefore be run again after an interruption. TravelPerk and Perk are the same gallery application.</para>
/// <para>The command returns when the copies of the directory show the application, after seconds or a few minutes. The next command of a
/// script then finds it. Needs Application.Read.All and Application.ReadWrite.All, or the role Cloud Application Administrator.</para>
/// </remarks>
/// <example>
/// <para>Make the application and assign a group to it</para>
/// <code>New-EntraApplication
/// Add-EntraApplicationAssignment TravelPerk 'All travellers'</code>
/// <para>Makes the enterprise application TravelPerk, or finds it, and assigns the group.</para>
/// </example>
/// <example>
/// <para>Make a second one for tests</para>
/// <code>New-EntraApplication TravelPerk -Name 'TravelPerk test' -WhatIf</code>
/// <para>Names the application that would be made, and makes nothing.</para>
/// </example>
/// <seealso>Get-EntraApplication</seealso>
/// <seealso>Add-EntraApplicationAssignment</seealso>
/// <seealso>Remove-EntraApplication</seealso>
[Cmdlet(VerbsCommon.New, "EntraApplication", SupportsShouldProcess = true, HelpUri = HelpPages.Tutorial)]
[OutputType(typeof(EntraEnterpriseApplication))]
public sealed class NewEntraApplicationCommand : EntraCommand
{
    /// <summary>Name of the gallery application, as the Entra admin center shows it. Default: TravelPerk. Its other name Perk works
    /// too.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Template { get; set; } = "TravelPerk";

    /// <summary>Name of the new application in this tenant. Default: the name of the gallery application.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    private protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        EntraEnterpriseApplication? application = await EntraApplicationCalls
            .MakeAsync(
                Entra,
                Template,
                Name,
                name => ShouldProcessAsync(name, $"Make an enterprise application in tenant {Entra}"),
                WaitProgress("New-EntraApplication"),
                cancellationToken
            )
            .ConfigureAwait(false);
        if (application is not null)
            await WriteObjectAsync(application).ConfigureAwait(false);
    }
}

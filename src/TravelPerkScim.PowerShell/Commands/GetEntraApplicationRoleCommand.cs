using System.Management.Automation;
using TravelPerkScim.PowerShell.Applications;
using TravelPerkScim.PowerShell.Jobs;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Gets the roles of an enterprise application.</summary>
/// <remarks>
/// <para>Writes each role that users and groups can be assigned with, as the service principal has it. A gallery application has the role
/// User, and the role msiam_access of Microsoft, which only allows the sign-in. Needs Application.Read.All.</para>
/// </remarks>
/// <example>
/// <para>See which roles there are</para>
/// <code>Get-EntraApplicationRole TravelPerk</code>
/// <para>Shows name, value and whether people can be given the role.</para>
/// </example>
/// <example>
/// <para>List only the roles that people can be given</para>
/// <code>Get-EntraApplication TravelPerk | Get-EntraApplicationRole | Where-Object IsAssignable</code>
/// <para>Leaves out msiam_access and roles that are disabled.</para>
/// </example>
/// <seealso>Add-EntraApplicationRole</seealso>
/// <seealso>Add-EntraApplicationAssignment</seealso>
[Cmdlet(VerbsCommon.Get, "EntraApplicationRole", HelpUri = HelpPages.Assignments)]
[OutputType(typeof(EntraApplicationRole))]
public sealed class GetEntraApplicationRoleCommand : EntraApplicationCommand
{
    private protected override async Task ProcessApplicationAsync(CancellationToken cancellationToken)
    {
        EntraEnterpriseApplication found = await EntraApplicationCalls
            .FindAsync(Entra, Application, writes: false, cancellationToken)
            .ConfigureAwait(false);
        foreach (EntraApplicationRole role in await EntraApplicationCalls.RolesAsync(Entra, found, cancellationToken).ConfigureAwait(false))
            await WriteObjectAsync(role).ConfigureAwait(false);
    }
}

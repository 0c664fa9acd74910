using System.Management.Automation;
using TravelPerkScim.PowerShell.Applications;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Gets the users and groups that are assigned to an enterprise application.</summary>
/// <remarks>
/// <para>Writes each assignment of a user or group with its role. Members of an assigned group are not listed. Needs
/// Application.Read.All.</para>
/// </remarks>
/// <example>
/// <para>See the assigned users and groups</para>
/// <code>Get-EntraApplicationAssignment TravelPerk</code>
/// <para>Shows users and groups with their roles.</para>
/// </example>
/// <example>
/// <para>Keep a copy of the groups</para>
/// <code>Get-EntraApplicationAssignment TravelPerk | Where-Object PrincipalType -EQ Group | Export-Csv ./groups.csv</code>
/// <para>Import-Csv ./groups.csv | Add-EntraApplicationAssignment TravelPerk assigns them again, each with its role.</para>
/// </example>
/// <seealso>Add-EntraApplicationAssignment</seealso>
/// <seealso>Remove-EntraApplicationAssignment</seealso>
[Cmdlet(VerbsCommon.Get, "EntraApplicationAssignment", HelpUri = HelpPages.Assignments)]
[OutputType(typeof(EntraApplicationAssignment))]
public sealed class GetEntraApplicationAssignmentCommand : EntraApplicationCommand
{
    private protected override async Task ProcessApplicationAsync(CancellationToken cancellationToken)
    {
        EntraAssignments assignments = await EntraAssignments
            .OpenAsync(Entra, Application, writes: false, cancellationToken)
            .ConfigureAwait(false);
        await foreach (EntraApplicationAssignment assignment in assignments.ListAsync(cancellationToken).ConfigureAwait(false))
            await WriteObjectAsync(assignment).ConfigureAwait(false);
    }
}

using System.Management.Automation;
using TravelPerkScim.PowerShell.Applications;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Removes a role of an enterprise application.</summary>
/// <remarks>
/// <para>Disables the role, because Graph requires that first, removes it from the application, and returns when the service principal no
/// longer shows it. An assignment with the role stays, with a role that has no name any more. Look at Get-EntraApplicationAssignment first.
/// The gallery's own role msiam_access is never removed.</para>
/// <para>The command asks before each role. In a script, which cannot answer, give -Confirm:$false. Needs Application.Read.All and
/// Application.ReadWrite.All.</para>
/// </remarks>
/// <example>
/// <para>Remove one role</para>
/// <code>Remove-EntraApplicationRole TravelPerk approver</code>
/// <para>Asks, then removes the role with this value or name.</para>
/// </example>
/// <example>
/// <para>Remove roles that are disabled</para>
/// <code>Get-EntraApplicationRole TravelPerk |
///     Where-Object IsEnabled -EQ $false |
///     Remove-EntraApplicationRole TravelPerk -WhatIf</code>
/// <para>Names each of them and removes none.</para>
/// </example>
/// <seealso>Get-EntraApplicationRole</seealso>
/// <seealso>Get-EntraApplicationAssignment</seealso>
[Cmdlet(
    VerbsCommon.Remove,
    "EntraApplicationRole",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.High,
    HelpUri = HelpPages.Assignments
)]
public sealed class RemoveEntraApplicationRoleCommand : EntraCommand
{
    /// <summary>The application: its name, application id or object id, or what Get-EntraApplication found.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    public EntraApplicationIdentity Application { get; set; } = null!;

    /// <summary>The role: its value, name or id, or an object of Get-EntraApplicationRole.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id")]
    [ValidateNotNullOrEmpty]
    public string Role { get; set; } = "";

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        AttemptAsync(
            Role,
            async () =>
            {
                EntraEnterpriseApplication found = await EntraApplicationCalls
                    .FindAsync(Entra, Application, writes: true, cancellationToken)
                    .ConfigureAwait(false);
                EntraApplicationRole role =
                    await EntraApplicationCalls.FindRoleAsync(Entra, found, Role, cancellationToken).ConfigureAwait(false)
                    ?? throw new CommandException(
                        "EntraRoleNotFound",
                        ErrorCategory.ObjectNotFound,
                        $"The application '{found}' has no role '{Role}'. Get-EntraApplicationRole lists its roles."
                    );
                if (await ShouldProcessAsync(found.ToString(), $"Remove the role '{role}'").ConfigureAwait(false))
                {
                    await EntraApplicationCalls
                        .RemoveRoleAsync(Entra, found, role, WaitProgress("Remove-EntraApplicationRole"), cancellationToken)
                        .ConfigureAwait(false);
                }
            }
        );
}

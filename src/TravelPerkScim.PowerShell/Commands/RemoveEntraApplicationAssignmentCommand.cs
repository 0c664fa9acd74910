using System.Management.Automation;
using TravelPerkScim.PowerShell.Applications;
using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Takes assignments of users and groups to an enterprise application away.</summary>
/// <remarks>
/// <para>Who is no longer assigned may no longer sign in, and provisioning disables them at TravelPerk. Who is not assigned is passed over;
/// a name that nobody has is an error about that input.</para>
/// <para>It asks for each user and group. In a script where nobody can answer, give -Confirm:$false. Needs AppRoleAssignment.ReadWrite.All
/// and Application.Read.All, and User.Read.All or GroupMember.Read.All to look up whom it is given.</para>
/// </remarks>
/// <example>
/// <para>Take one group off</para>
/// <code>Remove-EntraApplicationAssignment TravelPerk 'Contractors'</code>
/// <para>Asks, then takes each role of the group away.</para>
/// </example>
/// <example>
/// <para>Take one role from all who have it</para>
/// <code>Get-EntraApplicationAssignment TravelPerk |
///     Where-Object Role -EQ approver |
///     Remove-EntraApplicationAssignment TravelPerk -WhatIf</code>
/// <para>Names each of them and changes nothing. Without -WhatIf, their other roles stay.</para>
/// </example>
/// <seealso>Get-EntraApplicationAssignment</seealso>
/// <seealso>Add-EntraApplicationAssignment</seealso>
[Cmdlet(
    VerbsCommon.Remove,
    "EntraApplicationAssignment",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.High,
    HelpUri = HelpPages.Assignments
)]
public sealed class RemoveEntraApplicationAssignmentCommand : EntraAssignmentCommand
{
    /// <summary>Only this role: its value, name or id. Default: each role that they have.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull, AllowEmptyString]
    public string? Role { get; set; }

    private protected override string? RoleName => string.IsNullOrWhiteSpace(Role) ? null : Role.Trim();

    private protected override Task ChangeAsync(
        EntraAssignments assignments,
        IReadOnlyList<string> principals,
        string? role,
        CancellationToken cancellationToken
    ) =>
        AttemptAsync(
            role is null ? principals : role,
            async () =>
            {
                foreach (
                    (string input, Exception failure) in await assignments
                        .RemoveAsync(
                            principals,
                            role,
                            (principal, chosen) =>
                                ShouldProcessAsync(
                                    principal,
                                    $"Remove from the enterprise application '{assignments.Application}': {chosen}"
                                ),
                            cancellationToken
                        )
                        .ConfigureAwait(false)
                )
                    await WriteErrorAsync(ErrorRecords.From(failure, input)).ConfigureAwait(false);
            }
        );
}

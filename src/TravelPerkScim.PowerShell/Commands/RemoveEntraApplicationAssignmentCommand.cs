using System.Management.Automation;
using TravelPerkScim.PowerShell.Applications;
using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Removes assignments of users and groups to an enterprise application.</summary>
/// <remarks>
/// <para>A user without an assignment may no longer sign in, and provisioning disables the user at TravelPerk. A user or group that is not
/// assigned is skipped. A name that does not exist is an error about that input.</para>
/// <para>The command asks for each user and group. In a script, which cannot answer, give -Confirm:$false. Needs
/// AppRoleAssignment.ReadWrite.All and Application.Read.All, and User.Read.All or GroupMember.Read.All to look up the users and
/// groups.</para>
/// </remarks>
/// <example>
/// <para>Remove one group</para>
/// <code>Remove-EntraApplicationAssignment TravelPerk 'Contractors'</code>
/// <para>Asks, then removes each role of the group.</para>
/// </example>
/// <example>
/// <para>Remove one role from every user and group</para>
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
    /// <summary>Only this role: its value, name or id. Default: every role of the user or group.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull, AllowEmptyString]
    public string? Role { get; set; }

    private protected override string? RoleName => string.IsNullOrWhiteSpace(Role) ? null : Role.Trim();

    private protected override Task ChangeAsync(
        EntraAssignments assignments,
        IReadOnlyList<string> principals,
        string? role,
        CancellationToken cancellationToken
    ) => AttemptAsync(role is null ? principals : role, () => RemoveAsync(assignments, principals, role, cancellationToken));

    private async Task RemoveAsync(
        EntraAssignments assignments,
        IReadOnlyList<string> principals,
        string? role,
        CancellationToken cancellationToken
    )
    {
        Task<bool> ConfirmAsync(string principal, string chosen) =>
            ShouldProcessAsync(principal, $"Remove from the enterprise application '{assignments.Application}': {chosen}");

        IReadOnlyList<(string Input, Exception Failure)> failures = await assignments
            .RemoveAsync(principals, role, ConfirmAsync, cancellationToken)
            .ConfigureAwait(false);
        foreach ((string input, Exception failure) in failures)
            await WriteErrorAsync(ErrorRecords.From(failure, input)).ConfigureAwait(false);
    }
}

using System.Management.Automation;
using TravelPerkScim.PowerShell.Applications;
using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Assigns users and groups to an enterprise application.</summary>
/// <remarks>
/// <para>A user who is assigned, directly or as a direct member of an assigned group, may sign in and is provisioned. Names are looked up
/// and assignments made 20 in a request. Each input has its own outcome: Assigned, AlreadyAssigned, NotFound or Failed; NotFound and Failed
/// are also errors about that input and do not stop the others. The command can be run again: an assignment that exists stays.</para>
/// <para>Needs AppRoleAssignment.ReadWrite.All and Application.Read.All, and User.Read.All or GroupMember.Read.All to look up the users and
/// groups.</para>
/// </remarks>
/// <example>
/// <para>Assign a group</para>
/// <code>Add-EntraApplicationAssignment TravelPerk 'All travellers'</code>
/// <para>Assigns the group with the only role that people can be given, User.</para>
/// </example>
/// <example>
/// <para>Assign people from a file, each with a role</para>
/// <code>Import-Csv ./people.csv | Add-EntraApplicationAssignment TravelPerk</code>
/// <para>The file has a column userPrincipalName, and may have a column role.</para>
/// </example>
/// <seealso>Get-EntraApplicationAssignment</seealso>
/// <seealso>Remove-EntraApplicationAssignment</seealso>
/// <seealso>Get-EntraApplicationRole</seealso>
[Cmdlet(VerbsCommon.Add, "EntraApplicationAssignment", SupportsShouldProcess = true, HelpUri = HelpPages.Assignments)]
[OutputType(typeof(EntraAssignmentOutcome))]
public sealed class AddEntraApplicationAssignmentCommand : EntraAssignmentCommand
{
    /// <summary>The role: its value, name or id. Default: the only role of the application that people can be given; with several, the
    /// error names them.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull, AllowEmptyString]
    public string? Role { get; set; }

    private protected override string? RoleName => string.IsNullOrWhiteSpace(Role) ? null : Role.Trim();

    private protected override Task ChangeAsync(
        EntraAssignments assignments,
        IReadOnlyList<string> principals,
        string? role,
        CancellationToken cancellationToken
    ) => AttemptAsync(role is null ? principals : role, () => AddAsync(assignments, principals, role, cancellationToken));

    private async Task AddAsync(
        EntraAssignments assignments,
        IReadOnlyList<string> principals,
        string? role,
        CancellationToken cancellationToken
    )
    {
        Task<bool> ConfirmAsync(string principal, string chosen) =>
            ShouldProcessAsync(principal, $"Assign to the enterprise application '{assignments.Application}' with the role '{chosen}'");

        IReadOnlyList<(EntraAssignmentOutcome Outcome, Exception? Failure)> outcomes = await assignments
            .AddAsync(principals, role, ConfirmAsync, cancellationToken)
            .ConfigureAwait(false);
        foreach ((EntraAssignmentOutcome outcome, Exception? failure) in outcomes)
        {
            await WriteObjectAsync(outcome).ConfigureAwait(false);
            if (failure is not null)
                await WriteErrorAsync(ErrorRecords.From(failure, outcome.Principal)).ConfigureAwait(false);
        }
    }
}

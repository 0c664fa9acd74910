using System.Management.Automation;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.PowerShell.Users;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Deletes a user at TravelPerk.</summary>
/// <remarks>
/// <para>Deletes the user for good. To keep a leaver's trips and invoices, disable the user instead: Set-ScimUser -Active $false.</para>
/// <para>The command asks before each user. In a script, which cannot answer, give -Confirm:$false.</para>
/// </remarks>
/// <example>
/// <para>Delete one user</para>
/// <code>Remove-ScimUser anna.berg@contoso.com</code>
/// <para>Asks, then finds the user by userName and deletes the user.</para>
/// </example>
/// <example>
/// <para>See what would be deleted</para>
/// <code>Get-ScimUser | Where-Object Active -EQ $false | Remove-ScimUser -WhatIf</code>
/// <para>Names each disabled user and deletes none.</para>
/// </example>
/// <seealso>Set-ScimUser</seealso>
[Cmdlet(VerbsCommon.Remove, "ScimUser", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, HelpUri = HelpPages.Scim)]
public sealed class RemoveScimUserCommand : TargetCommand
{
    /// <summary>The user to delete: an id, a userName, or a user object.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "UserName")]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(UserNameCompleter))]
    public ScimUserIdentity Identity { get; set; } = null!;

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        AttemptAsync(Identity, () => DeleteAsync(cancellationToken));

    private async Task DeleteAsync(CancellationToken cancellationToken)
    {
        if (!await ShouldProcessAsync(Identity.ToString(), "Delete user at " + Target.BaseUri).ConfigureAwait(false))
            return;

        string id = await Target.FindIdAsync(Identity, cancellationToken).ConfigureAwait(false);
        if (!await Target.Client.DeleteUserAsync(id, cancellationToken).ConfigureAwait(false))
            throw CommandException.UserNotFound(Identity.ToString());

        Target.RecentUsers.Remove(Identity.User?.UserName ?? Identity.Text);
    }
}

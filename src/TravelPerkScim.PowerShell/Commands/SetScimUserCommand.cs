using System.Management.Automation;
using System.Net;
using TravelPerkScim.PowerShell.Completion;
using TravelPerkScim.PowerShell.Pipeline;
using TravelPerkScim.PowerShell.Users;
using TravelPerkScim.Scim;
using TravelPerkScim.Scim.Resources;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Changes attributes of a user at TravelPerk.</summary>
/// <remarks>
/// <para>Changes the attributes given, all in one PATCH request, and leaves the others alone. $null or empty text clears an
/// attribute.</para>
/// <para>When the user comes as an object, values that the object already has are not sent. When the object has all values, nothing is
/// sent.</para>
/// </remarks>
/// <example>
/// <para>Change one attribute</para>
/// <code>Set-ScimUser anna.berg@contoso.com -Title 'Lead Engineer'</code>
/// <para>Finds the user and replaces the title.</para>
/// </example>
/// <example>
/// <para>Clear an attribute</para>
/// <code>Set-ScimUser 29 -MiddleName $null -PassThru</code>
/// <para>Removes the middle name of the user with id 29 and writes the changed user.</para>
/// </example>
/// <example>
/// <para>Give a department a new cost centre</para>
/// <code>Get-ScimUser | Where-Object CostCenter -EQ 'Marketing' | Set-ScimUser -CostCenter 'Growth'</code>
/// <para>The cost centre Growth must exist at TravelPerk.</para>
/// </example>
/// <seealso>Get-ScimUser</seealso>
/// <seealso>New-ScimUser</seealso>
[Cmdlet(VerbsCommon.Set, "ScimUser", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, HelpUri = HelpPages.Scim)]
[OutputType(typeof(ScimUser))]
public sealed class SetScimUserCommand : UserWriteCommand
{
    /// <summary>The user to change: an id, a userName, or a user object.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "UserName")]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(UserNameCompleter))]
    public ScimUserIdentity Identity { get; set; } = null!;

    /// <summary>A new userName, the e-mail address to sign in with.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? NewUserName { get; set; }

    /// <summary>First name.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? GivenName { get; set; }

    /// <summary>Last name.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? FamilyName { get; set; }

    /// <summary>Writes the changed user. Without it, nothing is written.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        AttemptAsync(Identity, () => ChangeAsync(cancellationToken));

    private protected override string ParameterOf(UserAttribute attribute) =>
        attribute == UserAttribute.UserName ? nameof(NewUserName) : attribute.Parameter;

    private async Task ChangeAsync(CancellationToken cancellationToken)
    {
        List<AttributeValue> values = await ReadAttributesAsync(Identity.ToString(), cancellationToken).ConfigureAwait(false);
        if (values.Count == 0)
        {
            throw new CommandException(
                "NothingToChange",
                ErrorCategory.InvalidArgument,
                "No attribute was given. Name at least one to change, such as -Title 'Engineer', or -Title $null to clear it."
            );
        }

        if (Identity.User is { } known)
            values.RemoveAll(value => value.IsHeldBy(known));

        values.ForEach(value => value.Check(Identity.ToString()));
        string action = "Set " + string.Join(", ", values.Select(value => value.Path));
        if (values.Count > 0 && !await ShouldProcessAsync(Identity.ToString(), action).ConfigureAwait(false))
            return;

        string id = await Target.FindIdAsync(Identity, cancellationToken).ConfigureAwait(false);
        ScimUser? changed = values.Count == 0 ? null : await PatchAsync(id, values, cancellationToken).ConfigureAwait(false);
        if (PassThru)
        {
            changed ??= await Target.FindUserAsync(new ScimUserIdentity(id), cancellationToken).ConfigureAwait(false);
            await WriteObjectAsync(changed).ConfigureAwait(false);
        }
    }

    private async Task<ScimUser?> PatchAsync(string id, List<AttributeValue> values, CancellationToken cancellationToken)
    {
        try
        {
            PatchOperation[] operations = [.. values.Select(value => value.ToPatch())];
            return await Target.Client.PatchUserAsync(id, operations, cancellationToken).ConfigureAwait(false);
        }
        catch (ScimException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            throw CommandException.UserNotFound(id, e.ErrorId);
        }
    }
}

using System.Management.Automation;
using TravelPerkScim.PowerShell.Users;
using TravelPerkScim.Scim.Resources;
using TravelPerkScim.Scim.Schema;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Creates a user at TravelPerk.</summary>
/// <remarks>
/// <para>Creates the user with the attributes given and writes the user as TravelPerk answered it. Attributes that are empty are left out.
/// The user is active unless -Active $false is given.</para>
/// <para>Cost centres, travel policies and invoice profiles must exist at TravelPerk under exactly the name given, and so must the manager.
/// TravelPerk makes the manager the approver of the user's trips when the company lets the identity provider do that.</para>
/// </remarks>
/// <example>
/// <para>Create a user with a manager</para>
/// <code>$name = @{ UserName = 'anna.berg@contoso.com'; GivenName = 'Anna'; FamilyName = 'Berg' }
/// New-ScimUser @name -Title Engineer -Manager lars.holm@contoso.com</code>
/// <para>Finds the manager by userName, then creates the user with a reference to the manager in the same request.</para>
/// </example>
/// <example>
/// <para>Create the users of a CSV file</para>
/// <code>Import-Csv ./new-users.csv | New-ScimUser -WhatIf</code>
/// <para>Shows which users would be created. The columns have the names of the parameters: UserName, GivenName, FamilyName, CostCenter and
/// so on. Without -WhatIf it creates them.</para>
/// </example>
/// <seealso>Set-ScimUser</seealso>
/// <seealso>Get-ScimUser</seealso>
[Cmdlet(VerbsCommon.New, "ScimUser", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, HelpUri = HelpPages.Scim)]
[OutputType(typeof(ScimUser))]
public sealed class NewScimUserCommand : UserWriteCommand
{
    /// <summary>The e-mail address to sign in with. No other user may have it.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string UserName { get; set; } = "";

    /// <summary>First name.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string GivenName { get; set; } = "";

    /// <summary>Last name.</summary>
    [Parameter(Mandatory = true, Position = 2, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string FamilyName { get; set; } = "";

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        AttemptAsync(UserName, () => CreateAsync(cancellationToken));

    private async Task CreateAsync(CancellationToken cancellationToken)
    {
        List<AttributeValue> values = await ReadAttributesAsync(UserName, cancellationToken).ConfigureAwait(false);
        var builder = new ScimResourceBuilder();
        if (Active is null)
            builder.Set(UserAttribute.Active.Path, true, TravelPerkSchema.Find(UserAttribute.Active.Path));

        foreach (AttributeValue value in values.Where(value => value.Value is not null))
        {
            value.Check(UserName);
            builder.Set(value.Path, value.Value, value.Definition);
        }

        if (!await ShouldProcessAsync(UserName, "Create user at " + Target.BaseUri).ConfigureAwait(false))
            return;

        ScimUser created = await Target.Client.CreateUserAsync(builder.Build(), cancellationToken).ConfigureAwait(false);
        Target.RecentUsers.Add(created.UserName);
        await WriteObjectAsync(created).ConfigureAwait(false);
    }
}

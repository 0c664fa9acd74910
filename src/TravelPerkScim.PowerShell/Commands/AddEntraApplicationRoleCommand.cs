using System.Management.Automation;
using TravelPerkScim.PowerShell.Applications;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Adds a role to an enterprise application.</summary>
/// <remarks>
/// <para>Adds the role beside the existing ones, and returns when the service principal shows it. An existing role with this value is
/// written as it is; a disabled role is enabled. A mapping finds the value of a user's role with
/// SingleAppRoleAssignment([appRoleAssignments]). Needs Application.Read.All and Application.ReadWrite.All.</para>
/// </remarks>
/// <example>
/// <para>Add a role and assign a group with it</para>
/// <code>Add-EntraApplicationRole TravelPerk Approver -Value approver
/// Add-EntraApplicationAssignment TravelPerk 'Team leads' -Role approver</code>
/// <para>Makes the role, waits until the directory shows it, and gives it to the group.</para>
/// </example>
/// <example>
/// <para>See what would be added</para>
/// <code>Add-EntraApplicationRole TravelPerk 'Travel manager' -WhatIf</code>
/// <para>Says that the role TravelManager would be added and changes nothing.</para>
/// </example>
/// <seealso>Get-EntraApplicationRole</seealso>
/// <seealso>Remove-EntraApplicationRole</seealso>
[Cmdlet(VerbsCommon.Add, "EntraApplicationRole", SupportsShouldProcess = true, HelpUri = HelpPages.Assignments)]
[OutputType(typeof(EntraApplicationRole))]
public sealed class AddEntraApplicationRoleCommand : EntraCommand
{
    /// <summary>The application: its name, application id or object id, or what Get-EntraApplication found.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    public EntraApplicationIdentity Application { get; set; } = null!;

    /// <summary>Display name of the role. Default: the value of the role. One of the two must be given.</summary>
    [Parameter(Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>The value by which mappings and tokens know the role, without blanks. Default: the name without its blanks.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidatePattern("^\\S{1,120}$")]
    public string? Value { get; set; }

    /// <summary>The purpose of the role. Default: its name.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Description { get; set; }

    private protected override Task ProcessRecordAsync(CancellationToken cancellationToken) =>
        AttemptAsync(Value ?? Name, () => AddAsync(cancellationToken));

    private async Task AddAsync(CancellationToken cancellationToken)
    {
        if (Name.Length == 0 && Value is null)
            throw new CommandException("RoleNameMissing", ErrorCategory.InvalidArgument, "A role needs a name. Give -Name or -Value.");
        string value = Value ?? string.Concat(Name.Where(character => !char.IsWhiteSpace(character)));
        EntraEnterpriseApplication application = await EntraApplicationCalls
            .FindAsync(Entra, Application, writes: true, cancellationToken)
            .ConfigureAwait(false);
        EntraApplicationRole? existing = await EntraApplicationCalls
            .FindRoleAsync(Entra, application, value, cancellationToken)
            .ConfigureAwait(false);
        bool exists = existing is { IsEnabled: true } && existing.Value == value;
        if (!exists && !await ShouldProcessAsync(application.ToString(), $"Add the role '{value}'").ConfigureAwait(false))
            return;
        EntraApplicationRole role = await EntraApplicationCalls
            .AddRoleAsync(
                Entra,
                application,
                Name.Length > 0 ? Name : value,
                value,
                Description,
                WaitProgress("Add-EntraApplicationRole"),
                cancellationToken
            )
            .ConfigureAwait(false);
        await WriteObjectAsync(role).ConfigureAwait(false);
    }
}

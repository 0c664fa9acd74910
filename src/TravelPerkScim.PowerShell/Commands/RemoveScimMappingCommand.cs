using System.Management.Automation;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.PowerShell.Jobs;
using TravelPerkScim.PowerShell.Pipeline;

namespace TravelPerkScim.PowerShell.Commands;

/// <summary>Stops provisioning a TravelPerk attribute.</summary>
/// <remarks>
/// <para>Removes the mapping of a target attribute from the job's mapping.json. Values that TravelPerk has stay there; they are no longer
/// compared or written. The remaining mapping is checked before it is saved: the last matching attribute, and attributes that TravelPerk
/// requires, cannot be removed.</para>
/// <para>A changed mapping makes the next cycle an initial one. Links are kept.</para>
/// </remarks>
/// <example>
/// <para>Leave the job title to TravelPerk</para>
/// <code>Remove-ScimMapping ./contoso title</code>
/// <para>Asks, then removes the mapping of title.</para>
/// </example>
/// <example>
/// <para>Provision no emergency contacts</para>
/// <code>Get-ScimMapping ./contoso *emergencyContact* | Remove-ScimMapping -Confirm:$false</code>
/// <para>Removes both mappings without asking.</para>
/// </example>
/// <seealso>Get-ScimMapping</seealso>
/// <seealso>Set-ScimMapping</seealso>
[Cmdlet(
    VerbsCommon.Remove,
    "ScimMapping",
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.High,
    HelpUri = HelpPages.Expressions
)]
public sealed class RemoveScimMappingCommand : MappingCommand
{
    /// <summary>The TravelPerk attributes whose mapping is removed. An attribute of an extension may have its short name, such as
    /// costCenter.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TargetAttributeCompleter))]
    public string[] TargetAttribute { get; set; } = [];

    private protected override async Task ProcessMappingAsync(
        MappingLocation location,
        SynchronizationSchema schema,
        CancellationToken cancellationToken
    )
    {
        foreach (string target in TargetAttribute)
        {
            if (!schema.UserMapping.Remove(TargetAttributeName.Resolve(target, TargetAttributeName.Known(schema))))
            {
                throw new CommandException(
                    "MappingNotFound",
                    ErrorCategory.ObjectNotFound,
                    $"The mapping has no '{target}'. Get-ScimMapping lists its attributes."
                );
            }
        }

        await SaveAsync(location, schema, $"Remove the mapping of {string.Join(", ", TargetAttribute)}").ConfigureAwait(false);
    }
}
